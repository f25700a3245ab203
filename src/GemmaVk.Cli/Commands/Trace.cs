using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading;
using GemmaVk.Cli.Comparing;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Cli.Tracing;
using GemmaVk.Runtime.Forward;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Commands;

/// <summary>Every activation of a prompt in a file, or beside those of another device, precision or version: what ports are compared with.</summary>
internal sealed class Trace : Verb
{
    private readonly Argument<string?> _file = new("FILE") { Description = "With --compare: a trace that was written before, instead of a run.", Arity = ArgumentArity.ZeroOrOne };
    private readonly ModelOption _model = new();
    private readonly MmprojOption _mmproj = new();
    private readonly DeviceOption _device = new();
    private readonly Option<string?> _ids = new("--ids") { Description = "Token ids, separated by commas.", HelpName = "N,N" };
    private readonly Option<string?> _prompt = new("--prompt") { Description = "A user's message, written with the chat template.", HelpName = "TEXT" };
    private readonly Option<string?> _case = new("--case") { Description = "A safetensors file with 'ids' and, with media, 'kinds', 'image.N', 'video.N', 'audio.N'. A trace is one.", HelpName = "FILE" };
    private readonly Option<bool> _steps = new("--steps") { Description = "Also every step of each layer, as LAYER.step." };

    private readonly OutOption _out = new(
        "File to write: ids [n], float32 logits [n, vocab], hidden [layers, n, width] (input of each layer), final [n, width], soft [soft rows, width]. May be left out where something is compared.", "FILE", required: false);

    private readonly PrecisionOptions _precision = new(Precision.Reference, embedding: "as stored");
    private readonly Option<string?> _compare = new("--compare") { Description = "Another trace of the same prompt: says in which layer and step the first difference is, then shows all. Exit code 1 where there is one.", HelpName = "FILE" };
    private readonly Option<string?> _otherDevice = new("--compare-device") { Description = "Run it there too, and compare. The --compare- flags below choose that run's numbers.", HelpName = "DEVICE" };
    private readonly PrecisionOptions _otherPrecision = new(Precision.Reference, embedding: "as stored", prefix: "--compare-");

    private readonly RealOption _tolerance = new(
        "--tolerance", "How far apart is equal, as a share of an array's largest value. Default: 0.001 between F32 runs, 0.02 where a cache is FP16, 0.2 where weights, rows or a cache are INT8 or INT4.", x => x >= 0, "a number of 0 or more", "leave it out for the default");

    private readonly Option<bool> _json = new("--json") { Description = "The comparison as one JSON object." };

    public Trace()
        : base("trace", "Runs a prompt one kernel at a time and writes its activations as safetensors, or compares them with another run. In float32 unless flags say otherwise.")
    {
        Arguments.Add(_file);
        Options.Add(_model);
        Options.Add(_mmproj);
        Options.Add(_ids);
        Options.Add(_prompt);
        Options.Add(_case);
        Options.Add(_out);
        Options.Add(_steps);
        Options.Add(_compare);
        Options.Add(_otherDevice);
        Options.Add(_tolerance);
        Options.Add(_json);
        Options.Add(_device);
        _precision.AddTo(this);
        _otherPrecision.AddTo(this);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk trace --prompt \"What is 8 + 0?\" --out trace.safetensors",
        "gemmavk trace --ids 2,105,7 --steps --device cpu --out steps.safetensors",
        "gemmavk trace --model tests/golden/tiny --case tests/golden/tiny-cases/text.safetensors --out text.safetensors",
        "gemmavk trace --prompt Hello --steps --device vulkan --compare-device cpu",
        "gemmavk trace --prompt Hello --compare-kv int8",
        "gemmavk trace after.safetensors --compare before.safetensors",
    ];

    public override IReadOnlyList<string> First { get; } = ["--model", "--device", "--prompt", "--case", "--steps", "--out", "--compare", "--compare-device"];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        (string? ids, string? prompt, string? @case, string? compare, string? file) =
            (parsed.GetValue(_ids), parsed.GetValue(_prompt), parsed.GetValue(_case), parsed.GetValue(_compare), parsed.GetValue(_file));
        bool again = parsed.GetValue(_otherDevice) is not null || _otherPrecision.IsGiven(parsed);
        bool hasOut = parsed.GetResult(_out) is not null;
        float? tolerance = _tolerance.Read(parsed);
        if (compare is not null && again)
        {
            throw new GemmaVkException("--compare and --compare-device: expected one of them, a file or a second run; drop one.");
        }

