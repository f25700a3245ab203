using System;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Logits;

namespace GemmaVk.Runtime.Sessions;

// Letters: V vocabulary.

/// <summary>
/// A text on its way to its likelihood: its rows are taken in like a prompt's, piece by piece, and the logits of each piece's rows are
/// weighed against the tokens that follow. The last token is not taken in: nothing follows it.
/// </summary>
internal sealed class Scoring : IBatchWork
{
    private readonly GemmaModel _model;
    private readonly Session _session;
    private readonly CancellationToken _cancel;
    private readonly int _from;
    private readonly int _top;
    private readonly ScoredRowListener? _onRow;
    private readonly int _cached;

    // The text behind what was cached, and of it what is taken in.
    private readonly PromptRows _text;
    private readonly PromptRows _prompt;
    private readonly bool[] _isSoft;
    private readonly TokenLogprob?[] _tokens;
    private int _row;

    /// <param name="model">What runs.</param>
    /// <param name="session">What it begins with like the text stays in its cache, the rest is forgotten. Nobody else may run it meanwhile.</param>
    /// <param name="text">The whole text, from the first row of the conversation on.</param>
    /// <param name="options">What is wanted.</param>
    /// <param name="cancel">Ends it between two pieces.</param>
    /// <exception cref="ContextFullException">The text does not fit into the context.</exception>
    /// <exception cref="Tensors.GemmaVkException">An option cannot be honoured, the session answers, or an id is none of the vocabulary.</exception>
    public Scoring(GemmaModel model, Session session, PromptRows text, ScoreOptions options, CancellationToken cancel)
    {
        (_model, _session, _cancel, _from, _top, _onRow) = (model, session, cancel, options.From, options.TopLogprobs, options.OnRow);
        options.Check(text.Length);
        session.RequireRest();
        if (text.Length - 1 > session.Context)
        {
            throw new ContextFullException(
                $"the text to score has {text.Length} tokens, more than --context {session.Context} and the one that follows. Shorten it, or raise --context "
                + $"(the model allows {model.Config.MaxPositionEmbeddings}).",
                text.Length,
                session.Context);
        }

        _isSoft = new bool[text.Length];
        foreach (PlacedMedium placed in text.Media)
        {
            _isSoft.AsSpan(Math.Max(0, placed.First)..placed.End).Fill(true);
        }

        session.RequireIds(text);
        // The row before the first that is scored has to run: its logits are wanted.
        _cached = session.KeepPrefix(text.Without(_from, text.Length));
        _text = session.BeginAlone(text.From(_cached));
        int end = Array.LastIndexOf(_isSoft, false) - _cached;
        _prompt = end > 0 && _from <= end + _cached ? _text.Without(end, _text.Length) : PromptRows.None;
        _tokens = new TokenLogprob?[text.Length - _from];
        session.Answers = true;
        EndIfDone();
    }

    /// <inheritdoc/>
    public Session Session => _session;

    /// <inheritdoc/>
    public bool InPrompt => _row < _prompt.Length && !Done;

    /// <inheritdoc/>
    public bool Done { get; private set; }

    /// <inheritdoc/>
    public void HeedCancel()
    {
        if (!Done && _cancel.IsCancellationRequested)
        {
            _session.Leave(_text.From(_row));
            Done = true;
        }
    }

    /// <inheritdoc/>
    public int TakeIn(int? most = null)
    {
        int end = PieceEnd(most);
        int first = _row;
        _ = _session.TakeIn(_prompt, first, end, null);
        try
        {
            Weigh(first, end);
        }
        catch (DeviceLostException)
        {
            // As if it had not begun: it may be run again.
            _session.TakeBack(end - first);
            throw;
        }

        _row = end;
        EndIfDone();
        return end - first;
    }

    /// <inheritdoc/>
    public void Release() => _session.Answers = false;

    /// <summary>The likelihood, once it is done.</summary>
    /// <exception cref="OperationCanceledException">The caller ended it.</exception>
    public Likelihoods Result()
    {
        if (_row < _prompt.Length)
        {
            _cancel.ThrowIfCancellationRequested();
        }

        return new Likelihoods(_from, _tokens, _cached);
    }

    private void EndIfDone()
    {
        if (_row >= _prompt.Length)
        {
            _session.Leave(_text.From(_row));
            Done = true;
        }
    }

    /// <summary>
    /// Where the next pass ends: as a prompt's does, but its last pass is no shorter than nine rows where there are as many, because up to
    /// eight rows go through other sums. So the same numbers come out whatever the length of a chunk.
    /// </summary>
    private int PieceEnd(int? most)
    {
        const int Few = MatVec.MaxRows;
        int end = _prompt.PieceEnd(_row, _model.Chunk, most);
        int left = _prompt.Length - end;
        if (_model.Chunk <= 2 * Few || left > Few)
        {
            return end;
        }

        if (_prompt.Length - _row <= 2 * Few)
        {
            return _prompt.Length;
        }

        int earlier = _prompt.Length - Few - 1;
        return left > 0 && _prompt.PassEnd(_row, earlier - _row) == earlier ? earlier : end;
    }

    /// <summary>Weighs the tokens after rows first .. end - 1 of the text, which the newest pass has run.</summary>
    private void Weigh(int first, int end)
    {
        int T = end - first;
        int row = first;
        while (row < end)
        {
            int count = 0;
            while (count < MatVec.MaxRows && row + count < end && IsWanted(row + count))
            {
                count++;
            }

            if (count > 0)
            {
                Weigh(T, row - first, row, count);
                T = 0;
            }

            row += Math.Max(count, 1);
        }
    }

    private void Weigh(int T, int passRow, int row, int count)
    {
        int V = _model.Config.VocabSize;
        float[] logits = _model.HeadRows.Run(T, passRow, count);
        int[] next = _text.Ids.Slice(row + 1, count).ToArray();
        int place = _cached + row + 1 - _from;
        _ = Parallel.For(0, count, i => _tokens[place + i] = LogSoftmax.Of(logits.AsSpan(i * V, V), next[i], _top));
        for (int i = 0; i < count; i++)
        {
            _ = NotFinite.Require(_tokens[place + i] is null ? -1 : 0, _cached + row + i);
            _onRow?.Invoke(_from + place + i, _tokens[place + i]!, logits.AsSpan(i * V, V));
        }
    }

    /// <summary>Whether the token after a row is scored.</summary>
    private bool IsWanted(int row) => _cached + row + 1 >= _from && !_isSoft[_cached + row + 1];
}
