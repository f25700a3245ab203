using System;

namespace GemmaVk.Evaluation.Questions;

/// <summary>A line that is no question.</summary>
/// <param name="message">What was expected and what came.</param>
/// <param name="column">Where in the line, in bytes from 1.</param>
internal sealed class QuestionException(string message, int column) : Exception(message)
{
    /// <summary>Where in the line, in bytes from 1.</summary>
    public int Column => column;
}
