using GemmaVk.Server.Http;
using static GemmaVk.Server.Http.Outcome;

namespace GemmaVk.Server.Chat;

/// <summary>The fields of /v1/chat/completions.</summary>
internal static class ChatFields
{
    /// <summary>The table.</summary>
    public static FieldTable Table { get; } = new(
        "/v1/chat/completions",
        [
            new("messages", Honoured, "system turns at the start become one; tool results are found by tool_call_id; reasoning_content or reasoning of the assistant is taken; beside url or data of a picture or clip max_soft_tokens, num_frames and fps; of documents (file) each choice, in a stream its last chunk, has citations: for each sentence start and end in UTF-16 units of content, own (true: the model's own), else file, page (null without pages), text (the beginning of the passage)"),
            new("model", Honoured, "the served model's name, or \"default\"; another is 404"),
            new("stream", Honoured),
            new("stream_options", Honoured, "include_usage"),
            new("max_tokens", Honoured),
            new("max_completion_tokens", Honoured, "goes before max_tokens"),
            new("n", Honoured, "1 to 16"),
            new("stop", Honoured, "a text or up to 16"),
            .. SamplingFields.All,
            new("logprobs", Honoured),
            new("top_logprobs", Honoured, "0 to 20"),
            new("tools", Honoured, "functions; strict ones always get arguments that fit"),
            new("tool_choice", Honoured, "auto, none, required, one function, allowed_tools"),
            new("parallel_tool_calls", Honoured),
            new("tool_call_pieces", Honoured, "true: a stream gives a call's id and name, then its arguments as they are written; a call that turns out to be none follows as text"),
            new("response_format", Honoured, "text, json_object, json_schema"),
            new("json_schema", Honoured, "llama-server's; a schema"),
            new("grammar", Honoured, "llama-server's; GBNF"),
            new("guided_json", Honoured, "vLLM's; a schema"),
            new("guided_regex", Honoured, "vLLM's"),
            new("reasoning_effort", Honoured, "none or off: no thinking; anything else: thinking"),
            new("chat_template_kwargs", Honoured, "enable_thinking, preserve_thinking"),
            new("reasoning_format", Honoured, "none leaves thoughts out; auto, deepseek"),
            new("include_reasoning", Honoured, "false leaves thoughts out"),
            new("continue_final_message", Honoured, "vLLM's; the last message, the assistant's, goes on: the answer is what follows its content"),
            new("media_order", Honoured, "as_given keeps media where they stand"),
            new("cache_salt", Honoured, "rows of a cache are shared only with requests of the same salt"),
            new("run_tools", Honoured, "true has the server run its own tools (--mcp, --tool), those that may be called without asking; what is said in all rounds is one answer"),
        new("route_consent", Honoured, "under --route: the sha256 of what the user was shown (409, \"outgoing\") and lets leave, or \"local\""),
        new("return_tokens", Honoured, "each chunk lists its tokens"),
            new("functions", Refused, "it was replaced by tools; declare the functions there."),
            new("function_call", Refused, "it was replaced by tool_choice; say it there."),
            new("modalities", Refused, "answers are text; leave it out."),
            new("audio", Refused, "answers are text; leave it out."),
            new("web_search_options", Refused, "nothing is ever fetched; leave it out."),
            new("ignore_eos", Refused, "an answer ends where the model ends it; leave it out."),
            new("user", Ignored),
            new("store", Ignored, "nothing is stored"),
            new("metadata", Ignored),
            new("service_tier", Ignored),
            new("prediction", Ignored, "drafts come from the drafter"),
            new("verbosity", Ignored),
            new("safety_identifier", Ignored),
            new("prompt_cache_key", Ignored, "what is in a cache is found by itself"),
            new("add_generation_prompt", Ignored, "as continue_final_message says"),
            new("cache_prompt", Ignored, "what is in a cache is always used"),
            new("timings_per_token", Ignored),
        ]);
}