        if (file is not null)
        {
            if (compare is null || ids is not null || prompt is not null || @case is not null || hasOut)
            {
                throw new GemmaVkException($"trace {file}: expected a trace that was written before, with --compare OTHER and nothing to run or write; a prompt goes behind --prompt, and 'gemmavk trace --help' shows examples.");
            }

            return Show(parsed, surroundings, TraceComparison.Of((compare, compare), (file, file), tolerance ?? ActivationTolerances.Float32Share, Why(tolerance, "two files, taken to be F32 runs")));
        }

        bool compares = compare is not null || again;
        if (!hasOut && !compares)
        {
            throw new GemmaVkException("trace: expected --out FILE, or --compare or a --compare- flag; they say what becomes of the activations.");
        }

        if (!compares && (tolerance is not null || parsed.GetValue(_json)))
        {
            throw new GemmaVkException("--tolerance and --json: expected together with --compare or a --compare- flag, which they are about; drop them.");
        }

        string folder = _model.Folder(parsed), mmproj = parsed.GetValue(_mmproj)!;
        string? path = hasOut ? OutOption.TargetOf(_out.Read(parsed), read: [folder, @case, compare, mmproj]).Ordinary().Path : null;
        TraceInput input = TraceInput.Of(ids, prompt, @case);
        using Interruption.Listener interruption = surroundings.Terminal.Interruption.Listen();
        DirectoryInfo? temporary = compares ? Directory.CreateTempSubdirectory("gemmavk-trace-") : null;
        try
        {
            string first = path ?? Path.Combine(temporary!.FullName, "first.safetensors");
            TraceRun run = Execute(parsed, surroundings, (folder, mmproj, parsed.GetValue(_device)!), _precision, input, first, interruption.Token);
            surroundings.Terminal.Error.WriteLine($"{(path is null ? "" : $"{_out.Read(parsed)}: ")}{run.Tokens} tokens on {run.Device}");
            if (compare is not null)
            {
                // The file is taken for a run in F32 on the checkpoint's own values, of which the embedding's format is one.
                Precision stored = Precision.Reference with { Embedding = _precision.Read(parsed).Embedding is null ? run.Precision.Embedding : null };
                (double within, string reason) = ActivationTolerances.Between(run.Precision, stored);
                return Show(parsed, surroundings, TraceComparison.Of((compare, compare), (first, $"this run ({run.InWords})"), tolerance ?? within, Why(tolerance, reason)));
            }

            if (!again)
            {
                return ExitCode.Done;
            }

            string second = Path.Combine(temporary!.FullName, "second.safetensors");
            TraceRun other = Execute(parsed, surroundings, (folder, mmproj, parsed.GetValue(_otherDevice) ?? parsed.GetValue(_device)!), _otherPrecision, input, second, interruption.Token);
            surroundings.Terminal.Error.WriteLine($"{other.Tokens} tokens on {other.Device}");
            (double share, string why) = ActivationTolerances.Between(run.Precision, other.Precision);
            return Show(parsed, surroundings, TraceComparison.Of((second, $"the other ({other.InWords})"), (first, $"this run ({run.InWords})"), tolerance ?? share, Why(tolerance, why)));
        }
        finally
        {
            temporary?.Delete(recursive: true);
        }
    }

    private TraceRun Execute(
        ParseResult parsed, Surroundings surroundings, (string Folder, string Mmproj, string Device) model, PrecisionOptions precision, TraceInput input, string path, CancellationToken cancel) =>
        TraceRun.Write(surroundings, model, precision.Read(parsed), input, parsed.GetValue(_steps), path, cancel);

    private int Show(ParseResult parsed, Surroundings surroundings, ComparisonReport report)
    {
        if (parsed.GetValue(_json))
        {
            JsonOutput.Write(surroundings.Terminal.Out, report.WriteJson);
        }
        else
        {
            report.WriteText(surroundings.Terminal.Out);
        }

        return report.Holds ? ExitCode.Done : ExitCode.UserError;
    }

    private static string Why(float? given, string why) => given is null ? why : "as --tolerance says";
}
