using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Logits;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Sessions;

/// <summary>
/// One answer on its way: what is left of its prompt, the tokens so far, and when it ends. It decides nothing about when passes run:
/// <see cref="Generator"/> drives one by itself, <see cref="ContinuousBatch"/> several side by side, and both get the same tokens.
/// </summary>
internal sealed class Answering : IBatchWork
{
    private readonly GemmaModel _model;
    private readonly Session _session;
    private readonly GenerationOptions _options;
    private readonly Action<int>? _onToken;
    private readonly CancellationToken _cancel;
    private readonly SpeculativeDecoder? _drafting;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly int _start;
    private readonly int _promptTokens;
    private readonly List<int> _ids;
    private readonly List<TokenLogprob> _logprobs = [];
    private readonly int[] _one = new int[1];
    private readonly uint[] _allowed;
    private readonly int _words;
    private readonly PromptRows _prompt;
    private int _row;
    private int _masked;
    private int _steps;
    private long _bytes;
    private TimeSpan _promptTime;
    private TimeSpan _embedTime;
    private StopReason? _stop;

    /// <param name="model">What runs.</param>
    /// <param name="drafter">Its drafter, or null.</param>
    /// <param name="session">Where the past is, and where prompt and answer are kept. Nobody else may run it meanwhile.</param>
    /// <param name="prompt">New tokens and media, at least one row unless some are pending.</param>
    /// <param name="options">When to stop and how to draw.</param>
    /// <param name="onToken">Called with each token as soon as it is known, stop token included.</param>
    /// <param name="cancel">Ends the answer between two tokens, or the prompt between two passes.</param>
    /// <exception cref="ContextFullException">The prompt does not fit into the context.</exception>
    /// <exception cref="GemmaVkException">There is nothing to follow, no token may come, or an id is none of the vocabulary.</exception>
    public Answering(
        GemmaModel model, Drafter? drafter, Session session, PromptRows prompt, GenerationOptions options, Action<int>? onToken, CancellationToken cancel)
    {
        (_model, _session, _options, _onToken, _cancel) = (model, session, options, onToken, cancel);
        if (session.Length + prompt.Length + session.Pending.Count > session.Context)
        {
            throw new ContextFullException(
                $"the prompt has {prompt.Length} tokens and {session.Length} are in the context already: more than --context {session.Context}. "
                + $"Shorten it, or raise --context (the model allows {model.Config.MaxPositionEmbeddings}).",
                prompt.Length,
                session.Context);
        }

        session.RequireRest();
        if (prompt.Length + session.Pending.Count == 0 || options.MaxTokens < 1)
        {
            throw new GemmaVkException(options.MaxTokens < 1
                ? $"MaxTokens: expected 1 or more, but {options.MaxTokens} came; leave it out for as many as the context holds."
                : "the prompt: expected at least one token, but none came and none is pending; give what the answer follows.");
        }

        LogitOptions? logits = options.Logits is { IsActive: true } wanted ? wanted : null;
        logits?.Check(model.Config.VocabSize);
        _drafting = drafter is null && options.Constraint is null ? null : new(model, drafter, session, options.StopIds, constraint: options.Constraint);
        _words = Sample.Words(model.Config.VocabSize);
        _allowed = options.Constraint is null ? [] : new uint[MatVec.MaxRows * _words];
        (_prompt, _row) = session.Begin(prompt);
        _start = session.Length;
        _promptTokens = Math.Min(prompt.Length, _prompt.Length - _row);
        Logits = logits is null ? null : new(model, logits, options.Choice, [.. session.Ids, .. _prompt.From(_row).Ids], options.Answered);
        session.Answers = true;
        // Sized once, so that the loop allocates nothing.
        _ids = new(Math.Min(options.MaxTokens, session.Context));
    }

    /// <inheritdoc/>
    public Session Session => _session;

    /// <summary>How a token is drawn.</summary>
    public Sample.Choice Choice => _options.Choice;

    /// <summary>Draws in its own way, where logits are looked at or changed; null where a pass draws.</summary>
    public AnswerLogits? Logits { get; }

    /// <summary>Which tokens each row of the next pass may draw, ceil(V / 32) words a row; empty where all may.</summary>
    public ReadOnlySpan<uint> Allowed => _allowed.AsSpan(0, _masked * _words);

    /// <inheritdoc/>
    public bool InPrompt => _row < _prompt.Length;

    /// <inheritdoc/>
    public bool Done => _stop is not null;

    /// <summary>Ends the answer if its caller no longer wants it. What was not taken in of the prompt is pending.</summary>
    public void HeedCancel()
    {
        if (!Done && _cancel.IsCancellationRequested)
        {
            End(StopReason.Cancelled);
        }
    }

    /// <summary>Ends the answer before its time; the session is left where it can go on.</summary>
    public void End(StopReason reason)
    {
        if (InPrompt)
        {
            _session.Leave(_prompt.From(_row));
        }

        _promptTime = _ids.Count == 0 ? _watch.Elapsed : _promptTime;
        _stop = reason;
    }

