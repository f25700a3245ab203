using GemmaVk.Grammar;

namespace GemmaVk.Structured;

/// <summary>A place in an answer: it never changes, so that going back is keeping an older one.</summary>
/// <param name="Stage">What the answer is in the middle of.</param>
/// <param name="Position">Where in its text or its call.</param>
internal readonly record struct ShapeSpot(ShapeStage Stage, GrammarPosition Position = default);
