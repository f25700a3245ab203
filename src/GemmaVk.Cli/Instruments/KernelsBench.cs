using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Threading;
using GemmaVk.Cli.Commands;
using GemmaVk.Cli.Help;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Cli.Verifying;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Instruments;

/// <summary>Every kernel at the 12B's shapes, as time and as a share of what the device gives.</summary>
internal sealed class KernelsBench : Verb
{
    private const int Samples = 9;
    private const int MostAttempts = 3;

    internal static readonly int[] RowCounts = [1, 2, 4, 8, 128, 280, 512];
    internal static readonly int[] Depths = [0, 4096, 32_768, 131_072];

    private readonly Argument<string[]> _kernels = new("KERNEL")
    {
        Description = "Kernels to measure, such as MatVec or AttentionDecode. Default: all.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly DeviceOption _device = new();
    private readonly Option<bool> _quick = new("--quick") { Description = "A few shapes per kernel." };
    private readonly WholesOption _rows = new("--rows", $"Rows of a pass that are measured, of {string.Join(", ", RowCounts)}.", 1, "leave it out for all");
    private readonly WholesOption _depth = new("-d", $"Depths of attention that are measured, of {string.Join(", ", Depths)}.", 0, "leave it out for all");
    private readonly WholeOption _repetitions = new("-r", $"Samples per shape; the median counts. Default: {Samples}.", 3, $"leave it out for {Samples}", KernelsFile.MostSamples);
    private readonly Option<bool> _csv = new("--csv") { Description = "Comma-separated values instead of a table." };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object with every sample and its provenance, for 'gemmavk kernels compare'." };
    private readonly PathOption _save = new("--save", "The object of --json into a file, beside what is printed.");
    private readonly OwnKernelOption _kernel = new();

    public KernelsBench()
        : base("bench", "Measures every kernel at the 12B's shapes: time, GB/s, operations per second, share of this device's measured peaks, and which limit binds.")
    {
        Arguments.Add(_kernels);
        Options.Add(_device);
        Options.Add(_quick);
        Options.Add(_rows);
        Options.Add(_depth);
        Options.Add(_repetitions);
        Options.Add(_csv);
        Options.Add(_json);
        Options.Add(_save);
        Options.Add(_kernel);
    }

    public override string Title => "kernels bench";

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk kernels bench --quick",
        "gemmavk kernels bench MatVec MatMul --device vulkan --json > before.json",
        "gemmavk kernels bench AttentionDecode -d 4096,131072 --rows 1",
        "gemmavk kernels bench MatVec --rows 1 --device vulkan --kernel mat_vec_q4_dot4=my.comp",
    ];

    public override IReadOnlyList<string> First { get; } = ["--device", "--quick", "--rows", "-d", "-r", "--csv", "--json", "--kernel"];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        (bool csv, bool json) = (parsed.GetValue(_csv), parsed.GetValue(_json));
        if (csv && json)
        {
            throw new GemmaVkException("--csv and --json: expected one of them, but both came; drop one.");
        }

        IReadOnlyList<BenchShape> shapes = Shapes(parsed);
        IReadOnlyDictionary<string, string> own = _kernel.Read(parsed);
        OutputTarget? save = _save.Read(parsed) is { } file ? OutOption.TargetOf(file, "--save", own.Values) : null;
        int samples = _repetitions.Read(parsed) ?? Samples;
        string device = parsed.GetValue(_device)!;
        using Interruption.Listener interruption = surroundings.Terminal.Interruption.Listen();
        OwnKernelCheck.Run(device, own, surroundings, interruption.Token);
        // Opened alike, so that both pay for the checks of indices that the user's kernels get.
        using IBackend backend = BackendFactory.Create(device, surroundings.Log, timing: true, kernels: own, statistics: true).Backend;
        if (own.Count > 0)
        {
            backend.TakeOwnKernels(false);
        }

        using IBackend? other = own.Count > 0 ? BackendFactory.Create(device, surroundings.Log, timing: true, kernels: own, statistics: true).Backend : null;
        DevicePeaks peaks = backend.MeasurePeaks();
        List<KernelFigure> built = [], theirs = [];
        foreach (BenchShape shape in shapes)
        {
            interruption.Token.ThrowIfCancellationRequested();
            try
            {
                Measure(shape, backend, other, samples, built, theirs, own, interruption.Token);
            }
            catch (GemmaVkException error) when (error.Message.Contains("no room for", StringComparison.Ordinal))
            {
                surroundings.Terminal.Error.WriteLine($"{shape.Kernel} with {shape.Rows} rows at depth {shape.Depth} is not measured: {error.Message.TrimEnd('.')}.");
            }
        }

