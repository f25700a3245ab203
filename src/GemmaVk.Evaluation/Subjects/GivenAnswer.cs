using System.Collections.Generic;
using GemmaVk.Text;

namespace GemmaVk.Evaluation.Subjects;

/// <summary>What a model answered.</summary>
/// <param name="Text">Its words, without thoughts.</param>
/// <param name="Calls">Tools that it calls.</param>
/// <param name="Tokens">Tokens that it wrote, as far as that is told.</param>
public sealed record GivenAnswer(string Text, IReadOnlyList<ToolCall> Calls, int Tokens);
