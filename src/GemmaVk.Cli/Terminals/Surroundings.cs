using System;
using System.Diagnostics;
using GemmaVk.Tensors;
using Microsoft.Extensions.Logging;

namespace GemmaVk.Cli.Terminals;

/// <summary>What a verb runs in.</summary>
/// <param name="Terminal">Streams and Ctrl-C.</param>
/// <param name="Log">Silent unless --verbose.</param>
internal sealed record Surroundings(Terminal Terminal, ILogger Log)
{
    /// <summary>Loads a model, with a line of progress where it takes long enough to be read.</summary>
    /// <param name="options">What to load; progress is set here.</param>
    /// <param name="loadSeconds">How long it took.</param>
    public GemmaEngine Load(EngineOptions options, out double loadSeconds)
    {
        long start = Stopwatch.GetTimestamp();
        GemmaEngine engine;
        using (ProgressLine line = new(Terminal, "loading"))
        {
            engine = GemmaEngine.Load(options with { Progress = line.Show }, Log);
        }

        loadSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach (string note in engine.Notes)
        {
            Terminal.Error.WriteLine($"Note: {VisibleText.Sentence(note)}.");
        }

        return engine;
    }
}
