using System;

namespace GemmaVk.Evaluation.Questions;

/// <summary>A field of a line that is wrong.</summary>
/// <param name="name">Its name.</param>
/// <param name="message">What was expected and what came.</param>
internal sealed class FieldException(string name, string message) : Exception(message)
{
    /// <summary>Its name.</summary>
    public string Field => name;
}
