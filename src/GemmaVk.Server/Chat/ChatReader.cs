using System;
using System.Linq;
using System.Threading;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Calling;
using GemmaVk.Server.Http;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Server.Chat;

/// <summary>Reads a request of /v1/chat/completions.</summary>
internal static class ChatReader
{
    private const int MostChoices = 16;
    private const int MostTop = 20;

    /// <summary>Reads it.</summary>
    /// <exception cref="ApiException">Something in it cannot be honoured.</exception>
    public static ChatCall Read(Fields body, ServedModel model, ServerOptions options, CancellationToken cancel)
    {
        RequireModel(body, model);
        bool asGiven = Word(body, "media_order", "trained", "as_given") == "as_given";
        PartReader parts = new(model, options, asGiven, cancel);
        Conversation conversation = new(options);
        MessageReader.Read(body, conversation, parts);
        ToolWish tools = ToolReader.Read(body);
        bool runs = body.Flag("run_tools") ?? false;
        tools = runs ? ToolTurns.Over(tools, options.Tools) : tools;
        Fields? kwargs = body.Object("chat_template_kwargs");
        bool think = kwargs?.Flag("enable_thinking") ?? Thinks(body);
        AskOptions ask = new()
        {
            Think = think,
            Tools = tools.Declared,
            MaxTokens = body.Whole("max_completion_tokens", 1, int.MaxValue) ?? Most(body),
            StopTexts = SamplingReader.Stops(body, "stop"),
            Draw = SamplingReader.Draw(body),
            Shape = tools.Shape(ToolReader.Format(body)),
        };
        if (ask.Shape is { HasBody: true } && ask.StopTexts.Count > 0)
        {
            throw ApiException.Field("stop", "stop and response_format: expected one of them, because an answer that is cut off fits no schema; drop one.");
        }

        ChatMessage? begun = body.Flag("continue_final_message") == true ? conversation.TakeBegun() : null;
        if (begun is not null && (ask.Shape is { HasBody: true } || runs))
        {
            throw ApiException.Field("continue_final_message", $"continue_final_message and {(runs ? "run_tools" : "response_format")}: expected one of them, because {(runs ? "calls would stand before the words that go on" : "the form would begin anew in the middle")}; drop one.");
        }

        bool preserves = kwargs?.Flag("preserve_thinking") ?? false;
        Asked asked = Written(model, conversation, parts, tools, ask, preserves, begun) with
        {
            Choices = body.Whole("n", 1, MostChoices) ?? 1,
            ShowsThinking = body.Flag("include_reasoning") != false && Word(body, "reasoning_format", "auto", "none", "deepseek", "deepseek-legacy") != "none",
            Tokens = body.Flag("return_tokens") ?? false,
            CallPieces = !runs && (body.Flag("tool_call_pieces") ?? false),
            Logprobs = Logprobs(body),
            Salt = body.Text("cache_salt") ?? "",
        };
        asked = LogitReader.Over(asked, body, model, tools.Several);
        if (runs && asked.Choices > 1)
        {
            throw ApiException.Field("n", "n and run_tools: expected one answer where the server runs tools, because they would be run for each; drop one.");
        }

        return new ChatCall(asked, body.Flag("stream") ?? false, body.Object("stream_options")?.Flag("include_usage") ?? false)
        {
            Turns = runs ? new ToolTurns(options.Tools!, model.Loader, conversation, () => asked with { Rows = Written(model, conversation, parts, tools, ask, preserves).Rows }) : null,
        };
    }

    /// <summary>Refuses the name of another model.</summary>
    public static void RequireModel(Fields body, ServedModel model)
    {
        if (body.Text("model") is { Length: > 0 } name && name != model.Name && name != "default")
        {
            throw new ApiException(404, $"The model \"{name}\" is not served here; this server has \"{model.Name}\".", "model", "model_not_found");
        }
    }

    /// <summary>A conversation as rows.</summary>
    public static Asked Written(ServedModel model, Conversation conversation, PartReader parts, ToolWish tools, AskOptions ask, bool preserveThinking = false, ChatMessage? begun = null)
    {
        try
        {
            ChatPrompt prompt = ChatTemplate.Render(
                conversation.Messages, tools.Declared, new ChatOptions { EnableThinking = ask.Think, PreserveThinking = preserveThinking });
            PromptRows rows = model.Answers.Rows(prompt, conversation.Media);
            return new Asked(begun is null ? rows : Begun(rows, begun, ask.Think, prompt.EndsInThought, model.Engine.Tokenizer), prompt.EndsInThought && begun is null, ask) { Notes = parts.Notes, AudioTokens = parts.AudioTokens, Sources = parts.Sources };
        }
        catch (Exception e) when (e is TextException or GemmaVkException)
        {
            throw new ApiException(400, e.Message, "messages");
        }
    }

    /// <summary>One of a few words, or the first of them.</summary>
    public static string Word(Fields body, string name, params string[] words) => body.Text(name) is not { } word ? words[0]
        : words.Contains(word) ? word
        : throw body.Wrong(name, string.Join(" or ", words), body.Any(name)!.Value);

    // What the model is said to have written so far, in tokens as it writes them.
    private static PromptRows Begun(PromptRows rows, ChatMessage begun, bool thinks, bool inThought, BpeTokenizer tokenizer)
    {
        int[] Words(string text) => tokenizer.Encode(text, specials: false);
        // Without thinking the prompt has an empty thought already.
        int[] thought = thinks && begun.Reasoning is { } reasoning ? Words($"{(inThought ? "" : "thought\n")}{reasoning.TrimEnd('\n')}\n") : [];
        int[] open = inThought || thought.Length == 0 ? [] : [tokenizer.Specials.ChannelOpen];
        int[] close = inThought || thought.Length > 0 ? [tokenizer.Specials.ChannelClose] : [];
        return new PromptRows([.. open, .. thought, .. close, .. Words(begun.Text ?? "")]).After(rows.Ids.ToArray(), rows.Media).WithHead(rows.Head);
    }

    // -1 is how llama-server's clients say "as many as there is room for".
    private static int? Most(Fields body) => body.Whole("max_tokens", -1, int.MaxValue) switch
    {
        0 => throw body.Wrong("max_tokens", "a whole number of 1 or more", body.Any("max_tokens")!.Value),
        -1 or null => null,
        var most => most,
    };

    private static bool Thinks(Fields body) =>
        Word(body, "reasoning_effort", "none", "off", "minimal", "low", "medium", "high", "xhigh", "max") is not ("none" or "off");

    private static int? Logprobs(Fields body)
    {
        int? top = body.Whole("top_logprobs", 0, MostTop);
        bool wanted = body.Flag("logprobs") ?? false;
        return !wanted && top > 0 ? throw ApiException.Field("top_logprobs", "top_logprobs is given without logprobs: set logprobs to true.")
            : wanted ? top ?? 0 : null;
    }
}
