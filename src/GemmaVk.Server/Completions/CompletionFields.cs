using GemmaVk.Server.Chat;
using GemmaVk.Server.Http;
using static GemmaVk.Server.Http.Outcome;

namespace GemmaVk.Server.Completions;

/// <summary>The fields of /v1/completions.</summary>
internal static class CompletionFields
{
    /// <summary>The table.</summary>
    public static FieldTable Table { get; } = new(
        "/v1/completions",
        [
            new("prompt", Honoured, "a text, ids of tokens, or a list of either; <bos> goes before a text"),
            new("model", Honoured),
            new("max_tokens", Honoured, "default 16; 0 beside echo"),
            new("echo", Honoured, "the prompt before the answer; beside logprobs with its likelihoods"),
            new("logprobs", Honoured, "0 to 20"),
            new("n", Honoured, "1 to 16"),
            new("stream", Honoured, "of one prompt"),
            new("stream_options", Honoured, "include_usage"),
            new("stop", Honoured),
            .. SamplingFields.All,
            new("grammar", Honoured),
            new("json_schema", Honoured),
            new("guided_json", Honoured),
            new("guided_regex", Honoured),
            new("response_format", Honoured),
            new("return_tokens", Honoured),
            new("suffix", Refused, "the model was not taught to fill gaps; leave it out."),
            new("best_of", Refused, "ask for n answers with logprobs, and choose."),
            new("user", Ignored),
        ]);
}
