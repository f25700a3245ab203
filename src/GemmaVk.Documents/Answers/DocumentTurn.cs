using System.Collections.Generic;

namespace GemmaVk.Documents.Answers;

/// <summary>What documents add to a question.</summary>
/// <param name="Parts">What stands in front of it: quoted passages, and pictures of pages without text. Empty where the conversation has all of it.</param>
/// <param name="Passages">All passages that the answer can come from, earlier turns' included.</param>
public sealed record DocumentTurn(IReadOnlyList<MessagePart> Parts, IReadOnlyList<Passage> Passages);
