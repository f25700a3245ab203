using System;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Documents.Tests.Made;

/// <summary>A manual of any number of pages, of which each states one torque and one part number that stand nowhere else.</summary>
internal static class Manual
{
    private static readonly string[] Parts = ["flange", "gearbox", "valve", "rotor", "bearing", "piston", "shaft", "clutch", "pump", "lever", "spring", "bracket", "hinge", "nozzle", "gasket", "coupling"];
    private static readonly string[] Places = ["upper", "lower", "front", "rear", "left", "right", "inner", "outer"];

    private static readonly string[] Filler =
    [
        "Clean all surfaces before work begins and remove any old grease with a dry cloth.", "Wear gloves, and make sure that the power is off and cannot be switched on by others.",
        "Inspect the seat for cracks, dents and traces of wear, and replace what is damaged.", "Never use force: a part that does not slide into its place is not aligned as it should be.",
        "Write down the date of the work and the name of the person who did it in the log.", "Use only tools that are listed in the appendix and calibrated within the last year.",
        "After assembly turn the machine by hand three times and listen for unusual sounds.", "Dispose of oil and filters as the rules of your country demand, and keep the receipts.",
    ];

    /// <summary>What the page is about: "upper flange of unit 17".</summary>
    public static string Subject(int page) => $"{Places[page % Places.Length]} {Parts[(page / Places.Length) % Parts.Length]} of unit {Unit(page)}";

    /// <summary>Its torque in newton metres.</summary>
    public static int Torque(int page) => 20 + (page * 7 % 480);

    /// <summary>Its part number.</summary>
    public static string Number(int page) => $"KX{10_000 + (page * 37)}";

    /// <summary>The manual.</summary>
    public static byte[] Pdf(int pages)
    {
        PdfFile pdf = new();
        for (int page = 1; page <= pages; page++)
        {
            pdf.Page().Line("Service manual of the Kestrel machine", 60, 810, 8).Line($"Page {page}", 500, 30, 8)
                .Line($"{page}. The {Subject(page)}", 60, 760, 16);
            List<string> lines = [.. Enumerable.Range(0, 36).Select(i => Filler[(page + (i * 5)) % Filler.Length])];
            lines[17] = $"Tighten the {Subject(page)} to a torque of {Torque(page)} Nm.";
            lines[24] = $"The part number of the {Subject(page)} is {Number(page)}.";
            pdf.Lines(lines, 60, 720);
        }

        return pdf.Bytes();
    }

    private static int Unit(int page) => 1 + (page / (Places.Length * Parts.Length)) + (page % 3 * 10);
}
