using System;
using System.Globalization;
using System.Text;
using System.Threading.Tasks;
using GemmaVk.Runtime.Planning;
using GemmaVk.Server.Answers;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Service;

/// <summary>
/// GET /metrics in Prometheus' text format. The names that begin with "vllm:" and "llamacpp:" are those that gateways and dashboards read; an
/// OpenTelemetry instrument may have no colon in its name, which is why they are written here and not by an exporter.
/// Source: Prometheus, exposition format 0.0.4.
/// </summary>
internal sealed class MetricsEndpoint(ServerState state)
{
    /// <summary>All figures.</summary>
    public async Task Handle(HttpContext context)
    {
        StringBuilder text = new();
        Gauge(text, "gemmavk_up", "1 once the model can answer.", state.Loaded is not null && state.Failure is null ? 1 : 0);
        Gauge(text, "gemmavk_device_lost", "1 once the device has failed.", state.Failure is null ? 0 : 1);
        if (state.Loaded is { } model)
        {
            (int running, int waiting) = model.Queue.Load;
            double kv = model.Engine.Plan[PlanItems.SlidingKv] + model.Engine.Plan[PlanItems.FullKv];
            double used = kv <= 0 ? 0 : (double)running / model.Queue.Slots;
            Gauge(text, "gemmavk_queue_running", "Answers that are written.", running);
            Gauge(text, "gemmavk_queue_waiting", "Answers that wait for their turn.", waiting);
            Gauge(text, "gemmavk_queue_slots", "Answers that may be written side by side.", model.Queue.Slots);
            Gauge(text, "gemmavk_kv_usage_ratio", "Share of the planned conversations that are in use.", used);
            Gauge(text, "gemmavk_memory_planned_bytes", "What was planned for all together.", model.Engine.Plan.TotalBytes);
            Gauge(text, "gemmavk_memory_held_bytes", "What is held on the device.", model.Engine.Backend.Ledger.HeldBytes);
            Gauge(text, "vllm:num_requests_running", "Answers that are written.", running);
            Gauge(text, "vllm:num_requests_waiting", "Answers that wait for their turn.", waiting);
            Gauge(text, "vllm:kv_cache_usage_perc", "Share of the planned conversations that are in use, 0 to 1.", used);
            text.Append("# HELP vllm:cache_config_info Rows of a block and blocks of all conversations.\n# TYPE vllm:cache_config_info gauge\n");
            text.Append(CultureInfo.InvariantCulture, $"vllm:cache_config_info{{block_size=\"1\",num_gpu_blocks=\"{(long)model.Answers.Context * model.Queue.Slots}\"}} 1\n");
            Gauge(text, "llamacpp:requests_processing", "Answers that are written.", running);
            Gauge(text, "llamacpp:requests_deferred", "Answers that wait for their turn.", waiting);
            model.Figures.Read(figures => Totals(text, figures, model));
        }

        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await context.Response.WriteAsync(text.ToString(), context.RequestAborted).ConfigureAwait(false);
    }

    private static bool Totals(StringBuilder text, Figures figures, ServedModel model)
    {
        text.Append("# HELP gemmavk_answers_total Answers that ended, by how.\n# TYPE gemmavk_answers_total counter\n");
        foreach ((string how, long count) in (ReadOnlySpan<(string, long)>)[("stop", figures.Stopped), ("length", figures.CutOff), ("cancelled", figures.Cancelled), ("failed", figures.Failed)])
        {
            text.Append(CultureInfo.InvariantCulture, $"gemmavk_answers_total{{finish=\"{how}\"}} {count}\n");
        }

        Counter(text, "gemmavk_prompt_tokens_total", "Tokens that were taken in.", figures.PromptTokens);
        Counter(text, "gemmavk_prefix_hit_tokens_total", "Tokens of prompts that were in a cache.", figures.CachedTokens);
        Counter(text, "gemmavk_answer_tokens_total", "Tokens that were written.", figures.AnswerTokens);
        Counter(text, "gemmavk_prompt_seconds_total", "Time of taking in.", figures.PromptSeconds);
        Counter(text, "gemmavk_answer_seconds_total", "Time of writing.", figures.AnswerSeconds);
        Counter(text, "gemmavk_steps_total", "Passes in which answers were written.", figures.Steps);
        Counter(text, "gemmavk_draft_tokens_total", "Tokens that were guessed.", figures.Drafts);
        Counter(text, "gemmavk_draft_accepted_tokens_total", "Guessed tokens that became text.", figures.Kept);
        double rate = figures.AnswerSeconds > 0 ? figures.BytesRead / figures.AnswerSeconds : 0;
        Gauge(text, "gemmavk_draft_acceptance_ratio", "Share of guessed tokens that became text.", figures.Drafts > 0 ? (double)figures.Kept / figures.Drafts : 0);
        Gauge(text, "gemmavk_bandwidth_share_ratio", "Share of the memory's speed that writing reached.", model.BandwidthBytesPerSecond > 0 ? rate / model.BandwidthBytesPerSecond : 0);
        Counter(text, "llamacpp:prompt_tokens_total", "Tokens that were taken in.", figures.PromptTokens);
        Counter(text, "llamacpp:tokens_predicted_total", "Tokens that were written.", figures.AnswerTokens);
        Counter(text, "llamacpp:prompt_seconds_total", "Time of taking in.", figures.PromptSeconds);
        Counter(text, "llamacpp:tokens_predicted_seconds_total", "Time of writing.", figures.AnswerSeconds);
        Spread(text, "gemmavk_time_to_first_token_seconds", "From the request to its first token.", figures.FirstToken);
        Spread(text, "gemmavk_time_between_tokens_seconds", "From a token to the next, the mean of each answer.", figures.BetweenTokens);
        Spread(text, "gemmavk_answer_duration_seconds", "From the request to its end.", figures.Whole);
        Spread(text, "vllm:time_to_first_token_seconds", "From the request to its first token.", figures.FirstToken);
        Spread(text, "vllm:e2e_request_latency_seconds", "From the request to its end.", figures.Whole);
        return true;
    }

    private static void Gauge(StringBuilder text, string name, string help, double value) => One(text, name, help, "gauge", value);

    private static void Counter(StringBuilder text, string name, string help, double value) => One(text, name, help, "counter", value);

    private static void One(StringBuilder text, string name, string help, string kind, double value) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value:R}\n");

    private static void Spread(StringBuilder text, string name, string help, Histogram histogram)
    {
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} histogram\n");
        long below = 0;
        for (int i = 0; i < histogram.Counts.Length; i++)
        {
            below += histogram.Counts[i];
            string bound = i < histogram.Bounds.Length ? histogram.Bounds[i].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{le=\"{bound}\"}} {below}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"{name}_sum {histogram.Sum:R}\n{name}_count {below}\n");
    }
}
