namespace GemmaVk.Runtime.Logits;

/// <summary>A token of an answer and what is known of it.</summary>
/// <param name="Id">The token.</param>
/// <param name="Drafted">Whether the drafter had guessed it.</param>
/// <param name="Logprob">How likely it was, where <see cref="LogitOptions.TopLogprobs"/> asks for it.</param>
public readonly record struct GivenToken(int Id, bool Drafted, TokenLogprob? Logprob);
