namespace GemmaVk.Telemetry;

/// <summary>What is told beyond names, numbers and times.</summary>
public sealed record TelemetryOptions
{
    /// <summary>Whether spans carry what was said, as <c>gen_ai.input.messages</c> and <c>gen_ai.output.messages</c>. People's words end up where spans are kept.</summary>
    public bool Content { get; init; }

    /// <summary>Whether a call's span has children: <c>prefill</c>, <c>decode</c>, and with a drafter <c>draft</c>.</summary>
    public bool Phases { get; init; }

    /// <summary>Bytes per second that the device reads at most, as measured; null leaves its share out.</summary>
    public double? DeviceBandwidth { get; init; }
}
