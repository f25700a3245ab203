using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace GemmaVk.Telemetry;

/// <summary>
/// What the chat client tells of its calls, under the names of OpenTelemetry's conventions for generative models (semantic conventions 1.37, gen-ai) where they
/// have one and under <c>gemmavk.</c> where they have none. Subscribe to <see cref="ActivitySourceName"/> and <see cref="MeterName"/>; while nobody does, a call
/// costs a look whether somebody does.
/// </summary>
public static class GemmaTelemetry
{
    /// <summary>Name of the source of spans: <c>chat MODEL</c>, and its phases where asked for.</summary>
    public const string ActivitySourceName = "GemmaVk";

    /// <summary>Name of the meter.</summary>
    public const string MeterName = "GemmaVk";

    /// <summary>Histogram: seconds of a call.</summary>
    public const string OperationDuration = "gen_ai.client.operation.duration";

    /// <summary>Histogram: tokens of a call, by gen_ai.token.type.</summary>
    public const string TokenUsage = "gen_ai.client.token.usage";

    /// <summary>Histogram: seconds from the call to the first part of the answer.</summary>
    public const string TimeToFirstChunk = "gen_ai.client.operation.time_to_first_chunk";

    /// <summary>Histogram: seconds between two parts of the answer.</summary>
    public const string TimePerOutputChunk = "gen_ai.client.operation.time_per_output_chunk";

    /// <summary>Gauge: answers that are being written.</summary>
    public const string Running = "gemmavk.requests.running";

    /// <summary>Gauge: calls that wait for a session or for the device.</summary>
    public const string Queued = "gemmavk.requests.queued";

    /// <summary>Gauge: share of the memory planned for caches that is taken.</summary>
    public const string CacheUsage = "gemmavk.cache.usage";

    /// <summary>Gauge: share of all input tokens so far that were in a cache already.</summary>
    public const string PrefixHits = "gemmavk.prefix.hit_ratio";

    /// <summary>Gauge: share of all drafts so far that the model confirmed; absent without a drafter.</summary>
    public const string DraftAcceptance = "gemmavk.draft.acceptance_ratio";

    /// <summary>Gauge: bytes per second that decoding read in the newest answer.</summary>
    public const string ReadBandwidth = "gemmavk.bandwidth.read";

    /// <summary>Gauge: <see cref="ReadBandwidth"/> as a share of <see cref="TelemetryOptions.DeviceBandwidth"/>; absent where that is not given.</summary>
    public const string BandwidthShare = "gemmavk.bandwidth.share";

    internal static readonly ActivitySource Source = new(ActivitySourceName);

    internal static readonly Meter Meter = new(MeterName);

    // The conventions' advice on buckets.
    private static readonly double[] Seconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
    private static readonly int[] Counts = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

    internal static readonly Histogram<double> Duration = OfTime(OperationDuration, "Duration of a call.");

    internal static readonly Histogram<int> Tokens = Meter.CreateHistogram(TokenUsage, "{token}", "Tokens of a call.", null, new InstrumentAdvice<int> { HistogramBucketBoundaries = Counts });

    internal static readonly Histogram<double> FirstChunk = OfTime(TimeToFirstChunk, "Time to the first part of an answer.");

    internal static readonly Histogram<double> OutputChunk = OfTime(TimePerOutputChunk, "Time between two parts of an answer.");

    /// <summary>Whether anybody listens to calls.</summary>
    internal static bool IsHeard => Source.HasListeners() || Duration.Enabled || Tokens.Enabled || FirstChunk.Enabled || OutputChunk.Enabled;

    private static Histogram<double> OfTime(string name, string what) =>
        Meter.CreateHistogram(name, "s", what, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
}
