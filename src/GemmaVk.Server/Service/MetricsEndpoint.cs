using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GemmaVk.Server.Service;

/// <summary>
/// GET /metrics: the server's instruments as OpenTelemetry's exporter writes them, and some of them once more under the names that gateways and dashboards
/// read. Those have a colon, which the name of an instrument may not have.
/// Source: Prometheus, exposition format 0.0.4.
/// </summary>
internal sealed class MetricsEndpoint
{
    private static readonly Dictionary<string, string[]> OtherNames = new()
    {
        ["gemmavk_queue_running"] = ["vllm:num_requests_running", "llamacpp:requests_processing"],
        ["gemmavk_queue_waiting"] = ["vllm:num_requests_waiting", "llamacpp:requests_deferred"],
        ["gemmavk_kv_usage_ratio"] = ["vllm:kv_cache_usage_perc"],
        ["gemmavk_cache_config_info"] = ["vllm:cache_config_info"],
        ["gemmavk_time_to_first_token_seconds"] = ["vllm:time_to_first_token_seconds"],
        ["gemmavk_answer_duration_seconds"] = ["vllm:e2e_request_latency_seconds"],
        ["gemmavk_prompt_tokens_total"] = ["llamacpp:prompt_tokens_total"],
        ["gemmavk_answer_tokens_total"] = ["llamacpp:tokens_predicted_total"],
        ["gemmavk_prompt_seconds_total"] = ["llamacpp:prompt_seconds_total"],
        ["gemmavk_answer_seconds_total"] = ["llamacpp:tokens_predicted_seconds_total"],
    };

    private readonly RequestDelegate _exporter;

    /// <summary>Takes the exporter out of its place in a pipeline of its own.</summary>
    public MetricsEndpoint(IEndpointRouteBuilder app, ServerMeter meter) =>
        _exporter = app.CreateApplicationBuilder().UseOpenTelemetryPrometheusScrapingEndpoint(meter.Provider, _ => true, null, null, null).Build();

    /// <summary>All figures.</summary>
    public async Task Handle(HttpContext context)
    {
        // The plain format: what is added would not fit behind the end mark of the other.
        context.Request.Headers.Remove("Accept");
        Stream body = context.Response.Body;
        using MemoryStream written = new();
        context.Response.Body = written;
        try
        {
            await _exporter(context).ConfigureAwait(false);
        }
        finally
        {
            context.Response.Body = body;
        }

        byte[] all = Encoding.UTF8.GetBytes(WithOtherNames(Encoding.UTF8.GetString(written.GetBuffer().AsSpan(0, (int)written.Length))));
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        context.Response.ContentLength = all.Length;
        await body.WriteAsync(all, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>The text with the lines of some instruments a second time, under their other names.</summary>
    private static string WithOtherNames(string text)
    {
        StringBuilder all = new();
        Dictionary<string, StringBuilder> others = [];
        string name = "";
        // Braces without labels are legal, but not every reader knows that.
        foreach (string line in text.Replace("{} ", " ", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line != "# EOF"))
        {
            all.Append(line).Append('\n');
            // "# HELP name text" or "# TYPE name kind" stand before an instrument's lines.
            name = line.StartsWith("# ", StringComparison.Ordinal) ? line.Split(' ')[2] : name;
            foreach (string other in OtherNames.GetValueOrDefault(name, []))
            {
                others.TryAdd(other, new StringBuilder());
                others[other].Append(line.Replace(name, other, StringComparison.Ordinal)).Append('\n');
            }
        }

        foreach (StringBuilder lines in others.Values)
        {
            all.Append(lines);
        }

        return all.ToString();
    }
}
