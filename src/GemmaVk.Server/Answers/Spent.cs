using System.Collections.Generic;
using System.Text.Json;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Server.Answers;

/// <summary>What an answer took, added up over a request's choices.</summary>
internal sealed class Spent
{
    private readonly HashSet<PromptRows> _prompts = [];
    private GenerationStats? _stats;

    /// <summary>Tokens of the prompt, once however many answers it got.</summary>
    public int PromptTokens { get; private set; }

    /// <summary>Those of them that were in a cache.</summary>
    public int CachedTokens { get; private set; }

    /// <summary>Tokens of the answers.</summary>
    public int AnswerTokens { get; private set; }

    /// <summary>Tokens of their thoughts.</summary>
    public int ThinkingTokens { get; private set; }

    /// <summary>Drafts that were made, and that became text.</summary>
    public (int Made, int Kept) Drafts => (_stats?.Drafting?.Drafts ?? 0, _stats?.Drafting?.Kept ?? 0);

    /// <summary>Adds an answer.</summary>
    public void Add(Asked asked, Answer answer, int reused)
    {
        AddPrompt(asked, reused);
        AnswerTokens += answer.Ids.Count;
        ThinkingTokens += answer.ThinkingTokens;
        _stats = _stats is null ? answer.Stats : new Generation([], StopReason.Stop, _stats).Then(new Generation([], StopReason.Stop, answer.Stats)).Stats;
    }

    /// <summary>Adds a prompt, unless another answer to it added it.</summary>
    public void AddPrompt(Asked asked, int reused)
    {
        if (_prompts.Add(asked.Rows))
        {
            PromptTokens += asked.Rows.Length;
            CachedTokens += reused;
        }
    }

    /// <summary>Writes "usage" as OpenAI's API has it.</summary>
    public void WriteUsage(Utf8JsonWriter json, Asked asked)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", PromptTokens);
        json.WriteNumber("completion_tokens", AnswerTokens);
        json.WriteNumber("total_tokens", PromptTokens + AnswerTokens);
        json.WriteStartObject("prompt_tokens_details");
        json.WriteNumber("cached_tokens", CachedTokens);
        json.WriteNumber("audio_tokens", asked.AudioTokens);
        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details");
        json.WriteNumber("reasoning_tokens", ThinkingTokens);
        json.WriteNumber("accepted_prediction_tokens", Drafts.Kept);
        json.WriteNumber("rejected_prediction_tokens", Drafts.Made - Drafts.Kept);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Writes "timings" as llama-server has them, and what is this program's own below "gemmavk".</summary>
    public void WriteTimings(Utf8JsonWriter json, ServedModel model)
    {
        if (_stats is not { } stats)
        {
            return;
        }

        json.WriteStartObject("timings");
        json.WriteNumber("cache_n", CachedTokens);
        Rate(json, "prompt", stats.PromptTokens, stats.PromptTime.TotalMilliseconds);
        Rate(json, "predicted", stats.AnswerTokens, stats.AnswerTime.TotalMilliseconds);
        if (stats.Drafting is { } drafting)
        {
            json.WriteNumber("draft_n", drafting.Drafts);
            json.WriteNumber("draft_n_accepted", drafting.Kept);
        }

        json.WriteStartObject("gemmavk");
        json.WriteNumber("steps", stats.Steps);
        json.WriteNumber("tokens_per_second", Rounded(stats.AnswerTokensPerSecond));
        json.WriteNumber("bytes_per_second", Rounded(stats.BytesPerSecond));
        if (stats.Steps > 0 && model.Share(stats.BytesPerSecond) is { } bandwidth)
        {
            json.WriteNumber("bandwidth_share", System.Math.Round(bandwidth, 4));
        }

        json.WriteNumber("embed_ms", Rounded(stats.EmbedTime.TotalMilliseconds));
        if (stats.Drafting is { } drafts)
        {
            json.WriteNumber("acceptance", System.Math.Round(drafts.Acceptance, 4));
            json.WriteNumber("tokens_per_step", System.Math.Round(drafts.TokensPerStep, 3));
            json.WriteStartArray("acceptance_by_place");
            foreach (double share in drafts.AcceptanceByPlace)
            {
                json.WriteNumberValue(double.IsFinite(share) ? System.Math.Round(share, 4) : 0);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Rate(Utf8JsonWriter json, string what, int count, double ms)
    {
        json.WriteNumber($"{what}_n", count);
        json.WriteNumber($"{what}_ms", Rounded(ms));
        json.WriteNumber($"{what}_per_token_ms", Rounded(count == 0 ? 0 : ms / count));
        json.WriteNumber($"{what}_per_second", Rounded(ms > 0 ? count / ms * 1000 : 0));
    }

    private static double Rounded(double value) => double.IsFinite(value) ? System.Math.Round(value, 3) : 0;
}
