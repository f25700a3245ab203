using System;
using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Cache;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Prefixes;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Sessions;

/// <summary>
/// One conversation: its cache, and what runs on it. A token that was drawn last is known but not yet in the cache
/// (<see cref="Pending"/>): the next pass takes it in first.
/// </summary>
public sealed partial class Session : IDisposable
{
    private const int MostRecordings = 16;
    private readonly GemmaModel _model;
    private readonly KvCache _kv;
    private readonly int[] _drawn = new int[MatVec.MaxRows];
    private readonly int[] _one = new int[1];
    private readonly List<int> _pending = [];
    private readonly List<PlacedMedium> _pendingMedia = [];
    private readonly List<PlacedMedium> _media = [];
    private readonly int[] _ids;

    internal Session(GemmaModel model, KvCache kv, PrefixStore? prefixes)
    {
        _model = model;
        _kv = kv;
        _prefixes = prefixes;
        _ids = new int[kv.Context];
        model.Enter(this);
    }

    /// <summary>Positions in the cache.</summary>
    public int Length => _kv.Length;

    /// <summary>The tokens in the cache, one per position.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, _kv.Length);

    /// <summary>Most positions it can hold.</summary>
    public int Context => _kv.Context;

    /// <summary>Known tokens that no pass has taken in yet: they go before the next prompt.</summary>
    public IReadOnlyList<int> Pending => _pending;

    /// <summary>Everything said so far, media included: the rows in the cache, then the pending ones.</summary>
    public PromptRows Past => PromptRows.Joined(Ids, _media, _pending, _pendingMedia);

    /// <summary>
    /// Step 5 of the token path: takes in a prompt, chunk by chunk, and leaves the logits of its newest row. A cancelled
    /// call leaves the session at the last whole chunk and the rest pending.
    /// </summary>
    /// <param name="ids">At least one token; the pending one, if any, goes before them.</param>
    /// <param name="choice">How to draw the next token, or null to leave the logits only.</param>
    /// <param name="cancel">Looked at between chunks.</param>
    /// <returns>The drawn token, or -1 without <paramref name="choice"/>.</returns>
    public int Prefill(ReadOnlySpan<int> ids, Sample.Choice? choice, System.Threading.CancellationToken cancel = default) =>
        Prefill(new PromptRows(ids), choice, cancel);

    /// <inheritdoc cref="Prefill(ReadOnlySpan{int}, Sample.Choice?, System.Threading.CancellationToken)"/>
    /// <param name="prompt">At least one row, with the media that stand in it. A pass never splits a picture.</param>
    /// <param name="choice">How to draw the next token, or null to leave the logits only.</param>
    /// <param name="cancel">Looked at between chunks.</param>
    public int Prefill(PromptRows prompt, Sample.Choice? choice, System.Threading.CancellationToken cancel = default)
    {
        (prompt, int begin) = Begin(prompt);
        int id = -1;
        int end;
        for (int row = begin; row < prompt.Length; row = end)
        {
            if (cancel.IsCancellationRequested)
            {
                Leave(prompt.From(row));
                cancel.ThrowIfCancellationRequested();
            }

            end = prompt.PieceEnd(row, _model.Chunk, null);
            id = TakeIn(prompt, row, end, choice);
        }

        return id;
    }

    /// <summary>
    /// The rows that a prompt is, and the first of them that is to be taken in: what was pending, then the prompt, with all that is in the
    /// cache before them where they may go on as if it had just been taken in with them. Nothing is pending after it.
    /// </summary>
    /// <exception cref="GemmaVkException">An id is none of the vocabulary: a negative one would leave what stood in its row before.</exception>
    internal (PromptRows Rows, int First) Begin(PromptRows prompt)
    {
        PromptRows whole = BeginAlone(prompt);
        try
        {
            return Shared(whole);
        }
        catch (DeviceLostException)
        {
            // As if it had not begun: it may be run again.
            Leave(whole.Without(whole.Length - prompt.Length, whole.Length));
            throw;
        }
    }

    /// <summary>As <see cref="Begin"/>, for rows that are taken in by passes of their own kind: nothing before them is looked for in other sessions.</summary>
    /// <exception cref="GemmaVkException">An id is none of the vocabulary.</exception>
    internal PromptRows BeginAlone(PromptRows prompt)
    {
        RequireIds(prompt);
        prompt = prompt.After(_pending, _pendingMedia);
        Forget();
        _inPlainPrompt = false;
        return prompt;
    }

    /// <summary>Refuses ids that are none of the vocabulary.</summary>
    internal void RequireIds(PromptRows prompt)
    {
        int wrong = prompt.Ids.IndexOfAnyExceptInRange(0, _model.Config.VocabSize - 1);
        if (wrong >= 0)
        {
            throw new GemmaVkException($"token {prompt.Ids[wrong]} of the prompt: expected an id from 0 to {_model.Config.VocabSize - 1}; give ids of this model's tokenizer.");
        }
    }

