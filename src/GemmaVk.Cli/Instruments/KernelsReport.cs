using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Cli.Listings;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;
using Spectre.Console;

namespace GemmaVk.Cli.Instruments;

/// <summary>What measuring kernels found, in the three forms it can be printed in.</summary>
/// <param name="Device">Where.</param>
/// <param name="Peaks">What the device gives.</param>
/// <param name="Figures">The calls.</param>
/// <param name="Baseline">The same calls of the embedded modules, measured in turns; null where nothing stands for them.</param>
/// <param name="Own">Files that stood for modules.</param>
internal sealed record KernelsReport(
    DeviceDescription Device, DevicePeaks Peaks, IReadOnlyList<KernelFigure> Figures, IReadOnlyList<KernelFigure>? Baseline, IReadOnlyDictionary<string, string> Own)
{
    /// <summary>Names what the object is, and its version.</summary>
    public const string Schema = "gemmavk-kernels-1";

    /// <summary>What the driver's compiler says of the kernels; empty where it says nothing.</summary>
    public IReadOnlyList<CompiledKernel> Compiled { get; init; } = [];

    /// <summary>As an object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        Provenance.Write(json, Device);
        WritePeaks(json, Peaks);
        json.WriteStartObject("own_kernels");
        foreach ((string module, string path) in Own)
        {
            json.WriteString(module, path);
        }

        json.WriteEndObject();
        Write(json, "results", Figures);
        if (Baseline is not null)
        {
            Write(json, "baseline", Baseline);
        }

        json.WriteStartArray("compiled");
        foreach (CompiledKernel kernel in Compiled)
        {
            json.WriteStartObject();
            json.WriteString("module", kernel.Module);
            json.WriteString("constants", kernel.Constants);
            json.WriteStartObject("statistics");
            foreach ((string name, string value) in kernel.Statistics)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A device's peaks into an object that is being written.</summary>
    public static void WritePeaks(Utf8JsonWriter json, DevicePeaks peaks)
    {
        json.WriteStartObject("peaks");
        json.WriteNumber("gb_per_second", Math.Round(peaks.BytesPerSecond / 1e9, 3));
        Peak(json, "f32_gflop_per_second", peaks.F32 / 1e9);
        Peak(json, "f16_gflop_per_second", peaks.F16 / 1e9);
        Peak(json, "int8_gop_per_second", peaks.Int8 / 1e9);
        Peak(json, "matrix_f16_gflop_per_second", peaks.MatrixF16 / 1e9);
        Peak(json, "matrix_int8_gop_per_second", peaks.MatrixInt8 / 1e9);
        Peak(json, "dispatch_microseconds", peaks.DispatchSeconds * 1e6);
        json.WriteEndObject();
    }

    /// <summary>A device's peaks in a line.</summary>
    public static string InWords(DevicePeaks peaks) => string.Create(
        CultureInfo.InvariantCulture,
        $"measured peaks: read {peaks.BytesPerSecond / 1e9:F1} GB/s, F32 {Rate(peaks.F32)} GFLOP/s, F16 {Rate(peaks.F16)} GFLOP/s, INT8 {Rate(peaks.Int8)} GOP/s, {((peaks.MatrixF16 ?? peaks.MatrixInt8) is null ? "" : $"matrix units F16 {Rate(peaks.MatrixF16)} GFLOP/s, INT8 {Rate(peaks.MatrixInt8)} GOP/s, ")}dispatch {(peaks.DispatchSeconds is { } cost ? (cost * 1e6).ToString("F2", CultureInfo.InvariantCulture) : "-")} us");

    /// <summary>What a share above 100 % says; peaks are taken once, before the calls.</summary>
    public const string AboveLimit =
        "More than 100 % of a limit: the device gave more during that call than while its peaks were measured, as one does that others share or whose clock moves. Read it as: that limit binds; measure again for a number.";

    /// <summary>As lines of comma-separated values with a heading.</summary>
    public void WriteCsv(TextWriter output)
    {
        output.WriteLine("kernel,shape,rows,depth,modules,code,microseconds,samples,gb_per_second,gop_per_second,limit,share_of_limit,ratio_to_embedded");
        for (int i = 0; i < Figures.Count; i++)
        {
            KernelFigure figure = Figures[i];
            (Limit limit, double share) = Peaks.Binding(figure.Cost, figure.Median);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{figure.Kernel},\"{figure.Shape}\",{figure.Rows},{figure.Depth},{string.Join(' ', figure.Modules.Select(module => module.Name))},{string.Join(' ', figure.Modules.Select(module => module.Code))},{figure.Median * 1e6:F3},{figure.Samples.Count},{figure.BytesPerSecond / 1e9:F3},{figure.OperationsPerSecond / 1e9:F3},{Word(limit, figure)},{(double.IsNaN(share) ? "" : share.ToString("F4", CultureInfo.InvariantCulture))},{(Baseline is null ? "" : (figure.Median / Baseline[i].Median).ToString("F4", CultureInfo.InvariantCulture))}"));
        }
    }

    /// <summary>As a table.</summary>
    public void WriteTable(TextWriter output)
    {
        output.WriteLine($"{Device.Name}, {Device.Driver}");
        output.WriteLine(InWords(Peaks));
        IAnsiConsole console = Tables.Console(output);
        Table table = Baseline is null
            ? Tables.Of("kernel", "shape", ">depth", "ran as", ">us", ">GB/s", ">Gop/s", ">of limit", "limit")
            : Tables.Of("kernel", "shape", ">depth", "yours", ">embedded us", ">yours us", ">yours/embedded", "verdict");
        for (int i = 0; i < Figures.Count; i++)
        {
            KernelFigure figure = Figures[i];
            if (Baseline is null)
            {
                (Limit limit, double share) = Peaks.Binding(figure.Cost, figure.Median);
                table.Row(
                    figure.Kernel, figure.Shape, Whole(figure.Depth), string.Join(' ', figure.Modules.Select(module => module.Name)), Micros(figure.Median),
                    Number(figure.BytesPerSecond / 1e9), Number(figure.OperationsPerSecond / 1e9), Percent(share), Word(limit, figure));
            }
            else
            {
                KernelRatio ratio = KernelRatio.OfPairs(Baseline[i].Samples, figure.Samples);
                bool same = figure.Modules.SequenceEqual(Baseline[i].Modules);
                table.Row(
                    figure.Kernel, figure.Shape, Whole(figure.Depth), string.Join(' ', figure.Modules.Select(module => module.Name).Where(Own.ContainsKey)),
                    Micros(Baseline[i].Median), Micros(figure.Median), ratio.InWords, same ? "the same code" : ratio.Verdict);
            }
        }

        console.Write(table);
        if (Baseline is null && Figures.Any(figure => Peaks.Binding(figure.Cost, figure.Median).Share > 1))
        {
            output.WriteLine(AboveLimit);
        }
    }

    /// <summary>The name of a limit, with the units where it is arithmetic.</summary>
    internal static string Word(Limit limit, KernelFigure figure) => Word(limit, figure.Cost.Arithmetic);

    /// <inheritdoc cref="Word(Limit, KernelFigure)"/>
    internal static string Word(Limit limit, Arithmetic arithmetic) => limit switch
    {
        Limit.Memory => "memory",
        Limit.Cache => "cache",
        Limit.Dispatch => "dispatch",
        _ => arithmetic switch
        {
            Arithmetic.Int8 => "int8",
            Arithmetic.MatrixF16 => "matrix f16",
            Arithmetic.MatrixInt8 => "matrix int8",
            _ => "f32",
        },
    };

    /// <summary>A share in percent, or a dash where there is none.</summary>
    internal static string Percent(double share) => double.IsNaN(share) ? "-" : $"{Number(share * 100)} %";

    /// <summary>A number with two or one digits after the point.</summary>
    internal static string Number(double value) => value.ToString(value < 10 ? "F2" : "F1", CultureInfo.InvariantCulture);

    /// <summary>A number, or null, into an object that is being written.</summary>
    internal static void Peak(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } there)
        {
            json.WriteNumber(name, Math.Round(there, 4));
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static string Rate(double? perSecond) => perSecond is { } rate ? (rate / 1e9).ToString("F1", CultureInfo.InvariantCulture) : "-";

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Micros(double seconds) => (seconds * 1e6).ToString("F1", CultureInfo.InvariantCulture);

    private void Write(Utf8JsonWriter json, string name, IReadOnlyList<KernelFigure> figures)
    {
        json.WriteStartArray(name);
        foreach (KernelFigure figure in figures)
        {
            (Limit limit, double share) = Peaks.Binding(figure.Cost, figure.Median);
            json.WriteStartObject();
            json.WriteString("kernel", figure.Kernel);
            json.WriteString("shape", figure.Shape);
            json.WriteNumber("rows", figure.Rows);
            json.WriteNumber("depth", figure.Depth);
            json.WriteStartArray("modules");
            foreach ((string module, string code) in figure.Modules)
            {
                json.WriteStartObject();
                json.WriteString("name", module);
                json.WriteString("spirv_sha256", code);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteNumber("bytes", figure.Cost.Bytes);
            json.WriteNumber("operations", figure.Cost.Operations);
            json.WriteNumber("seconds", figure.Median);
            json.WriteStartArray("samples");
            foreach (double sample in figure.Samples)
            {
                json.WriteNumberValue(sample);
            }

            json.WriteEndArray();
            json.WriteNumber("gb_per_second", Math.Round(figure.BytesPerSecond / 1e9, 4));
            json.WriteNumber("gop_per_second", Math.Round(figure.OperationsPerSecond / 1e9, 4));
            json.WriteString("limit", Word(limit, figure));
            Peak(json, "share_of_limit", double.IsNaN(share) ? null : share);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
