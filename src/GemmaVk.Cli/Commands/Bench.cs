using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Measuring;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Steps;
using GemmaVk.Cli.Terminals;
using GemmaVk.Cli.Verifying;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Commands;

/// <summary>Speed, memory and load time, beside the bandwidth of the machine measured in the same run.</summary>
internal sealed class Bench : Verb
{
    private readonly ModelOption _model = new();
    private readonly MmprojOption _mmproj = new();
    private readonly DeviceOption _device = new();
    private readonly WholesOption _prompt = new("-p", "Prompt lengths; 0 for none. Default: 128.", 0, "128,512 measures two");
    private readonly WholesOption _steps = new("-n", "Decoding steps; 0 for none. Default: 32.", 0, "32,128 measures two");
    private readonly WholesOption _verify = new("--verify", "Rows of passes that check drafts, against plain steps in turns: 2 to 8.", 2, "2,4,8 measures three");
    private readonly WholesOption _parallel = new("--parallel", "Conversations that decode side by side, against one alone in turns.", 1, "1,2,4,8 measures four");
    private readonly WholesOption _restore = new(
        "--restore", "Conversations of these lengths: written to a file in the temporary folder and read back, sealed in memory and given to a session. Rates beside those of prompts.", 1, "1024,8192 measures two");

    private readonly WholesOption _depth = new("-d", "Tokens that are in the context before. Default: 0.", 0, "0,4096 measures two");
    private readonly WholeOption _repetitions = new("-r", "Repetitions; the median counts. Default: 5.", 1, "leave it out for 5");
    private readonly Option<bool> _kernels = new("--kernels") { Description = "Every kernel call of one step and of one prompt: bytes, operations, share of the device's measured peaks and of the step, gaps." };
    private readonly PathOption _html = new("--html", "With --kernels: a page with a roofline and a timeline, one file that needs nothing else.");
    private readonly OwnKernelOption _kernel = new();
    private readonly Option<bool> _csv = new("--csv") { Description = "Comma-separated values instead of a table." };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object instead of a table." };
    private readonly PathOption _save = new("--save", "The object of --json into a file, beside what is printed.");
    private readonly RealOption _assumed = new(
        "--assume-acceptance",
        "Accept drafts by a fixed pattern of this chance instead of comparing them: measures what drafting costs where the weights are made up. Marked in the output.",
        x => x is >= 0 and <= 1,
        "a number from 0 to 1",
        "leave it out to compare");

    private readonly DrafterOptions _drafter = new();
    private readonly BudgetOptions _budget = new();
    private readonly PrecisionOptions _precision = new(new Precision());

    public Bench()
        : base("bench", "Measures tokens per second for prompts (pp) and decoding (tg), GB/s, load time and peak memory.")
    {
        Options.Add(_model);
        Options.Add(_mmproj);
        Options.Add(_device);
        Options.Add(_prompt);
        Options.Add(_steps);
        Options.Add(_verify);
        Options.Add(_parallel);
        Options.Add(_restore);
        Options.Add(_depth);
        Options.Add(_repetitions);
        Options.Add(_kernels);
        Options.Add(_html);
        Options.Add(_kernel);
        Options.Add(_csv);
        Options.Add(_json);
        Options.Add(_save);
        _drafter.AddTo(this);
        Options.Add(_assumed);
        _budget.AddTo(this);
        _precision.AddTo(this);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk bench",
        "gemmavk bench --model ~/gemma-4-12b --weights int4 -p 128,512 -n 32 -d 0,4096 -r 3",
        "gemmavk bench --device cpu --json > cpu.json",
        "gemmavk bench --device vulkan --kernels -d 512 --html step.html",
        "gemmavk bench --model generated-6 --drafter off -p 0 -n 0 --verify 2,4,8",
        "gemmavk bench --model generated-6 --drafter off -p 0 -n 32 --parallel 1,2,4,8",
        "gemmavk bench --model generated-6 --drafter off -p 1024 -n 0 --restore 8192 -r 3",
        "gemmavk bench --device vulkan -r 15 --kernel mat_vec_bf16=my.comp",
        "gemmavk bench --model generated-6 --drafter assistant --assume-acceptance 0.8 -p 0 -n 64",
    ];

    public override IReadOnlyList<string> First { get; } = ["--model", "--device", "-p", "-n", "-d", "-r", "--drafter", "--json"];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        Terminal terminal = surroundings.Terminal;
        (bool csv, bool json) = (parsed.GetValue(_csv), parsed.GetValue(_json));
        if (csv && json)
        {
            throw new GemmaVkException("--csv and --json: expected one of them, but both came; drop one.");
        }

        int[] prompts = [.. (_prompt.Read(parsed) ?? [128]).Where(n => n > 0)];
        int[] stepCounts = [.. (_steps.Read(parsed) ?? [32]).Where(n => n > 0)];
        int[] verified = _verify.Read(parsed) ?? [];
        if (verified.Any(rows => rows > MatVec.MaxRows))
        {
            throw new GemmaVkException($"--verify {verified.Max()}: expected whole numbers from 2 to {MatVec.MaxRows}, separated by commas; 2,4,8 measures three.");
        }

