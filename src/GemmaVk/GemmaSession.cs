using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Kernels;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Media;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Structured;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk;

/// <summary>
/// A conversation. What was said stays in the cache: a further turn takes in only its own tokens, and the model's
/// answers stay as they were written, thoughts included.
/// </summary>
public sealed partial class GemmaSession : IDisposable
{
    private readonly GemmaEngine _engine;
    private readonly Session _session;
    private readonly List<ChatMessage> _messages = [];
    private readonly List<MediaItem> _items = [];

    // Where each turn of the user begins, counted in tokens of the conversation; before the first of them are bos and the system turn.
    private readonly List<int> _turns = [];

    internal GemmaSession(GemmaEngine engine, Session session)
    {
        _engine = engine;
        _session = session;
    }

    /// <summary>Positions in the cache, and tokens that wait for the next pass.</summary>
    public int Length => _session.Length + _session.Pending.Count;

    /// <summary>Tokens before the first question: the system text and the tools.</summary>
    public int HeadTokens => _turns.Count > 0 ? _turns[0] : 0;

    /// <summary>Most positions.</summary>
    public int Context => _session.Context;

    /// <summary>Says something in the user's turn and lets the model answer.</summary>
    /// <param name="text">The user's words: never read as control tokens.</param>
    /// <param name="options">Thinking, system text, and how to draw.</param>
    /// <param name="onDelta">Called with what each token adds to thinking and answer.</param>
    /// <param name="cancel">Ends the answer; the conversation can go on.</param>
    /// <exception cref="GemmaVkException">It does not fit into the context.</exception>
    public Answer Ask(string text, AskOptions options, Action<ResponseDelta>? onDelta = null, CancellationToken cancel = default) =>
        Ask(new ChatMessage("user", text), [], options, onDelta, cancel);

    /// <summary>Says something with pictures, sounds or clips in the user's turn and lets the model answer.</summary>
    /// <param name="parts">One or more, in order; pictures and sounds are best given before the question about them.</param>
    /// <param name="options">Thinking, system text, and how to draw.</param>
    /// <param name="onDelta">Called with what each token adds to thinking and answer.</param>
    /// <param name="cancel">Ends the answer; the conversation can go on.</param>
    /// <exception cref="GemmaVkException">It does not fit into the context, or the model cannot take a part.</exception>
    public Answer Ask(IReadOnlyList<MessagePart> parts, AskOptions options, Action<ResponseDelta>? onDelta = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentOutOfRangeException.ThrowIfZero(parts.Count);
        return Ask(new ChatMessage("user") { Parts = [.. parts.Select(part => part.Written)] }, parts, options, onDelta, cancel);
    }

    /// <summary>Continues a whole written conversation, reusing whatever of it is in the cache already.</summary>
    public Answer Continue(ChatPrompt prompt, AskOptions options, Action<ResponseDelta>? onDelta = null, CancellationToken cancel = default) =>
        Continue(prompt, [], options, onDelta, cancel, out _);

