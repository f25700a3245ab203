namespace GemmaVk.Evaluation.Perplexity;

/// <summary>A token of a text and how likely it was.</summary>
/// <param name="Index">Which scored token it is, from 0.</param>
/// <param name="Id">The token.</param>
/// <param name="Logprob">Natural logarithm of its probability.</param>
/// <param name="Rank">How many tokens were likelier.</param>
/// <param name="Place">Tokens before it in its window, bos included.</param>
public readonly record struct ScoredToken(int Index, int Id, double Logprob, int Rank, int Place);
