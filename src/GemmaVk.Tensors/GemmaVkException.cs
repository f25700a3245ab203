using System;

namespace GemmaVk.Tensors;

/// <summary>
/// A mistake the user can mend: a bad file, flag or request. The message names the file or flag, what was expected,
/// what came, and what to do. Faces print it as one sentence and exit with code 1. What it quotes from files is shown escaped (<see cref="VisibleText"/>).
/// </summary>
public class GemmaVkException : Exception
{
    /// <summary>Creates the error with its full sentence.</summary>
    public GemmaVkException(string message)
        : base(VisibleText.Sentence(message))
    {
    }

    /// <summary>Creates the error and keeps what caused it for the verbose log.</summary>
    public GemmaVkException(string message, Exception inner)
        : base(VisibleText.Sentence(message), inner)
    {
    }

    /// <summary>
    /// The variable of the environment that asks for what it cannot, where that is what is wrong, here or behind: no other device is an answer to it, so
    /// what lists devices ends with it too. Else null.
    /// </summary>
    public string? Variable
    {
        get => field ?? (InnerException as GemmaVkException)?.Variable;
        init;
    }
}