    /// <summary>Continues a whole written conversation.</summary>
    /// <param name="prompt">The conversation, up to where the model goes on; placeholders as the template writes them.</param>
    /// <param name="media">A part for each placeholder, in order: what is in the cache already is known by its content.</param>
    /// <param name="options">Thinking, and how to draw.</param>
    /// <param name="onDelta">Called with what each token adds to thinking and answer.</param>
    /// <param name="cancel">Ends the answer.</param>
    /// <param name="reused">Tokens of it that were in the cache already.</param>
    /// <exception cref="GemmaVkException">It does not fit into the context, or placeholders and media do not match.</exception>
    public Answer Continue(
        ChatPrompt prompt, IReadOnlyList<MessagePart> media, AskOptions options, Action<ResponseDelta>? onDelta, CancellationToken cancel, out int reused)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        PromptRows rows = Rows(_engine, prompt, media);
        Answer answer = Complete(rows.From(_session.KeepPrefix(rows)), prompt.EndsInThought, options, onDelta, cancel);
        reused = answer.Stats.CachedTokens;
        return answer;
    }

    /// <summary>Continues rows that <see cref="Rows"/> made, beside what other sessions answer.</summary>
    internal async Task<(Answer Answer, int Reused)> ContinueAsync(
        PromptRows rows, bool inThought, AskOptions options, Action<ResponseDelta> onDelta, CancellationToken cancel)
    {
        Answer answer = await CompleteAsync(rows.From(_session.KeepPrefix(rows)), inThought, options, onDelta, cancel).ConfigureAwait(false);
        return (answer, answer.Stats.CachedTokens);
    }

    /// <summary>Whom its rows may serve: sessions share what conversations begin with only where their salts are equal.</summary>
    public string Salt => _session.Salt;

    /// <summary>Makes it a session of another caller: everything in it is forgotten, unless the salt is the one it has.</summary>
    public void Isolate(string salt)
    {
        if (salt != Salt)
        {
            _session.Isolate(salt);
            _messages.Clear();
            _items.Clear();
            _turns.Clear();
            (_tools, _calls) = ([], []);
        }
    }

    /// <summary>All that was said, as rows, with the model's turn closed.</summary>
    internal PromptRows Past => _session.Past;

    /// <summary>How many of the rows a conversation begins with are in the cache and could stay.</summary>
    internal int Reusable(PromptRows rows) => _session.Reusable(rows);

    /// <summary>The rows of a whole written conversation.</summary>
    internal static PromptRows Rows(GemmaEngine engine, ChatPrompt prompt, IReadOnlyList<MessagePart> media)
    {
        (List<MediaItem> items, List<Medium> placed) = Media(engine, media);
        int[] ids = Expand(prompt, items).Encode(engine.Tokenizer);
        return PromptRows.Of(engine.Model.Config, ids, placed).WithHead(HeadOf(engine, ids));
    }

    /// <summary>Tokens of a system turn: all before the second turn; 0 where the first is another's.</summary>
    private static int HeadOf(GemmaEngine engine, int[] ids)
    {
        int open = engine.Tokenizer.Specials.TurnOpen;
        int first = Array.IndexOf(ids, open);
        int second = first < 0 ? -1 : Array.IndexOf(ids, open, first + 1);
        return second > 0 && engine.Tokenizer.Decode(ids.AsSpan((first + 1)..second), skipSpecials: false).StartsWith("system\n", StringComparison.Ordinal) ? second : 0;
    }

    /// <summary>Continues plain tokens: no template, and no end but a stop token or the limit.</summary>
    public Answer Complete(
        ReadOnlySpan<int> ids, bool inThought, AskOptions options, Action<ResponseDelta>? onDelta = null, CancellationToken cancel = default) =>
        Complete(new PromptRows(ids), inThought, options, onDelta, cancel);

    /// <inheritdoc/>
    public void Dispose() => _engine.OnDevice(() =>
    {
        _session.Dispose();
        return true;
    });

    private Answer Ask(
        ChatMessage message, IReadOnlyList<MessagePart> parts, AskOptions options, Action<ResponseDelta>? onDelta, CancellationToken cancel)
    {
        (int added, int heard) = (0, 0);
        try
        {
            (List<MediaItem> items, List<Medium> media) = Media(_engine, parts);
            if (_messages.Count == 0)
            {
                _tools = options.Tools;
                if (options.System is { Length: > 0 } system)
                {
                    _messages.Add(new ChatMessage("system", system));
                    added++;
                }
            }

            _messages.Add(message);
            added++;
            _items.AddRange(items);
            heard = items.Count;
            ChatPrompt prompt = Expand(Render([.. _messages, .. Called(options)], _tools, new ChatOptions { EnableThinking = options.Think }), _items);
            int[] ids = prompt.Encode(_engine.Tokenizer);
            int news = NewTurn(ids);
            if (Length + ids.Length - news > Context && TurnsToDrop(_turns.Count, ids.Length - news) is > 0 and var turns && options.WhenFull?.Invoke(turns) == true)
            {
                DropOldestTurns(turns);
                news = NewTurn(ids);
            }

            _turns.Add(Length + UserTurn(ids) - news);
            PromptRows past = _session.Past;
            try
            {
                PromptRows rows = PromptRows.Of(_engine.Model.Config, ids[news..], media).WithHead(news == 0 ? HeadOf(_engine, ids) : 0);
                Answer answer = Complete(rows, prompt.EndsInThought, options, onDelta, cancel, MakeRoom(options));
                _messages.Add(new ChatMessage("assistant", answer.Text));
                return answer;
            }
            catch (GemmaVkException)
            {
                _turns.RemoveAt(_turns.Count - 1);
                GoBack(past);
                throw;
            }
        }
        catch (GemmaVkException)
        {
            // A turn that did not fit was not said: a shorter one may follow.
            _messages.RemoveRange(_messages.Count - added, added);
            _items.RemoveRange(_items.Count - heard, heard);
            throw;
        }
    }

    private Answer Complete(
        PromptRows prompt, bool inThought, AskOptions options, Action<ResponseDelta>? onDelta, CancellationToken cancel, Func<bool>? makeRoom = null) =>
        CompleteAsync(prompt, inThought, options, onDelta, cancel, makeRoom).GetAwaiter().GetResult();

    private async Task<Answer> CompleteAsync(
        PromptRows prompt, bool inThought, AskOptions options, Action<ResponseDelta>? onDelta, CancellationToken cancel, Func<bool>? makeRoom = null)
    {
        if (options is { Shape.HasBody: true, StopTexts: [var stop, ..] })
        {
            throw new GemmaVkException($"the stop text '{stop}' and the shape of the answer: expected one of them, because an answer that is cut off fits no schema; drop one.");
        }

        IAnswerConstraint? constraint = options.Shape?.Follow(_engine, options.Think && !inThought, inThought);
        using AnswerStream stream = new(_engine.Tokenizer, inThought, options, onDelta, cancel);
        GenerationOptions limits = new(options.MaxTokens ?? int.MaxValue, options.Draw.Over(_engine.RecommendedChoice), _engine.StopIds)
        {
            Constraint = constraint,
            Logits = options.Logits,
            OnGiven = options.OnToken,
        };
        Generation generation = await _engine.Batch.Generate(_session, prompt, limits, stream.Take, stream.Token).ConfigureAwait(false);
        while (generation.Stop == StopReason.Context && makeRoom?.Invoke() == true)
        {
            // The last token is pending, and so is what was kept: the answer goes on in the middle of its word.
            GenerationOptions left = limits with { MaxTokens = limits.MaxTokens - generation.Ids.Count, Answered = generation.Ids };
            generation = generation.Then(await _engine.Batch.Generate(_session, PromptRows.None, left, stream.Take, stream.Token).ConfigureAwait(false));
        }

        CloseTurn(generation);
        Answer answer = stream.Finish(generation);
        _calls = generation.Stop == StopReason.Stop || stream.IsCut ? answer.ToolCalls : [];
        return answer;
    }

    /// <summary>Calls of an earlier answer to the same question, with what came of them.</summary>
    private static IEnumerable<ChatMessage> Called(AskOptions options) => options.Exchanges.Count == 0
        ? []
        : [new("assistant") { ToolCalls = [.. options.Exchanges.Select(each => each.Call)], ToolResponses = [.. options.Exchanges.Select(each => each.Response)] }];

    private static (List<MediaItem> Items, List<Medium> Media) Media(GemmaEngine engine, IReadOnlyList<MessagePart> parts)
    {
        List<MediaItem> items = [];
        List<Medium> media = [];
        foreach (MessagePart part in parts.Where(part => part.Kind != ChatPartKind.Text))
        {
            (MediaItem item, IReadOnlyList<Medium> own) = part.For(engine.Model);
            items.Add(item);
            media.AddRange(own);
        }

        return (items, media);
    }

    private static ChatPrompt Expand(ChatPrompt prompt, List<MediaItem> items)
    {
        try
        {
            return prompt.Expand(items);
        }
        catch (TextException e)
        {
            throw new GemmaVkException(e.Message, e);
        }
    }

    /// <summary>Where the user's newest turn begins in a written conversation: before the model's open one.</summary>
    private int UserTurn(ReadOnlySpan<int> ids)
    {
        int open = _engine.Tokenizer.Specials.TurnOpen;
        return ids[..ids.LastIndexOf(open)].LastIndexOf(open);
    }

    /// <summary>
    /// Where the part of a written conversation begins that is not in the cache: everything at first; then the user's newest turn, and
    /// before it the line break that ends the model's last turn, which no answer contains.
    /// </summary>
    private int NewTurn(ReadOnlySpan<int> ids) => Length == 0 ? 0 : UserTurn(ids) - (_turns.Count == 0 ? 0 : 1);

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
    /// <summary>Text of the system turn; only the first question of a session can set it, or <see cref="GemmaSession.Instruct"/>.</summary>
    public string? System { get; init; }

    /// <summary>Tools that the model may call; only the first question of a session can set them.</summary>
    public IReadOnlyList<ToolDeclaration> Tools { get; init; } = [];

    /// <summary>Calls that the model made when it was asked this before, with their results: it goes on from them.</summary>
    public IReadOnlyList<ToolExchange> Exchanges { get; init; } = [];

    /// <summary>Texts that end the answer before them, thoughts aside; none may be empty. Nothing of them is given.</summary>
    public IReadOnlyList<string> StopTexts { get; init; } = [];

    /// <summary>What the answer may be, or null for anything. Not together with <see cref="StopTexts"/> where its text has a form: they would cut it off.</summary>
    public AnswerShape? Shape { get; init; }

    /// <summary>Think before answering.</summary>
    public bool Think { get; init; }

    /// <summary>Most tokens of the answer, thoughts included; null for as many as the context holds.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>How to draw, where it differs from what the checkpoint recommends.</summary>
    public DrawOptions Draw { get; init; } = new();

    /// <summary>Log-probabilities, biases and penalties; null for none.</summary>
    public LogitOptions? Logits { get; init; }

    /// <summary>Called with each token and what is known of it, stop token included, before the delta that it makes.</summary>
    public Action<GivenToken>? OnToken { get; init; }

    /// <summary>Ends the answer behind its first call, where the model might make several.</summary>
    public bool SingleCall { get; init; }

    /// <summary>
    /// Asked when a conversation fills its context, with how many of the oldest turns would have to go: true drops them and goes on
    /// (<see cref="GemmaSession.DropOldestTurns"/>). Null or false ends the answer with <see cref="StopReason.Context"/>, or refuses the question.
    /// </summary>
    public Func<int, bool>? WhenFull { get; init; }
}