        if (built.Count == 0 && other is null)
        {
            throw new GemmaVkException("kernels bench: expected room for some shape, but the device has none; give a smaller depth with -d, or --quick.");
        }

        if (other is not null && theirs.Count == 0)
        {
            throw new GemmaVkException($"--kernel: expected shapes that run {string.Join(" or ", own.Keys)}, but none of the {shapes.Count} measured does; drop --quick, --rows or the names of kernels.");
        }

        KernelsReport report = new(backend.Device, peaks, other is null ? built : theirs, other is null ? null : built, own) { Compiled = (other ?? backend).Compiled };
        JsonOutput.Save(save, report.Write);
        if (json)
        {
            JsonOutput.Write(surroundings.Terminal.Out, report.Write);
        }
        else if (csv)
        {
            report.WriteCsv(surroundings.Terminal.Out);
        }
        else
        {
            report.WriteTable(surroundings.Terminal.Out);
        }

        return ExitCode.Done;
    }

    /// <summary>Samples a shape; beside a backend with kernels of the user's the two take turns, and only shapes that they run count.</summary>
    private static void Measure(
        BenchShape shape, IBackend backend, IBackend? other, int samples, List<KernelFigure> built, List<KernelFigure> theirs, IReadOnlyDictionary<string, string> own,
        CancellationToken cancel)
    {
        using KernelRun run = new(shape, backend);
        if (other is null)
        {
            Roused(backend, samples, [run], _ => run.Sample(), cancel);
            built.Add(run.Figure());
            return;
        }

        if (!run.Figure().Modules.Any(module => own.ContainsKey(module.Name)))
        {
            return;
        }

        using KernelRun second = new(shape, other);
        Roused(backend, samples, [run, second], i =>
        {
            // Each goes first as often as the other.
            KernelRun first = i % 2 == 0 ? run : second;
            first.Sample();
            (first == run ? second : run).Sample();
        }, cancel);
        if (run.Difference(second) is { } difference)
        {
            string[] ran = [.. run.Figure().Modules.Select(module => module.Name).Where(own.ContainsKey).Select(module => $"{module}={own[module]}")];
            throw new GemmaVkException(
                $"--kernel {string.Join(", ", ran)}: expected what the embedded kernel computes, but at {run.Figure().Kernel} {run.Figure().Shape}, after {samples} samples or more, {difference}. No time is shown; mend the shader: it is right at the small shapes it was checked with.");
        }

        built.Add(run.Figure());
        theirs.Add(second.Figure());
    }

    /// <summary>Takes samples at the device's full clock: those during which it fell are taken again, a few times.</summary>
    private static void Roused(IBackend backend, int samples, IReadOnlyList<KernelRun> runs, Action<int> sample, CancellationToken cancel)
    {
        backend.Rouse();
        for (int attempt = 0; attempt < MostAttempts; attempt++)
        {
            foreach (KernelRun run in runs)
            {
                run.Clear();
            }

            for (int i = 0; i < samples; i++)
            {
                cancel.ThrowIfCancellationRequested();
                sample(i);
            }

            if (!backend.Rouse())
            {
                return;
            }
        }
    }

    private IReadOnlyList<BenchShape> Shapes(ParseResult parsed)
    {
        string[] names = [.. typeof(IPass).GetMethods().Select(method => method.Name)];
        string[] asked = parsed.GetValue(_kernels) ?? [];
        foreach (string name in asked)
        {
            if (!names.Contains(name))
            {
                throw new GemmaVkException($"kernels bench {name}: expected the name of a kernel, but there is no {name}; {Names.Nearest(name, names, "'gemmavk kernels list'")}.");
            }
        }

        int[]? rows = Some(_rows, RowCounts), depths = Some(_depth, Depths);
        bool quick = parsed.GetValue(_quick);
        BenchShape[] shapes =
        [
            .. BenchShapes.All().Where(shape => (asked.Length == 0 || asked.Contains(shape.Kernel))
                && (!quick || shape.Quick)
                && (rows is null || rows.Contains(shape.Rows))
                && (depths is null || depths.Contains(shape.Depth) || !shape.Kernel.StartsWith("Attention", StringComparison.Ordinal))),
        ];
        return shapes.Length > 0 ? shapes : throw new GemmaVkException("kernels bench: expected some shape that is measured, but the kernels, --rows, -d and --quick together leave none; drop one of them.");

        // A number that nothing has would be left out without a word.
        int[]? Some(WholesOption option, int[] there) => option.Read(parsed) is not { } asked ? null
            : asked.FirstOrDefault(each => !there.Contains(each), -1) is >= 0 and var other
                ? throw new GemmaVkException($"{option.Name} {string.Join(",", asked)}: expected some of {string.Join(", ", there)}, but {other} came; leave it out for all.")
                : asked;
    }
}
