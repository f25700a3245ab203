namespace GemmaVk.Documents.Search;

/// <summary>A passage and how well it fits a question: more is better, by the measure of whoever found it.</summary>
/// <param name="Passage">The passage.</param>
/// <param name="Score">BM25, a log-likelihood per token, or what a store of vectors gives.</param>
public readonly record struct FoundPassage(Passage Passage, double Score);
