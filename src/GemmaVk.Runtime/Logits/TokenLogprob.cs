using System.Collections.Generic;

namespace GemmaVk.Runtime.Logits;

/// <summary>
/// How likely a token was at its place: the natural logarithm of its share of softmax over all logits as the model gives them, at
/// temperature 1, before biases, penalties, suppressed ids and every rule of drawing.
/// Source: OpenAI's and llama-server's logprobs.
/// </summary>
/// <param name="Id">The token.</param>
/// <param name="Logprob">At most 0.</param>
/// <param name="Rank">How many tokens were likelier; of equals the lowest id is the likeliest, so that 0 is the greedy choice.</param>
/// <param name="Top">The likeliest tokens there, the likeliest first: as many as were asked for.</param>
public sealed record TokenLogprob(int Id, double Logprob, int Rank, IReadOnlyList<TopLogprob> Top);

/// <summary>One of the likeliest tokens at a place.</summary>
/// <param name="Id">The token.</param>
/// <param name="Logprob">As <see cref="TokenLogprob.Logprob"/>.</param>
public readonly record struct TopLogprob(int Id, double Logprob);
