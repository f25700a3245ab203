using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Chat;
using GemmaVk.Server.Http;
using GemmaVk.Server.Service;
using GemmaVk.Text;

namespace GemmaVk.Server.Completions;

/// <summary>A request of /v1/completions.</summary>
/// <param name="Prompts">What is asked of each prompt.</param>
/// <param name="Echo">Whether the prompts are given too.</param>
/// <param name="Writes">Whether anything is written; false where only likelihoods of the prompt are wanted.</param>
/// <param name="Stream">Whether it comes as it is written.</param>
/// <param name="Usage">Whether a stream ends with what it took.</param>
internal sealed record CompletionCall(IReadOnlyList<Asked> Prompts, bool Echo, bool Writes, bool Stream, bool Usage)
{
    /// <summary>Alternatives of each token, or null where likelihoods are not wanted.</summary>
    public int? Logprobs => Prompts[0].Logprobs;
}

/// <summary>Reads a request of /v1/completions.</summary>
internal static class CompletionReader
{
    private const int UsualTokens = 16;
    private const int MostPrompts = 1024;
    private const int MostChoices = 16;
    private const int MostTop = 20;

    /// <summary>Reads it.</summary>
    public static CompletionCall Read(Fields body, ServedModel model)
    {
        ChatReader.RequireModel(body, model);
        bool echo = body.Flag("echo") ?? false;
        int most = body.Whole("max_tokens", 0, int.MaxValue) ?? UsualTokens;
        if (most == 0 && !echo)
        {
            throw ApiException.Field("max_tokens", "max_tokens: expected 1 or more, or echo beside 0, because nothing would be answered.");
        }

        AskOptions ask = new()
        {
            MaxTokens = Math.Max(1, most),
            StopTexts = SamplingReader.Stops(body, "stop"),
            Draw = SamplingReader.Draw(body),
            Shape = ToolReader.Format(body),
        };
        if (ask.Shape is not null && ask.StopTexts.Count > 0)
        {
            throw ApiException.Field("stop", "stop and the form of the answer: expected one of them, because an answer that is cut off fits no form; drop one.");
        }

        IReadOnlyList<int[]> prompts = Prompts(body, model);
        Asked asked = new(PromptRows.None, false, ask)
        {
            Choices = body.Whole("n", 1, MostChoices) ?? 1,
            Logprobs = body.Whole("logprobs", 0, MostTop),
            Tokens = body.Flag("return_tokens") ?? false,
        };
        asked = LogitReader.Over(asked, body, model, severalCalls: true);
        CompletionCall call = new(
            [.. prompts.Select(ids => asked with { Rows = new PromptRows(ids) })],
            echo,
            most > 0,
            body.Flag("stream") ?? false,
            body.Object("stream_options")?.Flag("include_usage") ?? false);
        return call.Stream && (prompts.Count > 1 || !call.Writes || (echo && call.Logprobs is not null))
            ? throw ApiException.Field("stream", "stream: expected one prompt, at least one token, and no likelihoods of the prompt; ask for the rest without stream.")
            : call;
    }

    private static IReadOnlyList<int[]> Prompts(Fields body, ServedModel model)
    {
        JsonElement prompt = body.Any("prompt") ?? throw ApiException.Field("prompt", "prompt is missing: expected a text or ids of tokens; give it.");
        if (prompt.ValueKind != JsonValueKind.Array)
        {
            return [Encoded(body.Text("prompt")!, model)];
        }

        JsonElement[] items = [.. prompt.EnumerateArray()];
        if (items.Length == 0 || items.Length > MostPrompts)
        {
            throw ApiException.Field("prompt", $"prompt: expected 1 to {MostPrompts} prompts, but {items.Length} came.");
        }

        return items[0].ValueKind == JsonValueKind.Number ? [TokenizerEndpoints.TokenIds(items, "prompt", model)] : [.. items.Select((item, i) => item.ValueKind switch
        {
            JsonValueKind.String => Encoded(item.GetString()!, model),
            JsonValueKind.Array when item.GetArrayLength() > 0 => TokenizerEndpoints.TokenIds([.. item.EnumerateArray()], $"prompt[{i}]", model),
            _ => throw ApiException.Field("prompt", $"prompt[{i}]: expected a text or ids of tokens, but {Fields.Shown(item)} came."),
        })];
    }

    private static int[] Encoded(string text, ServedModel model)
    {
        BpeTokenizer tokenizer = model.Engine.Tokenizer;
        int[] ids = tokenizer.Encode(text, specials: true);
        return ids.Length > 0 && ids[0] == tokenizer.Specials.Bos ? ids : [tokenizer.Specials.Bos, .. ids];
    }
}
