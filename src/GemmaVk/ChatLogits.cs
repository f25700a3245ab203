using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using GemmaVk.Runtime.Logits;
using GemmaVk.Tensors;
using Microsoft.Extensions.AI;

namespace GemmaVk;

/// <summary>What a call of <see cref="IChatClient"/> wants of logits: penalties from its own options, the rest from its additional properties.</summary>
internal static class ChatLogits
{
    /// <summary>The options in the engine's terms; null where none is given.</summary>
    /// <param name="options">Of the call.</param>
    /// <exception cref="GemmaVkException">A value that cannot be honoured.</exception>
    public static LogitOptions? From(ChatOptions options)
    {
        Require(options.FrequencyPenalty is null or (>= -LogitOptions.LargestPenalty and <= LogitOptions.LargestPenalty), "FrequencyPenalty", "-2 to 2", options.FrequencyPenalty);
        Require(options.PresencePenalty is null or (>= -LogitOptions.LargestPenalty and <= LogitOptions.LargestPenalty), "PresencePenalty", "-2 to 2", options.PresencePenalty);
        object? wants = Property(options, GemmaChatClient.Logprobs), top = Property(options, GemmaChatClient.TopLogprobs);
        double? count = top is null ? null : Number(top);
        Require(top is null || count is >= 0 and <= LogitOptions.MostTop && count % 1 == 0, Name(GemmaChatClient.TopLogprobs), "a whole number from 0 to 20", top);
        bool? asked = wants switch
        {
            null => null,
            bool flag => flag,
            JsonElement { ValueKind: JsonValueKind.True } => true,
            JsonElement { ValueKind: JsonValueKind.False } => false,
            _ => throw Wrong(Name(GemmaChatClient.Logprobs), "true or false", wants),
        };
        Require(asked != false || count is null or 0, Name(GemmaChatClient.TopLogprobs), $"nothing where {GemmaChatClient.Logprobs} is false", top);
        object? repetition = Property(options, GemmaChatClient.RepetitionPenalty);
        float penalty = repetition is null ? 1 : (float)(Number(repetition) ?? double.NaN);
        Require(penalty > 0 && float.IsFinite(penalty), Name(GemmaChatClient.RepetitionPenalty), "a finite number above 0", repetition);
        LogitOptions all = new()
        {
            TopLogprobs = asked == false || (asked is null && count is null) ? null : (int)(count ?? 0),
            Bias = Property(options, GemmaChatClient.LogitBias) is { } bias ? Biases(bias) : new Dictionary<int, float>(),
            FrequencyPenalty = options.FrequencyPenalty ?? 0,
            PresencePenalty = options.PresencePenalty ?? 0,
            RepetitionPenalty = penalty,
        };
        return all.IsActive ? all : null;
    }

    /// <summary>What came since the piece before, as properties of an update; null for nothing.</summary>
    public static AdditionalPropertiesDictionary? Piece(List<TokenLogprob> logprobs)
    {
        if (logprobs.Count == 0)
        {
            return null;
        }

        TokenLogprob[] piece = [.. logprobs];
        logprobs.Clear();
        return new() { [GemmaChatClient.Logprobs] = piece };
    }

    /// <summary>Gives an answer that is put together the log-probabilities of all its pieces.</summary>
    public static void Join(IReadOnlyList<ChatResponseUpdate> updates, ChatResponse response)
    {
        List<TokenLogprob> all = [.. updates.SelectMany(update =>
            update.AdditionalProperties?.TryGetValue(GemmaChatClient.Logprobs, out object? piece) == true ? (IReadOnlyList<TokenLogprob>)piece! : [])];
        if (all.Count > 0)
        {
            (response.Messages[^1].AdditionalProperties ??= [])[GemmaChatClient.Logprobs] = all;
        }
    }

    private static Dictionary<int, float> Biases(object given)
    {
        const string Expected = "token ids with numbers from -100 to 100";
        string name = Name(GemmaChatClient.LogitBias);
        Dictionary<int, float> all = [];
        IEnumerable<(object Id, object? Bias)> pairs = given switch
        {
            JsonElement { ValueKind: JsonValueKind.Object } element => element.EnumerateObject().Select(pair => ((object)pair.Name, (object?)pair.Value)),
            IDictionary dictionary => dictionary.Keys.Cast<object>().Select(key => (key, dictionary[key])),
            IEnumerable<KeyValuePair<int, float>> numbers => numbers.Select(pair => ((object)pair.Key, (object?)pair.Value)),
            _ => throw Wrong(name, Expected, given),
        };
        foreach ((object id, object? bias) in pairs)
        {
            double? at = id is string text ? (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int parsed) ? parsed : null) : Number(id);
            Require(at is >= 0 and <= int.MaxValue && at % 1 == 0, name, Expected, id);
            Require(bias is not null && Number(bias) is >= -LogitOptions.LargestBias and <= LogitOptions.LargestBias, name, Expected, bias);
            all[(int)at!.Value] = (float)Number(bias!)!.Value;
        }

        return all;
    }

    private static object? Property(ChatOptions options, string name) => options.AdditionalProperties?.TryGetValue(name, out object? value) == true ? value : null;

    private static double? Number(object value) => value switch
    {
        JsonElement { ValueKind: JsonValueKind.Number } element => element.GetDouble(),
        byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string Name(string property) => $"AdditionalProperties[\"{property}\"]";

    private static void Require(bool met, string option, string expected, object? came)
    {
        if (!met)
        {
            throw Wrong(option, expected, came);
        }
    }

    private static GemmaVkException Wrong(string option, string expected, object? came) =>
        new(string.Create(CultureInfo.InvariantCulture, $"ChatOptions.{option}: expected {expected}, but {came ?? "null"} came; leave it out for none."));
}
