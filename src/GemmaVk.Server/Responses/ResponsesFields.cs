using GemmaVk.Server.Chat;
using GemmaVk.Server.Http;
using static GemmaVk.Server.Http.Outcome;

namespace GemmaVk.Server.Responses;

/// <summary>The fields of /v1/responses.</summary>
internal static class ResponsesFields
{
    /// <summary>The table.</summary>
    public static FieldTable Table { get; } = new(
        "/v1/responses",
        [
            new("model", Honoured),
            new("input", Honoured, "a text, or messages, function_call, custom_tool_call, their outputs, reasoning, additional_tools"),
            new("instructions", Honoured),
            new("stream", Honoured),
            new("max_output_tokens", Honoured),
            .. SamplingFields.All,
            new("tools", Honoured, "functions, custom tools (their grammar is not held), both in namespaces too; tools that run elsewhere are left out and named in the header"),
            new("tool_choice", Honoured),
            new("parallel_tool_calls", Honoured),
            new("text", Honoured, "format: text, json_object, json_schema"),
            new("reasoning", Honoured, "effort: none, or anything else for thinking"),
            new("previous_response_id", Refused, "nothing is kept between requests; send the whole conversation in input."),
            new("conversation", Refused, "nothing is kept between requests; send the whole conversation in input."),
            new("background", Refused, "an answer lasts as long as its request; leave it out."),
            new("prompt", Refused, "no prompts are stored; write it out in input."),
            new("store", Ignored, "nothing is stored"),
            new("include", Ignored),
            new("metadata", Ignored),
            new("truncation", Ignored, "what does not fit into the context is refused"),
            new("user", Ignored),
            new("service_tier", Ignored),
            new("stream_options", Ignored),
            new("top_logprobs", Ignored),
            new("max_tool_calls", Ignored),
            new("safety_identifier", Ignored),
            new("prompt_cache_key", Ignored),
            new("client_metadata", Ignored),
        ]);
}