    /// <summary>Refuses a second answer beside one that is being written.</summary>
    internal void RequireRest()
    {
        if (_past is not null)
        {
            throw new GemmaVkException($"the session: its past was on a device that was lost and cannot be taken in again ({_past.Message})", _past);
        }

        if (Answers)
        {
            throw new GemmaVkException("the session: expected one that is at rest, but it is answering already; wait for that answer, or use another session.");
        }
    }

    /// <summary>Makes rows pending that were to be taken in.</summary>
    internal void Leave(PromptRows rest)
    {
        _pending.AddRange(rest.Ids);
        _pendingMedia.AddRange(rest.Media);
    }

    /// <summary>Takes in rows <paramref name="row"/> to <paramref name="end"/> - 1 of a prompt in one pass.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="row">First row.</param>
    /// <param name="end">The row behind the last.</param>
    /// <param name="choice">How to draw the token after the prompt's last row, or null.</param>
    /// <param name="allowed">Which tokens may be drawn there, ceil(V / 32) words; none for all.</param>
    /// <param name="logits">Draws in its own way where given.</param>
    /// <returns>The token that is drawn after its last row; -1 before that, and without <paramref name="choice"/>.</returns>
    internal int TakeIn(PromptRows prompt, int row, int end, Sample.Choice? choice, ReadOnlySpan<uint> allowed = default, AnswerLogits? logits = null)
    {
        bool last = end == prompt.Length;
        int before = Length;
        try
        {
            Run(prompt.Ids[row..end], last ? 1 : 0, last && logits is null ? choice : null, prompt.Soft(row, end), last ? allowed : default);
            TookIn(prompt, row, end);
            if (!last || choice is null)
            {
                return -1;
            }

            logits?.Draw(0, !allowed.IsEmpty);
            return Drawn(!allowed.IsEmpty);
        }
        catch (DeviceLostException)
        {
            // As if it had not begun: it may be run again.
            TakeBack(Length - before);
            throw;
        }
    }

    /// <summary>Sets the one token that is known but not taken in.</summary>
    public void Hold(int id)
    {
        Forget();
        _pending.Add(id);
    }

    /// <summary>Adds a token to those that go before the next prompt.</summary>
    public void Queue(int id) => _pending.Add(id);

    /// <summary>Puts a token in the place of the last one that waits; at least one does.</summary>
    public void Amend(int id) => _pending[^1] = id;

    /// <summary>One decoding step: takes in <paramref name="id"/> and draws the next token.</summary>
    public int Decode(int id, in Sample.Choice choice)
    {
        Forget();
        _one[0] = id;
        Run(_one, 1, choice);
        int drawn = Drawn();
        _made.Add(Length, wide: false);
        SealLived();
        return drawn;
    }

    /// <summary>Copies the newest row's soft-capped logits, V floats.</summary>
    public void ReadLogits(Span<float> logits) => _model.Backend.Read(_model.Buffers.Logits, logits);

    /// <summary>Forgets the newest rows (see <see cref="KvCache.Rewind"/>) and the pending tokens.</summary>
    public void Rewind(int rows)
    {
        TakeBack(rows);
        Forget();
    }

    /// <summary>Whether that many of the newest rows can be forgotten.</summary>
    public bool CanRewind(int rows) => _kv.CanRewind(rows);

    /// <summary>A second session with the same past. Costs nothing until one of the two goes on.</summary>
    public Session Fork()
    {
        Session fork = new(_model, _kv.Fork(), _prefixes) { Salt = Salt, _made = _made.Until(Length), _plain = Math.Min(_plain, Length), _sealed = _sealed };
        fork._pending.AddRange(_pending);
        fork._pendingMedia.AddRange(_pendingMedia);
        fork._media.AddRange(_media);
        Ids.CopyTo(fork._ids);
        return fork;
    }

    /// <summary>
    /// Makes the session one that has seen <paramref name="past"/> and no more: what it begins with like now stays in the cache, the
    /// rest is pending.
    /// </summary>
    public void Restart(PromptRows past)
    {
        Leave(past.From(KeepPrefix(past)));
    }

    /// <summary>
    /// Makes the session end where <paramref name="ids"/> goes on: keeps the tokens both begin with, forgets the rest.
    /// </summary>
    /// <returns>How many of <paramref name="ids"/> are in the cache; at least one is left for the next pass.</returns>
    public int KeepPrefix(ReadOnlySpan<int> ids) => KeepPrefix(new PromptRows(ids));

    /// <summary>
    /// Makes the session end where <paramref name="prompt"/> goes on: keeps the rows both begin with, forgets the rest. All
    /// soft rows of a kind have one id, so media are compared by content; one is kept whole or not at all.
    /// </summary>
    /// <returns>How many rows of <paramref name="prompt"/> are in the cache; at least one is left for the next pass.</returns>
    public int KeepPrefix(PromptRows prompt)
    {
        int same = InCache(prompt);
        Rewind(Length - same);
        _past = null;
        return same;
    }

    /// <summary>How much of a conversation is there already: what <see cref="KeepPrefix(PromptRows)"/> would keep, or a longer beginning that a store would give it then.</summary>
    public int Reusable(PromptRows prompt)
    {
        int own = InCache(prompt);
        return _prefixes is null || own > 0 ? own : _prefixes.Longest(this, prompt);
    }

