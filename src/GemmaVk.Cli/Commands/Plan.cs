using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Planning;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Commands;

/// <summary>What running a model will take, item by item, before anything is loaded.</summary>
internal sealed class Plan : Verb
{
    private readonly ModelOption _model = new();
    private readonly MmprojOption _mmproj = new();
    private readonly DeviceOption _device = new();
    private readonly WholeOption _context = new(
        "--context", "Positions of a session. Default: as many as fit, at most what the model allows.", 1, "leave it out for the longest that fits");

    private readonly WholeOption _sessions = new("--sessions", "Conversations that are held at once. Default: 1.", 1, "leave it out for one");

    private readonly Option<string> _drafter = new("--drafter")
    {
        Description = "Folder of the drafter to count; auto takes the folder NAME-assistant beside the model's folder NAME, else 'drafter' in it; off counts none.",
        HelpName = "DIR|auto|off",
        DefaultValueFactory = _ => "auto",
    };

    private readonly WholeOption _pictures = new(
        "--image-tokens",
        "Soft tokens of the largest picture; 0 counts text alone, which is what 'generate' loads without pictures, sounds and clips. Default: what the checkpoint's processor takes.",
        0,
        "leave it out for the checkpoint's own",
        1120);

    private readonly Option<bool> _json = new("--json") { Description = "One JSON object: total_bytes, budget_bytes, fits, context, sessions, prefix_bytes, max_context, items, choices, recommended." };
    private readonly BudgetOptions _budget = new();
    private readonly PrecisionOptions _precision = new(new Precision());

    public Plan()
        : base("plan", "Shows what a model will take on a device before anything is loaded, the longest context that fits, and what other choices would hold. Exit code 1 where it does not fit.")
    {
        Options.Add(_model);
        Options.Add(_mmproj);
        Options.Add(_device);
        Options.Add(_context);
        Options.Add(_sessions);
        _budget.AddTo(this);
        Options.Add(_drafter);
        Options.Add(_pictures);
        Options.Add(_json);
        _precision.AddTo(this);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk plan",
        "gemmavk plan --model ~/gemma-4-12b --budget 16GiB",
        "gemmavk plan --model ~/gemma-4-12b --drafter ~/gemma-4-12b-assistant --context 131072 --device vulkan",
        "gemmavk plan --model ~/gemma-4-12b --sessions 4 --context 32768 --shared-prefixes 1GiB",
        "gemmavk plan --model ~/gemma-4-12b --budget 8GiB --embedding int4 --drafter off --json",
    ];

    public override IReadOnlyList<string> First { get; } = ["--model", "--device", "--context", "--budget", "--drafter", "--weights", "--kv", "--json"];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        EngineOptions options = _budget.Over(
            new EngineOptions
            {
                Model = _model.Folder(parsed),
                Mmproj = parsed.GetValue(_mmproj)!,
                Device = parsed.GetValue(_device)!,
                Precision = _precision.Read(parsed),
                Context = _context.Read(parsed),
                Sessions = _sessions.Read(parsed) ?? 1,
                Drafter = parsed.GetValue(_drafter)!,
                ImageTokens = _pictures.Read(parsed),
            },
            parsed);
        PlanRequest request = EnginePlan.Ask(options, out string reason);
        PlanListing listing = new(MemoryPlanner.Plan(request), request, options.Budget is null ? EnginePlan.Available(request.Device) : "--budget", reason);
        TextWriter output = surroundings.Terminal.Out;
        if (parsed.GetValue(_json))
        {
            JsonOutput.Write(output, listing.Write);
        }
        else
        {
            listing.WriteTables(output);
        }

        return listing.Plan.Fits ? ExitCode.Done : ExitCode.UserError;
    }
}
