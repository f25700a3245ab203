using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Cli.Instruments;
using GemmaVk.Cli.Listings;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;
using Spectre.Console;

namespace GemmaVk.Cli.Steps;

/// <summary>Passes of a real model taken apart, in the forms they can be printed in.</summary>
/// <param name="Device">Where.</param>
/// <param name="Peaks">What the device gives.</param>
/// <param name="Cache">How positions are kept, in words.</param>
/// <param name="Passes">The passes.</param>
internal sealed record StepReport(DeviceDescription Device, DevicePeaks Peaks, string Cache, IReadOnlyList<StepTrace> Passes)
{
    private const string Schema = "gemmavk-steps-1";

    /// <summary>As a table per pass: calls of one kernel and shape together, or every call.</summary>
    public void WriteTable(TextWriter output, bool every)
    {
        output.WriteLine($"{Device.Name}, {Device.Driver}, cache {Cache}");
        output.WriteLine(KernelsReport.InWords(Peaks));
        foreach (StepTrace pass in Passes)
        {
            double length = pass.Length.TotalSeconds;
            output.WriteLine();
            output.WriteLine(Heading(pass));
            Table table = Tables.Of("kernel", "shape", "ran as", ">calls", ">us each", ">of pass", ">GB/s", ">Gop/s", ">of limit", "limit", ">gaps us");
            if (every)
            {
                foreach (StepCall call in pass.Calls)
                {
                    Row(table, new StepGroup(call.Kernel, call.Shape, call.Modules, 1, call.Dispatches.Count, call.Cost, call.Seconds, call.GapSeconds), length);
                }
            }
            else
            {
                foreach (StepGroup group in pass.Groups())
                {
                    Row(table, group, length);
                }
            }

            Tables.Console(output).Write(table);
        }

        if (Passes.Any(pass => IsAbove(pass, Peaks)))
        {
            output.WriteLine(KernelsReport.AboveLimit);
        }

        if (!every)
        {
            output.WriteLine("--verbose lists every call, --json every dispatch; --html draws them.");
        }
    }

    /// <summary>Whether some group of calls came to more than a limit.</summary>
    public static bool IsAbove(StepTrace pass, DevicePeaks peaks) => pass.Groups().Any(group => peaks.Binding(group.Cost, group.Each, group.Dispatches).Share > 1);

    /// <summary>A pass in a line.</summary>
    public static string Heading(StepTrace pass) => string.Create(
        CultureInfo.InvariantCulture,
        $"{pass.Name} at depth {pass.Depth}: {pass.Length.TotalMilliseconds:F2} ms, {pass.Calls.Count} calls, {pass.Dispatches} dispatches, gaps {pass.GapSeconds * 1e3:F2} ms ({(pass.Length > TimeSpan.Zero ? pass.GapSeconds / pass.Length.TotalSeconds : 0):P1})");

    /// <summary>As lines of comma-separated values with a heading, one per call.</summary>
    public void WriteCsv(TextWriter output)
    {
        output.WriteLine("pass,depth,call,kernel,shape,modules,dispatches,microseconds,gap_microseconds,bytes,operations,share_of_pass,limit,share_of_limit");
        foreach (StepTrace pass in Passes)
        {
            for (int i = 0; i < pass.Calls.Count; i++)
            {
                StepCall call = pass.Calls[i];
                (Limit limit, double share) = Peaks.Binding(call.Cost, call.Seconds, call.Dispatches.Count);
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{pass.Name},{pass.Depth},{i},{call.Kernel},\"{call.Shape}\",{call.Modules},{call.Dispatches.Count},{call.Seconds * 1e6:F3},{call.GapSeconds * 1e6:F3},{call.Cost.Bytes},{call.Cost.Operations},{call.Seconds / pass.Length.TotalSeconds:F6},{KernelsReport.Word(limit, call.Cost.Arithmetic)},{(double.IsNaN(share) ? "" : share.ToString("F4", CultureInfo.InvariantCulture))}"));
            }
        }
    }

    /// <summary>As an object with every dispatch.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        Provenance.Write(json, Device);
        json.WriteString("cache", Cache);
        KernelsReport.WritePeaks(json, Peaks);
        json.WriteStartArray("passes");
        foreach (StepTrace pass in Passes)
        {
            json.WriteStartObject();
            json.WriteString("pass", pass.Name);
            json.WriteNumber("depth", pass.Depth);
            json.WriteNumber("microseconds", pass.Length.TotalMicroseconds);
            json.WriteNumber("gap_microseconds", Math.Round(pass.GapSeconds * 1e6, 3));
            json.WriteNumber("dispatches", pass.Dispatches);
            json.WriteStartArray("calls");
            foreach (StepCall call in pass.Calls)
            {
                Write(json, call, pass.Length.TotalSeconds);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json, StepCall call, double length)
    {
        (Limit limit, double share) = Peaks.Binding(call.Cost, call.Seconds, call.Dispatches.Count);
        json.WriteStartObject();
        json.WriteString("kernel", call.Kernel);
        json.WriteString("shape", call.Shape);
        json.WriteNumber("bytes", call.Cost.Bytes);
        json.WriteNumber("operations", call.Cost.Operations);
        json.WriteNumber("microseconds", Math.Round(call.Seconds * 1e6, 3));
        json.WriteString("limit", KernelsReport.Word(limit, call.Cost.Arithmetic));
        KernelsReport.Peak(json, "share_of_limit", double.IsFinite(share) ? share : null);
        KernelsReport.Peak(json, "share_of_pass", length > 0 ? call.Seconds / length : null);
        json.WriteStartArray("dispatches");
        foreach (StepDispatch dispatch in call.Dispatches)
        {
            json.WriteStartObject();
            json.WriteString("module", dispatch.Module);
            json.WriteString("spirv_sha256", dispatch.Code);
            json.WriteNumber("start_microseconds", dispatch.Start.TotalMicroseconds);
            json.WriteNumber("microseconds", dispatch.Time.TotalMicroseconds);
            json.WriteNumber("gap_microseconds", dispatch.Gap.TotalMicroseconds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Row(Table table, StepGroup group, double length)
    {
        (Limit limit, double share) = Peaks.Binding(group.Cost, group.Each, group.Dispatches);
        table.Row(
            group.Kernel,
            group.Shape,
            group.Modules,
            group.Count.ToString(CultureInfo.InvariantCulture),
            (group.Each * 1e6).ToString("F1", CultureInfo.InvariantCulture),
            $"{KernelsReport.Number(group.Seconds / length * 100)} %",
            KernelsReport.Number(group.Cost.Bytes / group.Each / 1e9),
            KernelsReport.Number(group.Cost.Operations / group.Each / 1e9),
            KernelsReport.Percent(share),
            KernelsReport.Word(limit, group.Cost.Arithmetic),
            (group.GapSeconds * 1e6).ToString("F1", CultureInfo.InvariantCulture));
    }
}
