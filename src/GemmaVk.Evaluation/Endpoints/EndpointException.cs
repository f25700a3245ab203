using System;
using GemmaVk.Tensors;

namespace GemmaVk.Evaluation.Endpoints;

/// <summary>A server that cannot be asked any more, or never could: a run ends here, and goes on when it is started again.</summary>
public sealed class EndpointException : GemmaVkException
{
    /// <summary>Creates the error with its full sentence.</summary>
    public EndpointException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error and keeps what caused it.</summary>
    public EndpointException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