        int[] parallel = _parallel.Read(parsed) ?? [];
        int[] depths = _depth.Read(parsed) ?? [0];
        int repetitions = _repetitions.Read(parsed) ?? 5;
        int[] restored = _restore.Read(parsed) ?? [];
        if (prompts.Length + stepCounts.Length + verified.Length + parallel.Length + restored.Length == 0)
        {
            throw new GemmaVkException("-p 0 -n 0: expected a prompt length or a number of steps, but both are off; leave one out for its default.");
        }

        float? assumed = _assumed.Read(parsed);
        string folder = _model.Folder(parsed);
        int longest = prompts.Concat(stepCounts).Append(verified.Length > 0 ? BenchRun.Passes : 0).Max();
        int behind = Math.Max(longest, 2);
        long deepest = (long)depths.Max() + behind, kept = restored.Append(0).Max() + 1L, context = Math.Max(deepest, kept);
        int most = Checkpoint.ConfigOf(folder, parsed.GetValue(_mmproj)!).MaxPositionEmbeddings;
        if (deepest > most)
        {
            throw new GemmaVkException(
                $"-d {depths.Max()} and the {behind} positions behind it that -p, -n or --verify take: expected at most {most} positions together, the model's max_position_embeddings, but {deepest} came; lower one.");
        }

        if (kept > most)
        {
            throw new GemmaVkException($"--restore {restored.Max()}: expected less than {most} tokens, the model's max_position_embeddings; lower it.");
        }

        bool steps = parsed.GetValue(_kernels);
        OutputTarget? save = _save.Read(parsed) is { } file ? OutOption.TargetOf(file, "--save", [folder]) : null;
        if (_html.Read(parsed) is not null && !steps)
        {
            throw new GemmaVkException("--html: expected --kernels with it, because the page shows single kernels; add --kernels.");
        }

        if (steps && (parallel.Length + restored.Length > 0 || assumed is not null))
        {
            throw new GemmaVkException("--kernels with --parallel, --restore or --assume-acceptance: expected prompts, steps and passes that check drafts, of one conversation; drop the others.");
        }

        if (!steps && parallel.Length + restored.Length > 0 && _kernel.Read(parsed).Count > 0)
        {
            throw new GemmaVkException("--kernel with --parallel or --restore: expected prompts, steps and passes that check drafts, of one conversation, because kernels take turns between them; drop the others.");
        }

        IReadOnlyDictionary<string, string> own = OwnKernelCheck.Read(_kernel, _device, parsed, surroundings);
        if (own.Count > 0 && csv)
        {
            throw new GemmaVkException("--csv with --kernel: expected one kind of result, but there are two, with your kernels and without; use --json.");
        }

        BenchWork work = new(prompts, stepCounts, verified, parallel, restored, depths, repetitions, assumed);
        int sessions = Math.Max(restored.Length > 0 ? 2 : 1, parallel.Append(1).Max());
        if (steps)
        {
            WriteSteps(parsed, surroundings, EngineFor(parsed, folder, (int)context, sessions, own) with { Timing = true }, work, csv, json, save);
            return ExitCode.Done;
        }

        BenchReport report = work.Run(surroundings, EngineFor(parsed, folder, (int)context, sessions, own));
        JsonOutput.Save(save, report.Write);
        if (json)
        {
            JsonOutput.Write(terminal.Out, report.Write);
        }
        else if (csv)
        {
            report.WriteCsv(terminal.Out);
        }
        else if (own.Count > 0)
        {
            report.WriteBeside(terminal.Out, string.Join(", ", own.Select(each => $"{each.Key} from {each.Value}")));
        }
        else
        {
            report.WriteTable(terminal.Out);
        }

        return ExitCode.Done;
    }

    private EngineOptions EngineFor(ParseResult parsed, string folder, int context, int sessions, IReadOnlyDictionary<string, string>? own) => _drafter.Read(
        parsed,
        _budget.Over(
            new EngineOptions
            {
                Model = folder,
                Mmproj = parsed.GetValue(_mmproj)!,
                Device = parsed.GetValue(_device)!,
                Precision = _precision.Read(parsed),
                Context = context,
                Sessions = sessions,
                ImageTokens = 0,
                Measures = true,
                Tokenizer = false,
                Kernels = own,
            },
            parsed));

    private void WriteSteps(ParseResult parsed, Surroundings surroundings, EngineOptions options, BenchWork work, bool csv, bool json, OutputTarget? save)
    {
        OutputTarget? page = _html.Read(parsed) is { } path ? OutOption.TargetOf(path, "--html", [options.Model, .. options.Kernels?.Values ?? []]) : null;
        StepReport report = work.Steps(surroundings, options);
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
            report.WriteTable(surroundings.Terminal.Out, surroundings.Verbose);
        }

        if (page is not null)
        {
            StepPage.Write(page, report);
            surroundings.Terminal.Error.WriteLine($"{page.Path}: roofline and timeline, one file for any browser.");
        }
    }
}
