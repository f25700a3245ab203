namespace GemmaVk.Documents.Answers;

/// <summary>A sentence of an answer and where it came from.</summary>
/// <param name="Text">The sentence.</param>
/// <param name="Start">Where it begins in the answer, in characters.</param>
/// <param name="Source">The passage, or null where it is the model's own.</param>
/// <param name="Score">The share of it that the passage nearest to it has, 0 to 1.</param>
public sealed record CitedSentence(string Text, int Start, Passage? Source, double Score)
{
    /// <summary>What a sentence of the model's own is marked with.</summary>
    public const string OwnMark = "[own]";

    /// <summary>The mark behind it: of its passage, or <see cref="OwnMark"/>.</summary>
    public string Mark => Source?.Mark ?? OwnMark;
}
