using System;

namespace GemmaVk.Runtime.Sessions;

// Letters: V vocabulary, n drafts that may follow.

/// <summary>
/// What an answer may be, followed token by token. It belongs to one answer and is asked on one thread at a time. Rows of a pass
/// hold the text and 0 to n drafts: each is drawn under the mask of its own place, so that drafts change no token.
/// </summary>
public interface IAnswerConstraint
{
    /// <summary>
    /// Follows drafts behind the tokens that were taken, as far as they may follow. <see cref="Binds"/> and <see cref="Fill"/> speak of these places until the
    /// next call.
    /// </summary>
    /// <returns>How many of them may follow, n.</returns>
    int Try(ReadOnlySpan<int> drafts);

    /// <summary>Whether some token may not come after the first <paramref name="drafts"/> of the drafts, 0 to n.</summary>
    bool Binds(int drafts);

    /// <summary>Writes which tokens may come there: bit i mod 32 of word i / 32 for token i; ceil(V / 32) words.</summary>
    void Fill(int drafts, Span<uint> allowed);

    /// <summary>Takes the token that came.</summary>
    void Take(int id);

    /// <summary>Tokens that very likely come next, because the text is certain: drafts that cost nothing.</summary>
    /// <returns>How many were written.</returns>
    int Guess(Span<int> drafts);
}