    /// <summary>Takes in the next rows of the prompt in one pass; after the last of them the first token is there.</summary>
    /// <param name="most">Most rows where nothing forces more: null for a whole chunk.</param>
    /// <returns>How many there were.</returns>
    public int TakeIn(int? most = null)
    {
        TimeSpan embedded = _model.Media?.Spent ?? default;
        int end = _prompt.PieceEnd(_row, _model.Chunk, most);
        if (end == _prompt.Length)
        {
            Mask([]);
        }

        int id = _session.TakeIn(_prompt, _row, end, _options.Choice, Allowed, Logits);
        int rows = end - _row;
        _row = end;
        _embedTime += (_model.Media?.Spent ?? default) - embedded;
        if (!InPrompt)
        {
            _promptTime = _watch.Elapsed;
            _drafting?.Follow();
            Give(id);
        }

        return rows;
    }

    /// <summary>The rows of the next pass: the newest token, and drafts where they pay.</summary>
    /// <param name="most">Most rows, at least 1.</param>
    /// <param name="beside">Rows of other sessions in the same pass.</param>
    public ReadOnlySpan<int> Rows(int most, int beside)
    {
        _one[0] = _ids[^1];
        ReadOnlySpan<int> rows = _drafting is null ? _one : _drafting.Rows(_ids[^1], _options.MaxTokens - _ids.Count, most, beside);
        Mask(rows[1..]);
        Logits?.Expect(rows);
        return rows;
    }

    /// <summary>Takes what the pass over <see cref="Rows"/> drew, and gives out every token that is settled by it.</summary>
    /// <param name="drawn">One token per row.</param>
    /// <param name="row">Row of the pass where they begin.</param>
    /// <param name="ticks">Time of the pass.</param>
    /// <param name="weightBytes">This session's share of the weights that were read.</param>
    public void Take(ReadOnlySpan<int> drawn, int row, long ticks, long weightBytes)
    {
        if (_drafting is null)
        {
            _steps++;
            _bytes += weightBytes + _model.KvBytesPerStep(_session.Length + 1);
            _session.Keep(_one[0]);
            Give(NotFinite.Require(drawn[0], Session.Length));
            return;
        }

        int first = _drafting.Checked(drawn, row, ticks, weightBytes);
        int drafted = _drafting.RightDrafts;
        Give(first, drafted-- > 0);
        while (!Done && _drafting.TryNext(_ids[^1], out int id))
        {
            Give(id, drafted-- > 0);
        }
    }

    /// <inheritdoc/>
    public void Release() => _session.Answers = false;

    /// <summary>The answer, once it is done.</summary>
    public Generation Result()
    {
        GenerationStats stats = new(
            _promptTokens,
            _promptTime,
            _ids.Count,
            _watch.Elapsed - _promptTime,
            _drafting?.Steps ?? _steps,
            _drafting?.BytesRead ?? _bytes,
            _drafting is { Drafts: true } ? _drafting.Stats : null)
        {
            CachedTokens = _start,
            EmbedTime = _embedTime,
        };
        return new Generation(_ids, _stop ?? throw new InvalidOperationException("the answer has not ended"), stats) { Logprobs = _logprobs };
    }

    /// <summary>Works out which tokens may come after each of the drafts; those may follow.</summary>
    private void Mask(ReadOnlySpan<int> drafts)
    {
        _masked = 0;
        if (_options.Constraint is not { } constraint)
        {
            return;
        }

        int rows = 1 + constraint.Try(drafts);
        Debug.Assert(rows == drafts.Length + 1, "a draft that may not follow");
        for (int row = 0; row < rows; row++)
        {
            _masked = constraint.Binds(row) ? rows : _masked;
        }

        for (int row = 0; row < _masked; row++)
        {
            Span<uint> allowed = _allowed.AsSpan(row * _words, _words);
            if (constraint.Binds(row))
            {
                constraint.Fill(row, allowed);
            }
            else
            {
                allowed.Fill(uint.MaxValue);
            }
        }
    }

    /// <summary>Hands out a token, and ends the answer where it ends.</summary>
    private void Give(int id, bool drafted = false)
    {
        _ids.Add(id);
        _options.Constraint?.Take(id);
        TokenLogprob? logprob = Logits?.Take(id);
        if (logprob is not null)
        {
            _logprobs.Add(logprob);
        }

        _options.OnGiven?.Invoke(new(id, drafted, logprob));
        _onToken?.Invoke(id);
        _session.Hold(id);
        _stop = _options.StopIds.Contains(id) ? StopReason.Stop
            : _ids.Count == _options.MaxTokens ? StopReason.Length
            : _session.Length >= _session.Context ? StopReason.Context
            : null;
        HeedCancel();
    }
}
