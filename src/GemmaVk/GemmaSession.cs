using System;
using System.Collections.Generic;
using System.Threading;
using GemmaVk.Kernels;
using GemmaVk.Runtime;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk;

/// <summary>
/// A conversation. What was said stays in the cache: a further turn takes in only its own tokens, and the model's
/// answers stay as they were written, thoughts included.
/// </summary>
public sealed class GemmaSession : IDisposable
{
    private readonly GemmaEngine _engine;
    private readonly Session _session;
    private readonly List<ChatMessage> _messages = [];

    internal GemmaSession(GemmaEngine engine, Session session)
    {
        _engine = engine;
        _session = session;
    }

    /// <summary>Positions in the cache, and tokens that wait for the next pass.</summary>
    public int Length => _session.Length + _session.Pending.Count;

    /// <summary>Most positions.</summary>
    public int Context => _session.Context;

    /// <summary>Says something in the user's turn and lets the model answer.</summary>
    /// <param name="text">The user's words: never read as control tokens.</param>
    /// <param name="options">Thinking, system text, and how to draw.</param>
    /// <param name="onDelta">Called with what each token adds to thinking and answer.</param>
    /// <param name="cancel">Ends the answer; the conversation can go on.</param>
    /// <exception cref="GemmaVkException">It does not fit into the context.</exception>
    public Answer Ask(string text, AskOptions options, Action<ResponseDelta>? onDelta = null, CancellationToken cancel = default)
    {
        int before = _messages.Count;
        bool first = before == 0;
        if (first && options.System is { Length: > 0 } system)
        {
            _messages.Add(new ChatMessage("system", system));
        }

        _messages.Add(new ChatMessage("user", text));
        try
        {
            ChatPrompt prompt = ChatTemplate.Render(_messages, null, new ChatOptions { EnableThinking = options.Think });
            int[] ids = prompt.Encode(_engine.Tokenizer);
            Answer answer = Complete(first ? ids : NewTurn(ids), prompt.EndsInThought, options, onDelta, cancel);
            _messages.Add(new ChatMessage("assistant", answer.Text));
            return answer;
        }
        catch (GemmaVkException)
        {
            // A turn that did not fit was not said: a shorter one may follow.
            _messages.RemoveRange(before, _messages.Count - before);
            throw;
        }
    }

    /// <summary>Continues a whole written conversation, reusing whatever of it is in the cache already.</summary>
    public Answer Continue(ChatPrompt prompt, AskOptions options, Action<ResponseDelta>? onDelta = null, CancellationToken cancel = default) =>
        Continue(prompt, options, onDelta, cancel, out _);

    /// <summary>Continues a whole written conversation.</summary>
    /// <param name="prompt">The conversation, up to where the model goes on.</param>
    /// <param name="options">Thinking, and how to draw.</param>
    /// <param name="onDelta">Called with what each token adds to thinking and answer.</param>
    /// <param name="cancel">Ends the answer.</param>
    /// <param name="reused">Tokens of it that were in the cache already.</param>
    public Answer Continue(ChatPrompt prompt, AskOptions options, Action<ResponseDelta>? onDelta, CancellationToken cancel, out int reused)
    {
        int[] ids = prompt.Encode(_engine.Tokenizer);
        reused = _session.KeepPrefix(ids);
        return Complete(ids.AsSpan(reused), prompt.EndsInThought, options, onDelta, cancel);
    }

    /// <summary>Continues plain tokens: no template, and no end but a stop token or the limit.</summary>
    public Answer Complete(
        ReadOnlySpan<int> ids, bool inThought, AskOptions options, Action<ResponseDelta>? onDelta = null, CancellationToken cancel = default)
    {
        StreamingDetokenizer detokenizer = new(_engine.Tokenizer);
        ResponseParser parser = new(inThought);
        Generation generation = new Generator(_engine.Model, _engine.Drafter).Generate(
            _session,
            ids,
            new GenerationOptions(options.MaxTokens ?? int.MaxValue, options.Draw.Over(_engine.RecommendedChoice), _engine.StopIds),
            id =>
            {
                ResponseDelta delta = parser.Append(detokenizer.Append(id));
                onDelta?.Invoke(delta);
            },
            cancel);
        parser.Append(detokenizer.Finish(), isControl: false);
        onDelta?.Invoke(parser.Finish());
        CloseTurn(generation);
        return new Answer(parser.Content, parser.Thinking, parser.ToolCalls, generation.Ids, generation.Stop, generation.Stats);
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    /// <summary>
    /// The tokens of the newest turn of a written conversation: the line break that ends the model's turn, the user's
    /// turn, and the opening of the model's.
    /// </summary>
    private ReadOnlySpan<int> NewTurn(int[] ids)
    {
        int open = _engine.Tokenizer.Specials.TurnOpen;
        int user = Array.LastIndexOf(ids, open, Array.LastIndexOf(ids, open) - 1);
        return ids.AsSpan(user - 1);
    }

    /// <summary>An answer that was cut short leaves the model's turn open: what comes next needs it closed.</summary>
    private void CloseTurn(Generation generation)
    {
        int close = _engine.Tokenizer.Specials.TurnClose;
        if (generation.Stop != StopReason.Stop)
        {
            _session.Queue(close);
        }
        else if (generation.Ids[^1] != close)
        {
            _session.Hold(close);
        }
    }
}

/// <summary>How to answer.</summary>
public sealed record AskOptions
{
    /// <summary>Text of the system turn; only the first question of a session can set it.</summary>
    public string? System { get; init; }

    /// <summary>Think before answering.</summary>
    public bool Think { get; init; }

    /// <summary>Most tokens of the answer, thoughts included; null for as many as the context holds.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>How to draw, where it differs from what the checkpoint recommends.</summary>
    public DrawOptions Draw { get; init; } = new();
}

/// <summary>What the model answered.</summary>
/// <param name="Text">The answer.</param>
/// <param name="Thinking">What it thought before.</param>
/// <param name="ToolCalls">Calls it makes.</param>
/// <param name="Ids">All tokens, stop token included.</param>
/// <param name="Stop">Why it ended.</param>
/// <param name="Stats">What it took.</param>
public sealed record Answer(
    string Text, string Thinking, IReadOnlyList<ToolCall> ToolCalls, IReadOnlyList<int> Ids, StopReason Stop, GenerationStats Stats);