/// <summary>What the model answered.</summary>
/// <param name="Text">The answer, with the text of calls that cannot be read.</param>
/// <param name="Thinking">What it thought before.</param>
/// <param name="ToolCalls">Calls it makes.</param>
/// <param name="Ids">All tokens, stop token included.</param>
/// <param name="Stop">Why it ended.</param>
/// <param name="Stats">What it took.</param>
public sealed partial record Answer(
    string Text, string Thinking, IReadOnlyList<ToolCall> ToolCalls, IReadOnlyList<int> Ids, StopReason Stop, GenerationStats Stats)
{
    /// <summary>Calls that were not made, because they do not follow the grammar or were cut off: their text, which stands in <see cref="Text"/> too.</summary>
    public IReadOnlyList<string> UnreadCalls { get; init; } = [];

    /// <summary>Tokens of its thoughts, with the markers around them.</summary>
    public int ThinkingTokens { get; init; }

    /// <summary>How likely each of <see cref="Ids"/> was, where <see cref="LogitOptions.TopLogprobs"/> asks for it; else empty.</summary>
    public IReadOnlyList<TokenLogprob> Logprobs { get; init; } = [];

    /// <summary>What was still open when the answer ended: a thought or a call that the limit cut off.</summary>
    public OpenPart Open { get; init; }
}
