using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Cli.Commands;
using GemmaVk.Cli.Instruments;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;

namespace GemmaVk.Cli.Verifying;

/// <summary>Whether a device and its driver compute what they should.</summary>
internal sealed class Verify : Verb
{
    private const int Repeats = 3;

    private readonly DeviceOption _device = new();
    private readonly Option<bool> _quick = new("--quick") { Description = "One or two shapes per kernel and format, and a few answers of the model: under a minute on a software driver." };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object instead of a page of Markdown." };
    private readonly OwnKernelOption _kernel = new();

    public Verify()
        : base("verify", "Runs every kernel in every form on a device against the scalar reference, and the small model against published answers. Exit code 2 where anything is wrong.")
    {
        Options.Add(_device);
        Options.Add(_quick);
        Options.Add(_json);
        Options.Add(_kernel);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk verify --quick",
        "gemmavk verify --device vulkan > report.md",
        "gemmavk verify --device vulkan --quick --json",
        "gemmavk verify --device vulkan --kernel mat_vec_q4_dot4=my.comp",
    ];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        bool quick = parsed.GetValue(_quick);
        IReadOnlyDictionary<string, string> own = _kernel.Read(parsed);
        long start = Stopwatch.GetTimestamp();
        using Interruption.Listener interruption = surroundings.Terminal.Interruption.Listen();
        DeviceForms forms = BackendFactory.Forms(parsed.GetValue(_device)!, surroundings.Log, own);
        IReadOnlyList<KernelCase> cases = KernelCases.All(quick);
        foreach (BackendForm form in forms.Forms)
        {
            surroundings.Terminal.Error.WriteLine($"{Cases(form, cases).Length} cases {form.Name} ...");
        }

        // Most of the time a software driver compiles, each device on one core. The forms have much code in common: the first begins at one end and
        // the others at the other, so that half of it comes out of the driver's cache.
        IReadOnlyList<KernelCase> backwards = [.. cases.Reverse()];
        IReadOnlyList<FormVerdict> verdicts = forms.SideBySide
            ? Task.WhenAll(forms.Forms.Select((form, i) => Task.Run(() => Judge(form, i == 0 ? cases : backwards, interruption.Token)))).GetAwaiter().GetResult()
            : [.. forms.Forms.Select(form => Judge(form, cases, interruption.Token))];
        HashSet<string> ran = [.. verdicts.SelectMany(verdict => verdict.Modules)];
        PebbleVerdict? pebble = Pebble(parsed, surroundings, own, quick, interruption.Token, out string? obstacle);
        VerifyReport report = new(
            verdicts, [.. forms.Modules.Where(module => !ran.Contains(module))], pebble, obstacle, own, quick, Repeats, Stopwatch.GetElapsedTime(start).TotalSeconds);
        if (parsed.GetValue(_json))
        {
            JsonOutput.Write(surroundings.Terminal.Out, report.Write);
        }
        else
        {
            report.WriteMarkdown(surroundings.Terminal.Out);
        }

        return report.Holds ? ExitCode.Done : ExitCode.MachineFailure;
    }

    private static KernelCase[] Cases(BackendForm form, IReadOnlyList<KernelCase> cases) =>
        [.. cases.Where(each => form.Kernels.Count == 0 || form.Kernels.Contains(each.Kernel))];

    private static FormVerdict Judge(BackendForm form, IReadOnlyList<KernelCase> cases, CancellationToken cancel)
    {
        using IBackend backend = form.Open();
        return new FormVerdict(form.Name, backend.Device, new KernelSweep(backend, Repeats).Run(Cases(form, cases), cancel: cancel));
    }

    private PebbleVerdict? Pebble(
        ParseResult parsed, Surroundings surroundings, IReadOnlyDictionary<string, string> own, bool quick, CancellationToken cancel, out string? obstacle)
    {
        if (ModelOption.Embedded() is not { } folder)
        {
            obstacle = "No weights/pebble lies above the program.";
            return null;
        }

        obstacle = null;
        using GemmaEngine engine = surroundings.Load(
            new EngineOptions { Model = folder, Device = parsed.GetValue(_device)!, Context = 2048, ImageTokens = 0, Tokenizer = false, Kernels = own },
            out _);
        return PebbleCheck.Run(engine, quick, cancel);
    }
}
