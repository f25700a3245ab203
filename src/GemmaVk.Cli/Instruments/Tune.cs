using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using GemmaVk.Cli.Commands;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using Spectre.Console;

namespace GemmaVk.Cli.Instruments;

/// <summary>Measures which forms of kernels are the fastest on a device, with the products and the attention of a model and what lies between them.</summary>
internal sealed class Tune : Verb
{
    private readonly ModelOption _model = new();
    private readonly DeviceOption _device = new();
    private readonly Option<string> _drafter = new("--drafter")
    {
        Description = "Folder of the drafter whose attention is measured too; auto takes the folder NAME-assistant beside the model's folder NAME, else 'drafter' in it; off measures none.",
        HelpName = "DIR|auto|off",
        DefaultValueFactory = _ => "auto",
    };

    private readonly PrecisionOptions _precision = new(new());
    private readonly WholeOption _within = new("--within", "Seconds after which nothing more is measured; what was measured until then is kept. Default: as long as all of it takes.", 1, "leave it out for as long as all of it takes", 86_400);

    public Tune()
        : base("tune", "Measures forms of products and of attention on a Vulkan device, and keeps the fastest for it and its driver. A GPU is measured for two seconds when a model runs there first; this takes the time that all of it needs.")
    {
        Options.Add(_model);
        Options.Add(_device);
        Options.Add(_within);
        Options.Add(_drafter);
        _precision.AddTo(this);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk tune --device vulkan",
        "gemmavk tune --model ~/gemma-4-12b-int4",
        "gemmavk tune --within 60",
    ];

    public override IReadOnlyList<string> First { get; } = ["--model", "--device", "--weights", "--within"];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        TimeSpan limit = _within.Read(parsed) is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        using GemmaEngine engine = surroundings.Load(
            new EngineOptions
            {
                Model = _model.Folder(parsed),
                Device = parsed.GetValue(_device)!,
                Precision = _precision.Read(parsed),
                ImageTokens = 0,
                Context = 1024,
                Tokenizer = false,
                Drafter = parsed.GetValue(_drafter)!,
                Tune = false,
            },
            out _);
        IBackend backend = engine.Backend;
        int measured;
        using Interruption.Listener interruption = surroundings.Terminal.Interruption.Listen();
        using (CountLine line = new(surroundings.Terminal, "forms of kernels measured"))
        {
            void Show(int done, int all)
            {
                // What was kept before stays as it was: half of it from now and half from then would be no comparison.
                interruption.Token.ThrowIfCancellationRequested();
                line.Show(done, all);
            }

            measured = backend.Tune(engine.Model.ProductSamples(), limit, again: true, Show, engine.Model.FlatSamples(), engine.AttentionSamples(everyFormat: true));
        }

        if (measured == 0)
        {
            throw new GemmaVkException(
                backend.Device.Backend == "vulkan" ? $"--within {limit.TotalSeconds}: expected time for one kernel's forms at least, but none was done; give more seconds, or leave it out."
                : $"tune: expected a Vulkan device, whose kernels have several forms, but {backend.Device.Name} ({backend.Device.Backend}) runs one of each; choose one with --device vulkan or an index that 'gemmavk doctor' shows.");
        }

        if (surroundings.Verbose)
            Write(surroundings.Terminal.Out, backend.Measured, "form");
        surroundings.Terminal.Out.WriteLine($"{backend.Device.Name}, {backend.Device.Driver}: {backend.Tuned.Count(tuned => tuned.UsualMicroseconds > tuned.Microseconds)} of {backend.Tuned.Count} forms differ from the usual ones.");
        Write(surroundings.Terminal.Out, backend.Tuned, "fastest form");
        return ExitCode.Done;
    }

    private static void Write(TextWriter output, IReadOnlyList<TunedKernel> kernels, string form)
    {
        Table table = Tables.Of("module", ">class", form, ">us", ">usual us", ">gain");
        foreach (TunedKernel tuned in kernels)
        {
            table.Row(
                tuned.Module,
                tuned.Cols == 0 ? "" : tuned.Cols.ToString(CultureInfo.InvariantCulture),
                tuned.Form,
                tuned.Microseconds.ToString("F1", CultureInfo.InvariantCulture),
                tuned.UsualMicroseconds.ToString("F1", CultureInfo.InvariantCulture),
                (tuned.UsualMicroseconds / tuned.Microseconds).ToString("F2", CultureInfo.InvariantCulture));
        }

        Tables.Console(output).Write(table);
    }
}
