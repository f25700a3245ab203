using System;
using System.Diagnostics;
using GemmaVk.Cli.Verifying;
using GemmaVk.Tensors;
using Microsoft.Extensions.Logging;

namespace GemmaVk.Cli.Terminals;

/// <summary>What a verb runs in.</summary>
/// <param name="Terminal">Streams and Ctrl-C.</param>
/// <param name="Log">Silent unless --verbose.</param>
/// <param name="Verbose">Whether every figure is wanted.</param>
/// <param name="Tune">Whether forms of kernels that were measured on a device are taken.</param>
internal sealed record Surroundings(Terminal Terminal, ILogger Log, bool Verbose, bool Tune = true)
{
    /// <summary>
    /// Loads a model, with a line of progress where it takes long enough to be read. Where a GPU was to be found and none was, a sentence
    /// says so: nothing runs elsewhere in silence. Shaders of the user's are checked in the model's own calls.
    /// </summary>
    /// <param name="options">What to load; progress is set here.</param>
    /// <param name="loadSeconds">How long it took.</param>
    public GemmaEngine Load(EngineOptions options, out double loadSeconds)
    {
        long start = Stopwatch.GetTimestamp();
        GemmaEngine engine;
        using (ProgressLine line = new(Terminal, "loading"))
        using (CountLine tuning = new(Terminal, "forms of kernels measured"))
        {
            engine = GemmaEngine.Load(
                options with
                {
                    Progress = line.Show,
                    Notice = Tell,
                    Tune = options.Tune && Tune,
                    TuningProgress = (done, all) =>
                    {
                        // One line of the screen serves both.
                        line.Dispose();
                        tuning.Show(done, all);
                    },
                },
                Log);
        }

        loadSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (options.Device == "auto" && engine.Backend.Device.Backend == "cpu")
        {
            Terminal.Error.WriteLine($"Running on the CPU: {engine.DeviceReason}.");
        }

        foreach (string note in engine.Notes)
        {
            Tell(note);
        }

        if (options.Kernels is { Count: > 0 } own)
        {
            try
            {
                OwnKernelCheck.RunIn(engine, own, Terminal);
            }
            catch
            {
                engine.Dispose();
                throw;
            }
        }

        return engine;
    }

    private void Tell(string notice) => Terminal.Error.WriteLine($"Note: {VisibleText.Sentence(notice)}.");
}
