using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.Threading;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Commands;

/// <summary>A checkpoint of the real size whose weights come from a formula.</summary>
internal sealed class MakeCheckpoint : Verb
{
    private readonly Argument<string> _kind = new("kind")
    {
        Description = $"{string.Join(", ", GeneratedCheckpoint.Kinds)}.",
        HelpName = string.Join('|', GeneratedCheckpoint.Kinds),
    };

    private readonly OutOption _out = new("Folder to write: new or empty.", "DIR");

    public MakeCheckpoint()
        : base("make-checkpoint", "Writes a checkpoint of the 12B's real sizes from a formula: to test and measure without the real weights. It writes nonsense.")
    {
        Arguments.Add(_kind);
        Options.Add(_out);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk make-checkpoint generated-6 --out /tmp/generated-6",
        "gemmavk bench --model /tmp/generated-6 --device cpu",
    ];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        string folder = _out.Read(parsed);
        string kind = parsed.GetValue(_kind)!;
        long total = GeneratedCheckpoint.DataBytes(kind);
        long written = 0;
        long start = Stopwatch.GetTimestamp();
        using (Interruption.Listener interruption = surroundings.Terminal.Interruption.Listen())
        using (ProgressLine line = new(surroundings.Terminal, "writing"))
        {
            GeneratedCheckpoint.Write(kind, folder, bytes => line.Show(Interlocked.Add(ref written, bytes), total), interruption.Token);
        }

        surroundings.Terminal.Error.WriteLine(ProgressLine.Summary($"{folder}", total, Stopwatch.GetElapsedTime(start)));
        return ExitCode.Done;
    }
}
