using GemmaVk.Server.Chat;
using GemmaVk.Server.Http;
using static GemmaVk.Server.Http.Outcome;

namespace GemmaVk.Server.Messages;

/// <summary>The fields of /v1/messages and /v1/messages/count_tokens.</summary>
internal static class MessagesFields
{
    /// <summary>The table.</summary>
    public static FieldTable Table { get; } = new(
        "/v1/messages",
        [
            new("model", Honoured, "any name that begins with \"claude\" too"),
            new("max_tokens", Honoured, "needed, as in Anthropic's API; not by count_tokens"),
            new("messages", Honoured, "text, image, tool_use, tool_result, thinking; audio and clips as in chat completions"),
            new("system", Honoured, "a line with a billing header is left out, because it differs each time"),
            new("stream", Honoured),
            new("stop_sequences", Honoured),
            .. SamplingFields.All,
            new("tools", Honoured, "with an input_schema; strict is honoured; tools that run elsewhere are left out and named in the header"),
            new("tool_choice", Honoured, "auto, any, tool, none; disable_parallel_tool_use"),
            new("thinking", Honoured, "enabled or adaptive: thinking; the budget is not kept"),
            new("output_config", Honoured, "format: json_schema; effort says nothing more"),
            new("output_format", Honoured, "json_schema"),
            new("mcp_servers", Refused, "nothing is ever fetched; leave it out."),
            new("container", Refused, "no code is run; leave it out."),
            new("metadata", Ignored),
            new("service_tier", Ignored),
            new("context_management", Ignored),
            new("cache_control", Ignored, "what is in a cache is found by itself"),
            new("betas", Ignored),
        ]);
}