    private int InCache(PromptRows prompt)
    {
        int same = SameRows(prompt, Math.Min(Ids.CommonPrefixLength(prompt.Ids), Math.Max(0, prompt.Length - 1)));
        same = GoingOn(prompt, same);
        // A ring that has moved on cannot go back: then everything is taken in again, or from where a store has it.
        return CanRewind(Length - same) ? same : 0;
    }

    /// <summary>
    /// Takes the cache to <paramref name="length"/> positions of made-up keys and values between -1 and 1, to measure at
    /// a depth without a prefill.
    /// </summary>
    public void SkipTo(int length)
    {
        foreach (LayerKv layer in _kv.Layers)
        {
            MadeUpRows.Fill(_model.Backend, layer);
        }

        while (_kv.Length < length)
        {
            _kv.Append(Math.Min(_kv.Chunk, length - _kv.Length));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _model.Leave(this);
        _prefixes?.Forget(this);
        _kv.Dispose();
    }

    /// <summary>Runs one pass over <paramref name="ids"/>, some of which may be placeholders of soft rows.</summary>
    internal void Run(ReadOnlySpan<int> ids, int logitRows, Sample.Choice? choice, ReadOnlySpan<SoftRun> soft = default, ReadOnlySpan<uint> allowed = default)
    {
        _model.Weights.CheckUnchanged();
        int first = _kv.Append(ids.Length);
        ids.CopyTo(_ids.AsSpan(first));
        IRecording recording = Recording(new PassKey(ids.Length, logitRows, choice, !allowed.IsEmpty));
        _model.Forward.WriteInputs(ids, first, logitRows, soft);
        _model.Forward.WriteAllowed(0, allowed);
        foreach (SoftRun run in soft)
        {
            _model.Media!.Place(run);
            if (run.Skip == 0)
            {
                _media.Add(new PlacedMedium(run.Medium, first + run.Row));
            }
        }

        _model.Backend.Run(recording);
    }

    internal KvCache Cache => _kv;

    internal GemmaModel Model => _model;

    /// <summary>Whether an answer is being written into it.</summary>
    internal bool Answers { get; set; }

    /// <summary>The media in the cache.</summary>
    internal IReadOnlyList<PlacedMedium> PlacedMedia => _media;

    /// <summary>Whether a picture or sound waits to be taken in.</summary>
    internal bool HasPendingMedia => _pendingMedia.Count > 0;

    /// <summary>Makes a new session one whose rows were written from outside.</summary>
    internal void Resume(ReadOnlySpan<int> ids, int oldest, IReadOnlyList<PlacedMedium> media, IReadOnlyList<int> pending)
    {
        ids.CopyTo(_ids);
        _kv.Resume(ids.Length, oldest);
        _media.AddRange(media);
        _pending.AddRange(pending);
    }

    private void Forget()
    {
        _pending.Clear();
        _pendingMedia.Clear();
    }

    /// <summary>How many of the first <paramref name="same"/> rows, whose ids agree, have the same media too.</summary>
    private int SameRows(PromptRows prompt, int same)
    {
        for (int i = 0; ; i++)
        {
            PlacedMedium? mine = i < _media.Count ? _media[i] : null;
            PlacedMedium? theirs = i < prompt.Media.Count ? prompt.Media[i] : null;
            int first = Math.Min(mine?.First ?? int.MaxValue, theirs?.First ?? int.MaxValue);
            if (first >= same)
            {
                return same;
            }

            if (mine?.First != theirs?.First || mine?.Medium.Identity != theirs?.Medium.Identity || mine?.End > same)
            {
                return first;
            }
        }
    }

    private int Drawn(bool masked = false)
    {
        _model.Backend.Read(_model.Buffers.Drawn, _drawn.AsSpan());
        return NotFinite.Require(_drawn[0], _kv.Length - 1, masked);
    }

    private IRecording Recording(PassKey key)
    {
        Dictionary<PassKey, IRecording> recordings = _kv.Recordings;
        if (recordings.TryGetValue(key, out IRecording? recording))
        {
            return recording;
        }

        // Tails of prompts come in every length, and answers with every seed: keep the number of recorded passes bounded.
        if (recordings.Count >= MostRecordings)
        {
            Forget(recordings, key.Choice);
        }

        recording = Record(key);
        recordings.Add(key, recording);
        return recording;
    }

    /// <summary>Drops recordings but those of the answer that is being written: single steps and passes that check drafts.</summary>
    private static void Forget(Dictionary<PassKey, IRecording> recordings, Sample.Choice? choice)
    {
        foreach ((PassKey key, IRecording recording) in recordings)
        {
            if (key.T != key.LogitRows || key.Choice != choice)
            {
                recording.Dispose();
                recordings.Remove(key);
            }
        }
    }

    // In a method of its own, so that the closure is not made on every step.
    private IRecording Record(PassKey key)
    {
        PassPart[] parts = [new PassPart(_kv.Layers, 0, key.T, key.Choice, key.Masked)];
        return _model.Backend.Record(key.T == 1 ? "decode" : $"pass of {key.T}", pass => _model.Forward.Record(pass, parts, key.LogitRows));
    }
}
