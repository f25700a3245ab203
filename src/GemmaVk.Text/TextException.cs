using System;

namespace GemmaVk.Text;

/// <summary>A mistake in a tokenizer file or in a conversation: the message says what was expected, what came and what to do.</summary>
public sealed class TextException : Exception
{
    /// <summary>Makes the exception from one clear sentence.</summary>
    public TextException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception from one clear sentence and what caused it.</summary>
    public TextException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
