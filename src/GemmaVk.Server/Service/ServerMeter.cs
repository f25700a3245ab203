using System;
using System.Collections.Generic;
using System.Diagnostics.Metrics;
using GemmaVk.Server.Answers;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace GemmaVk.Server.Service;

/// <summary>
/// The server's instruments (meter <see cref="Name"/>) and what collects them. A provider of a program around the server may listen to them too; this one
/// hears its own server's alone, of which a process may have several.
/// </summary>
internal sealed class ServerMeter : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "GemmaVk.Server";

    private readonly Meter _meter = new(Name);
    private readonly ServerState _state;

    /// <summary>Makes the instruments.</summary>
    /// <param name="state">What they measure; of a model nothing is measured before it is there.</param>
    public ServerMeter(ServerState state)
    {
        _state = state;
        FirstToken = Spread("gemmavk.time_to_first_token", "From the request to its first token.", [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]);
        BetweenTokens = Spread("gemmavk.time_between_tokens", "From a token to the next, the mean of each answer.", [0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1]);
        Whole = Spread("gemmavk.answer_duration", "From the request to its end.", [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800]);
        QueueTime = Spread("gemmavk.queue_time", "From the request to its turn, or until it was turned away.", [0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800]);
        Gauge("gemmavk.up", null, "1 once the model can answer.", () => state.Loaded is not null && state.Failure is null ? 1 : 0);
        Gauge("gemmavk.device_lost", null, "1 once the device has failed.", () => state.Failure is null ? 0 : 1);
        OfModel();
        OfFigures();
        Provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter(Name)
            .AddView(instrument => ReferenceEquals(instrument.Meter, _meter) ? null : MetricStreamConfiguration.Drop)
            .AddPrometheusExporter(exporter =>
            {
                // One server, one meter: labels that say so on every line say nothing.
                exporter.ScopeInfoEnabled = false;
                exporter.TargetInfoEnabled = false;
                exporter.ScrapeResponseCacheDurationMilliseconds = 0;
            })
            .Build();
    }

    /// <summary>What collects.</summary>
    public MeterProvider Provider { get; }

    /// <summary>Seconds from requests to first tokens.</summary>
    public Histogram<double> FirstToken { get; }

    /// <summary>Seconds from token to token, by answer.</summary>
    public Histogram<double> BetweenTokens { get; }

    /// <summary>Seconds of whole answers.</summary>
    public Histogram<double> Whole { get; }

    /// <summary>Seconds in the queue.</summary>
    public Histogram<double> QueueTime { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Provider.Dispose();
        _meter.Dispose();
    }

    private void OfModel()
    {
        ModelGauge("gemmavk.queue.running", "{answer}", "Answers that are written.", model => model.Queue.Load.Running);
        ModelGauge("gemmavk.queue.waiting", "{answer}", "Answers that wait for their turn.", model => model.Queue.Load.Waiting);
        ModelGauge("gemmavk.queue.slots", "{answer}", "Answers that may be written side by side.", model => model.Queue.Slots);
        ModelGauge("gemmavk.kv_usage_ratio", "1", "Rows of the conversations that are answered, of all rows that were planned.", model => model.RowsInUse);
        ModelGauge("gemmavk.memory.planned", "By", "What was planned for all together.", model => model.Engine.Plan.TotalBytes);
        ModelGauge("gemmavk.memory.held", "By", "What is held on the device.", model => model.Engine.Backend.Ledger.HeldBytes);
        ModelGauge("gemmavk.draft_acceptance_ratio", "1", "Share of guessed tokens that became text.", model => model.Figures.Read(figures => figures.Acceptance));
        ModelGauge("gemmavk.bandwidth_share_ratio", "1", "Share of the memory's speed that writing reached.", model => model.Share(model.Figures.Read(figures => figures.BytesPerSecond)));
        // A row is a block of its own here.
        _meter.CreateObservableGauge<long>("gemmavk.cache_config_info", () => Of(model => new Measurement<long>(
            1, new("block_size", "1"), new("num_gpu_blocks", model.PlannedRows.ToString(System.Globalization.CultureInfo.InvariantCulture)))), description: "Rows of a block and blocks of all conversations.");
    }

    private void OfFigures()
    {
        Counter("gemmavk.prompt_tokens", "{token}", "Tokens that were taken in.", figures => figures.PromptTokens);
        Counter("gemmavk.prefix_hit_tokens", "{token}", "Tokens of prompts that were in a cache.", figures => figures.CachedTokens);
        Counter("gemmavk.answer_tokens", "{token}", "Tokens that were written.", figures => figures.AnswerTokens);
        Counter("gemmavk.prompt", "s", "Time of taking in.", figures => figures.PromptSeconds);
        Counter("gemmavk.answer", "s", "Time of writing.", figures => figures.AnswerSeconds);
        Counter("gemmavk.steps", "{step}", "Passes in which answers were written.", figures => figures.Steps);
        Counter("gemmavk.draft_tokens", "{token}", "Tokens that were guessed.", figures => figures.Drafts);
        Counter("gemmavk.draft_accepted_tokens", "{token}", "Guessed tokens that became text.", figures => figures.Kept);
        Counter("gemmavk.queue_timeouts", "{request}", "Requests that were turned away after the longest time in the queue.", figures => figures.TurnedAway);
        _meter.CreateObservableCounter("gemmavk.answers", () => _state.Loaded is not { } model ? [] : model.Figures.Read<Measurement<long>[]>(figures =>
        [
            new(figures.Stopped, new KeyValuePair<string, object?>("finish", "stop")), new(figures.CutOff, new KeyValuePair<string, object?>("finish", "length")),
            new(figures.Cancelled, new KeyValuePair<string, object?>("finish", "cancelled")), new(figures.Failed, new KeyValuePair<string, object?>("finish", "failed")),
        ]), "{answer}", "Answers that ended, by how.");
    }

    private Histogram<double> Spread(string name, string what, double[] bounds) =>
        _meter.CreateHistogram(name, "s", what, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    private void Gauge(string name, string? unit, string what, Func<double> read) => _meter.CreateObservableGauge(name, read, unit, what);

    private void ModelGauge(string name, string unit, string what, Func<ServedModel, double?> read) =>
        _meter.CreateObservableGauge(name, () => _state.Loaded is { } model && read(model) is { } value ? [new Measurement<double>(value)] : (Measurement<double>[])[], unit, what);

    private void Counter(string name, string unit, string what, Func<Figures, double> read) =>
        _meter.CreateObservableCounter(name, () => Of(model => new Measurement<double>(model.Figures.Read(read))), unit, what);

    private Measurement<T>[] Of<T>(Func<ServedModel, Measurement<T>> read)
        where T : struct => _state.Loaded is { } model ? [read(model)] : [];
}
