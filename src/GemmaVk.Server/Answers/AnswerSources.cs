using System.Collections.Generic;
using GemmaVk.Documents;

namespace GemmaVk.Server.Answers;

/// <summary>What a request's documents gave to answer from.</summary>
/// <param name="Passages">The passages, in order.</param>
/// <param name="Question">The words of the user's newest message: what repeats them proves no source.</param>
internal sealed record AnswerSources(IReadOnlyList<Passage> Passages, string Question);
