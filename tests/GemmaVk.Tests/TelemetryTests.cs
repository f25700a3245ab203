using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Linq;
using System.Threading.Tasks;
using GemmaVk.Telemetry;
using GemmaVk.Tensors;
using Microsoft.Extensions.AI;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Xunit;

namespace GemmaVk.Tests;

/// <summary>What is told of calls, as exporters and listeners get it.</summary>
public sealed class TelemetryTests(PebbleEngine pebble) : IClassFixture<PebbleEngine>
{
    private const string Question = "What is the capital of Japan?";
    private static readonly ChatOptions Greedy = new() { Temperature = 0, MaxOutputTokens = 40 };

    [Fact]
    public async Task A_call_is_a_span_with_the_conventions_names()
    {
        List<Activity> spans = [];
        using TracerProvider tracing = Sdk.CreateTracerProviderBuilder().AddSource(GemmaTelemetry.ActivitySourceName).AddInMemoryExporter(spans).Build();
        using GemmaChatClient client = new(pebble.Engine) { Telemetry = new TelemetryOptions { Phases = true } };
        await client.GetResponseAsync(Question, Greedy);
        Activity span = Assert.Single(spans, each => each.DisplayName.StartsWith("chat", StringComparison.Ordinal));
        Assert.Equal("chat gemma4_unified", span.DisplayName);
        Dictionary<string, object?> tags = span.TagObjects.ToDictionary();
        Assert.Equal(("chat", "gemmavk", "gemma4_unified"), (tags["gen_ai.operation.name"], tags["gen_ai.provider.name"], tags["gen_ai.request.model"]));
        Assert.Equal((0f, 40), (tags["gen_ai.request.temperature"], tags["gen_ai.request.max_tokens"]));
        Assert.Equal((26L, 8L, 0L), (tags["gen_ai.usage.input_tokens"], tags["gen_ai.usage.output_tokens"], tags["gen_ai.usage.cache_read.input_tokens"]));
        Assert.Equal(["stop"], Assert.IsType<string[]>(tags["gen_ai.response.finish_reasons"]));
        // Nobody asked for words.
        Assert.DoesNotContain(span.TagObjects, tag => tag.Value is string text && text.Contains("Japan", StringComparison.Ordinal));

        Activity[] phases = [.. spans.Where(each => each.ParentSpanId == span.SpanId).OrderBy(each => each.StartTimeUtc)];
        Assert.Equal(pebble.Engine.Drafter is null ? ["prefill", "decode"] : ["prefill", "decode", "draft"], phases.Select(each => each.DisplayName));
        Assert.All(phases, phase => Assert.True(phase.StartTimeUtc >= span.StartTimeUtc.AddMilliseconds(-20) && phase.Duration > TimeSpan.Zero));
    }

    [Fact]
    public async Task Words_come_on_request_and_failures_have_a_type()
    {
        List<Activity> spans = [];
        using TracerProvider tracing = Sdk.CreateTracerProviderBuilder().AddSource(GemmaTelemetry.ActivitySourceName).AddInMemoryExporter(spans).Build();
        using GemmaChatClient client = new(pebble.Engine) { Telemetry = new TelemetryOptions { Content = true } };
        await client.GetResponseAsync(Question, Greedy);
        Assert.Contains("capital of Japan?", (string)spans[0].GetTagItem("gen_ai.input.messages")!, StringComparison.Ordinal);
        Assert.Contains("is Tokyo.", (string)spans[0].GetTagItem("gen_ai.output.messages")!, StringComparison.Ordinal);

        await Assert.ThrowsAsync<GemmaVkException>(() => client.GetResponseAsync(Question, new ChatOptions { MaxOutputTokens = 0 }));
        Assert.Equal((typeof(GemmaVkException).FullName, ActivityStatusCode.Error), (spans[1].GetTagItem("error.type"), spans[1].Status));
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(Question, Greedy))
        {
            break;
        }

