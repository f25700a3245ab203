using System.Collections.Generic;
using GemmaVk.Server.Http;
using static GemmaVk.Server.Http.Outcome;

namespace GemmaVk.Server.Chat;

/// <summary>The fields that <see cref="SamplingReader"/> and <see cref="LogitReader"/> read, the same in every API.</summary>
internal static class SamplingFields
{
    /// <summary>The fields.</summary>
    public static IReadOnlyList<KnownField> All { get; } =
    [
        new("seed", Honoured, "without one each request draws another"),
        new("temperature", Honoured, "0 to 5; default: the checkpoint's"),
        new("top_p", Honoured),
        new("top_k", Honoured),
        new("min_p", Honoured),
        new("presence_penalty", Honoured),
        new("frequency_penalty", Honoured),
        new("repetition_penalty", Honoured),
        new("repeat_penalty", Honoured, "llama-server's name of repetition_penalty"),
        new("logit_bias", Honoured, "ids and -100 to 100"),
    ];
}
