using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Runtime.Logits;

/// <summary>How likely a text was, token by token.</summary>
/// <param name="From">The first row that was scored.</param>
/// <param name="Tokens">
/// One entry per row from <paramref name="From"/> on: how likely its token was after everything before it; null where a picture, a sound or a
/// frame stands, which is no token.
/// </param>
/// <param name="Cached">Rows before <paramref name="From"/> that were in the session's cache already.</param>
public sealed record Likelihoods(int From, IReadOnlyList<TokenLogprob?> Tokens, int Cached)
{
    /// <summary>Tokens that were scored.</summary>
    public int Count => Tokens.Count(token => token is not null);

    /// <summary>The log-likelihood of them all after what stands before them.</summary>
    public double Sum => Tokens.Sum(token => token?.Logprob ?? 0);

    /// <summary>Whether each of them was the likeliest token at its place.</summary>
    public bool IsGreedy => Tokens.All(token => token is null or { Rank: 0 });
}