        Assert.Equal("abandoned", spans[2].GetTagItem("error.type"));
    }

    [Fact]
    public async Task Metrics_are_exported_under_the_conventions_names()
    {
        List<Metric> metrics = [];
        using MeterProvider metering = Sdk.CreateMeterProviderBuilder().AddMeter(GemmaTelemetry.MeterName).AddInMemoryExporter(metrics).Build();
        using GemmaChatClient client = new(pebble.Engine) { Telemetry = new TelemetryOptions { DeviceBandwidth = 1e12 } };
        await client.GetResponseAsync(Question, Greedy);
        await client.GetResponseAsync(Question, Greedy);
        metering.ForceFlush();
        string[] names = [.. metrics.Select(metric => metric.Name)];
        Assert.Superset(
            new HashSet<string>
            {
                GemmaTelemetry.OperationDuration, GemmaTelemetry.TokenUsage, GemmaTelemetry.TimeToFirstChunk, GemmaTelemetry.TimePerOutputChunk,
                GemmaTelemetry.Running, GemmaTelemetry.Queued, GemmaTelemetry.CacheUsage, GemmaTelemetry.PrefixHits, GemmaTelemetry.ReadBandwidth, GemmaTelemetry.BandwidthShare,
            },
            names.ToHashSet());
        Assert.Equal("s", metrics.Find(metric => metric.Name == GemmaTelemetry.OperationDuration)!.Unit);
        (double Sum, long Count) tokens = (0, 0);
        foreach (ref readonly MetricPoint point in metrics.Find(metric => metric.Name == GemmaTelemetry.TokenUsage)!.GetMetricPoints())
        {
            tokens = (tokens.Sum + point.GetHistogramSum(), tokens.Count + point.GetHistogramCount());
        }

        Assert.Equal((68d, 4L), tokens);
    }

    [Fact]
    public async Task Gauges_tell_the_state()
    {
        ConcurrentDictionary<string, double> seen = new();
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == GemmaTelemetry.MeterName && instrument.IsObservable)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.Start();
        using (GemmaChatClient client = new(pebble.Engine))
        {
            await using IAsyncEnumerator<ChatResponseUpdate> answer = client.GetStreamingResponseAsync(Question, Greedy).GetAsyncEnumerator();
            Assert.True(await answer.MoveNextAsync());
            Task<ChatResponse> waiting = client.GetResponseAsync(Question, Greedy);
            // The two are read one after the other: who begins between them is seen in both.
            for (int i = 0; i == 0 || (i < 100 && seen[GemmaTelemetry.Running] + seen[GemmaTelemetry.Queued] == 3); i++)
            {
                listener.RecordObservableInstruments();
            }

            Assert.Equal(2, seen[GemmaTelemetry.Running] + seen[GemmaTelemetry.Queued]);
            Assert.InRange(seen[GemmaTelemetry.CacheUsage], 0.001, 1.001);
            while (await answer.MoveNextAsync())
            {
            }

            await answer.DisposeAsync();
            await waiting;
            listener.RecordObservableInstruments();
            Assert.Equal(0, seen[GemmaTelemetry.Queued]);
            Assert.InRange(seen[GemmaTelemetry.PrefixHits], 0.3, 0.5);
            Assert.True(seen[GemmaTelemetry.ReadBandwidth] > 0);
        }

        seen.Clear();
        listener.RecordObservableInstruments();
        Assert.Empty(seen);
    }

    [Fact]
    public async Task Under_the_span_of_another_nothing_is_told_twice()
    {
        List<Activity> spans = [];
        List<Metric> metrics = [];
        using TracerProvider tracing = Sdk.CreateTracerProviderBuilder().AddSource("theirs", GemmaTelemetry.ActivitySourceName).AddInMemoryExporter(spans).Build();
        using MeterProvider metering = Sdk.CreateMeterProviderBuilder().AddMeter("theirs", GemmaTelemetry.MeterName).AddInMemoryExporter(metrics).Build();
        using GemmaChatClient own = new(pebble.Engine) { Telemetry = new TelemetryOptions { Phases = true } };
        using IChatClient client = own.AsBuilder().UseOpenTelemetry(sourceName: "theirs").Build();
        await client.GetResponseAsync(Question, Greedy);
        Activity chat = Assert.Single(spans, span => span.GetTagItem("gen_ai.operation.name") is "chat");
        Assert.Equal("theirs", chat.Source.Name);
        Assert.Contains(spans, span => span.DisplayName == "prefill" && span.ParentSpanId == chat.SpanId);
        metering.ForceFlush();
        Assert.Equal(["theirs"], metrics.Where(metric => metric.Name.StartsWith("gen_ai.", StringComparison.Ordinal)).Select(metric => metric.MeterName).Distinct());
    }

    [Fact]
    public void Without_a_listener_the_updates_are_the_engines_own()
    {
        IAsyncEnumerable<ChatResponseUpdate> updates = AsyncEnumerable.Empty<ChatResponseUpdate>();
        Assert.Same(updates, new ChatTelemetry("m", new TelemetryOptions { Content = true, Phases = true }).Watch(updates, [], null, default));
    }
}
