using System;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Cache;
using GemmaVk.Runtime.Logits;

namespace GemmaVk.Runtime.Sessions;

/// <content>What checking drafts needs: rows that are run before it is known whether they stay.</content>
public sealed partial class Session
{
    /// <summary>
    /// Runs rows behind the end of the cache and draws the token after each. The session stays as it was: a row counts only
    /// once <see cref="Keep"/> takes it in.
    /// </summary>
    /// <param name="ids">The newest token and its drafts, up to 8, and no more than the context has room for.</param>
    /// <param name="choice">How to draw.</param>
    /// <param name="allowed">Which tokens may be drawn, ceil(V / 32) words for each row; none for all.</param>
    /// <returns>One token per row, -1 for a row of logits that are not finite, or of which none is allowed; valid until the next pass.</returns>
    /// <exception cref="Tensors.GemmaVkException">A file that is computed from in place was written to.</exception>
    public ReadOnlySpan<int> Verify(ReadOnlySpan<int> ids, in Sample.Choice choice, ReadOnlySpan<uint> allowed = default) => Verify(ids, choice, allowed, null);

    /// <inheritdoc cref="Verify(ReadOnlySpan{int}, in Sample.Choice, ReadOnlySpan{uint})"/>
    /// <param name="ids">The newest token and its drafts.</param>
    /// <param name="choice">How to draw.</param>
    /// <param name="allowed">Which tokens may be drawn.</param>
    /// <param name="logits">Draws in its own way where given.</param>
    internal ReadOnlySpan<int> Verify(ReadOnlySpan<int> ids, in Sample.Choice choice, ReadOnlySpan<uint> allowed, AnswerLogits? logits)
    {
        _model.Weights.CheckUnchanged();
        int first = _kv.Reserve(ids.Length);
        IRecording recording = Recording(new PassKey(ids.Length, ids.Length, logits is null ? choice : null, !allowed.IsEmpty));
        _model.Forward.WriteAllowed(0, allowed);
        _model.Forward.WriteInputs(ids, first, ids.Length);
        _model.Backend.Run(recording);
        logits?.Draw(0, !allowed.IsEmpty);
        _model.Backend.Read(_model.Buffers.Drawn, _drawn.AsSpan());
        return _drawn.AsSpan(0, ids.Length);
    }

    /// <summary>Takes in the next row that <see cref="Verify"/> or a <see cref="Forward.SharedPass"/> ran, as a decoding step of <paramref name="id"/> would have.</summary>
    internal void Keep(int id)
    {
        Forget();
        _ids[_kv.Append(1)] = id;
        _made.Add(Length, wide: false);
        SealLived();
    }
}
