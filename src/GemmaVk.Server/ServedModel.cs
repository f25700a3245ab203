using System;
using GemmaVk.Media;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Service;
using GemmaVk.Sessions;

namespace GemmaVk.Server;

/// <summary>A loaded model with what serves it.</summary>
internal sealed class ServedModel : IDisposable
{
    /// <summary>Makes what serves a model.</summary>
    /// <param name="engine">The model, this one's to dispose from now on.</param>
    /// <param name="options">Limits and names.</param>
    /// <param name="meter">Takes what is measured.</param>
    public ServedModel(GemmaEngine engine, ServerOptions options, ServerMeter meter)
    {
        Engine = engine;
        Name = options.ModelName ?? engine.ModelName;
        AlsoReasoning = options.AlsoReasoning;
        Answers = new PooledAnswers(engine);
        Sessions = options.SessionFolder is { } folder ? new SessionStore(engine, folder) : null;
        Figures = new Figures(meter);
        Queue = new Admission(engine.Plan.Sessions, options.MostWaiting, options.LongestWait, Figures.AddWait);
        MediaLimits limits = new() { Pixels = options.MostPixels, Duration = options.LongestMedia, PictureFileBytes = options.MostBodyBytes };
        Loader = new MediaLoader(engine.Model.Config, options.Media, limits);
        Media = new MediaStore(wish => new MediaLoader(engine.Model.Config, wish.Over(options.Media), limits), options);
        Documents = new DocumentStore(options);
        // Before anything is answered nobody else is at the device.
        BandwidthBytesPerSecond = engine.Backend.MeasureReadBandwidth(engine.Model.Weights.Matrices);
        // The fingerprint tells answers of other weights, formats or programs from these.
        Fingerprint = $"gemmavk-{engine.Model.Identity[..Math.Min(12, engine.Model.Identity.Length)]}";
    }

    /// <summary>The engine; disposed with this.</summary>
    public GemmaEngine Engine { get; }

    /// <summary>What requests call it.</summary>
    public string Name { get; }

    /// <summary>Whether thoughts are given under both of their names.</summary>
    public bool AlsoReasoning { get; }

    /// <summary>Which weights it has.</summary>
    public string Fingerprint { get; }

    /// <summary>Where it came from, in seconds since 1970: when it was loaded.</summary>
    public long Created { get; } = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    /// <summary>What the device's memory gives when it is only read, measured over the weights; 0 where that cannot be measured.</summary>
    public double BandwidthBytesPerSecond { get; }

    /// <summary>Rows of all conversations that were planned for.</summary>
    public long PlannedRows => (long)Answers.Context * Queue.Slots;

    /// <summary>Share of those that the conversations have that are answered now; of the others the caches may go at any time.</summary>
    public double RowsInUse => (double)Answers.RowsInUse / PlannedRows;

    /// <summary>
    /// Which share of the memory's speed a rate of reading is, 0 to 1; null where that cannot be measured, and where it is above all of it: then the weights lie in the
    /// processor's cache, and the memory's speed says nothing.
    /// </summary>
    public double? Share(double bytesPerSecond) =>
        BandwidthBytesPerSecond > 0 && bytesPerSecond > 0 && bytesPerSecond <= BandwidthBytesPerSecond ? bytesPerSecond / BandwidthBytesPerSecond : null;

    /// <summary>What answers.</summary>
    public PooledAnswers Answers { get; }

    /// <summary>Saved conversations, or null where none are kept.</summary>
    public SessionStore? Sessions { get; }

    /// <summary>Who may answer, and who waits.</summary>
    public Admission Queue { get; }

    /// <summary>Reads pictures, sounds and clips.</summary>
    public MediaLoader Loader { get; }

    /// <summary>Pictures, sounds and clips of requests.</summary>
    public MediaStore Media { get; }

    /// <summary>Documents of requests.</summary>
    public DocumentStore Documents { get; }

    /// <summary>What was done so far.</summary>
    public Figures Figures { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Answers.Dispose();
        Engine.Dispose();
    }
}
