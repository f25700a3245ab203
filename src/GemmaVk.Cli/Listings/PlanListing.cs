using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.Json;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Planning;
using Spectre.Console;

namespace GemmaVk.Cli.Listings;

/// <summary>A memory plan as tables or as an object.</summary>
/// <param name="plan">The plan.</param>
/// <param name="request">What was asked for.</param>
/// <param name="source">Where the budget comes from.</param>
/// <param name="reason">Why this device.</param>
internal sealed class PlanListing(MemoryPlan plan, PlanRequest request, string source, string reason)
{
    private readonly IReadOnlyList<PlanChoice> _choices = PlanChoice.All(request);

    /// <summary>The plan.</summary>
    public MemoryPlan Plan => plan;

    private PlanChoice? Recommended => PlanChoice.Recommended(_choices, request);

    /// <summary>As an object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("total_bytes", plan.TotalBytes);
        json.WriteNumber("budget_bytes", plan.BudgetBytes);
        json.WriteBoolean("fits", plan.Fits);
        json.WriteNumber("context", plan.Context);
        json.WriteNumber("sessions", plan.Sessions);
        json.WriteNumber("prefix_bytes", plan.PrefixBytes);
        json.WriteNumber("max_context", plan.MaxContext);
        json.WriteString("device", request.Device.Name);
        json.WriteNumber("device_total_bytes", request.Device.TotalBytes);
        json.WriteNumber("device_available_bytes", request.Device.AvailableBytes);
        json.WriteStartArray("items");
        foreach (MemoryItem item in plan.Items)
        {
            json.WriteStartObject();
            json.WriteString("name", item.Name);
            json.WriteNumber("bytes", item.Bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("choices");
        foreach (PlanChoice choice in _choices)
        {
            json.WriteStartObject();
            json.WriteString("flags", choice.Flags);
            json.WriteNumber("max_context", choice.MaxContext);
            json.WriteNumber("total_bytes", choice.TotalBytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("recommended", Recommended?.Flags);
        json.WriteEndObject();
    }

    /// <summary>As tables.</summary>
    public void WriteTables(TextWriter output)
    {
        IAnsiConsole console = Tables.Console(output);
        output.WriteLine($"{request.Model.Config.File}{(request.Model.Assumed ? " (no weights here yet: the released layout is assumed)" : "")}");
        output.WriteLine($"{request.Device.Name} ({reason})");
        Table items = Tables.Of("item", ">bytes", ">");
        foreach (MemoryItem item in plan.Items)
        {
            items.Row(item.Name, Whole(item.Bytes), PlanRefusal.Size(item.Bytes));
        }

        items.Row($"total for {(plan.Sessions == 1 ? "a context" : $"{plan.Sessions} conversations")} of {Whole(plan.Context)}", Whole(plan.TotalBytes), PlanRefusal.Size(plan.TotalBytes));
        // A flag is short; what was measured says so in a line of its own, which keeps the table within a terminal.
        bool flag = source.StartsWith('-');
        items.Row(flag ? $"budget ({source})" : "budget", Whole(plan.BudgetBytes), PlanRefusal.Size(plan.BudgetBytes));
        console.Write(items);
        if (!flag)
        {
            output.WriteLine($"The budget is what is {source}.");
        }

        if (plan.PrefixBytes > 0 && !request.Device.IsHostMemory)
        {
            output.WriteLine($"Beside it, in main memory: {PlanRefusal.Size(plan.PrefixBytes)} for {PlanItems.Prefixes}.");
        }

        Table choices = Tables.Of("what if", ">longest context", ">total", ">for a context of");
        foreach (PlanChoice choice in _choices)
        {
            choices.Row(
                choice.Flags.Length == 0 ? "as asked" : choice.Flags,
                choice.MaxContext == 0 ? "does not fit" : Whole(choice.MaxContext),
                PlanRefusal.Size(choice.TotalBytes),
                Whole(choice.Context));
        }

        console.Write(choices);
        output.WriteLine(plan.Fits
            ? $"It fits, with {PlanRefusal.Size(plan.BudgetBytes - plan.TotalBytes)} to spare."
            : plan.TooLarge is { } buffer ? $"It does not fit: {PlanRefusal.OneBuffer(buffer, request)}."
            : $"It does not fit: {PlanRefusal.Size(plan.TotalBytes - plan.BudgetBytes)} are missing.");
        output.WriteLine(Recommended switch
        {
            null => "Recommended: a machine with more memory; no choice of formats fits this one.",
            { Flags.Length: 0 } asked => $"Recommended: as asked, with up to {Whole(asked.MaxContext)} positions.",
            { } other => $"Recommended: {other.Flags}, with up to {Whole(other.MaxContext)} positions.",
        });
    }

    private static string Whole(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
