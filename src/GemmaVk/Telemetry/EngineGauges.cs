using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics.Metrics;

namespace GemmaVk.Telemetry;

/// <summary>The state of the clients there are, asked for when somebody measures.</summary>
internal static class EngineGauges
{
    private static readonly ConcurrentDictionary<ClientTotals, (GemmaEngine Engine, string Model, double? Bandwidth)> Clients = new();

    static EngineGauges()
    {
        Gauge(GemmaTelemetry.Running, "{request}", "Answers that are being written.", static (_, engine, _) => engine.BatchLoad.Running);
        Gauge(GemmaTelemetry.Queued, "{request}", "Calls that wait.", static (totals, engine, _) => Math.Max(0, totals.Calls - engine.BatchLoad.Running));
        Gauge(GemmaTelemetry.CacheUsage, "1", "Share of the memory for caches that is taken.", static (_, engine, _) => engine.CacheUsage);
        Gauge(GemmaTelemetry.PrefixHits, "1", "Share of input tokens that were cached.", static (totals, _, _) => totals.PrefixHits);
        Gauge(GemmaTelemetry.DraftAcceptance, "1", "Share of drafts that were confirmed.", static (totals, _, _) => totals.DraftAcceptance);
        Gauge(GemmaTelemetry.ReadBandwidth, "By/s", "What decoding read in the newest answer.", static (totals, _, _) => totals.Bandwidth);
        Gauge(GemmaTelemetry.BandwidthShare, "1", "Share of the device's bandwidth.", static (totals, _, device) => totals.Bandwidth / device);
    }

    /// <summary>Tells of a client from now on, until it is removed.</summary>
    public static void Add(ClientTotals totals, GemmaEngine engine, string model, double? bandwidth)
    {
        Clients[totals] = (engine, model, bandwidth);
        if (totals.Closed)
        {
            Clients.TryRemove(totals, out _);
        }
    }

    /// <summary>Tells of a client no more: its engine may be gone.</summary>
    public static void Remove(ClientTotals totals)
    {
        totals.Closed = true;
        Clients.TryRemove(totals, out _);
    }

    private static void Gauge(string name, string unit, string what, Func<ClientTotals, GemmaEngine, double?, double?> read) =>
        GemmaTelemetry.Meter.CreateObservableGauge(name, () => Read(read), unit, what);

    private static IEnumerable<Measurement<double>> Read(Func<ClientTotals, GemmaEngine, double?, double?> read)
    {
        foreach ((ClientTotals totals, (GemmaEngine engine, string model, double? bandwidth)) in Clients)
        {
            if (read(totals, engine, bandwidth) is { } value)
            {
                yield return new Measurement<double>(value, new KeyValuePair<string, object?>("gen_ai.request.model", model));
            }
        }
    }
}
