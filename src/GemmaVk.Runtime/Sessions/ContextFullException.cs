using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Sessions;

/// <summary>What was said does not fit into the context.</summary>
/// <param name="message">The full sentence.</param>
/// <param name="tokens">Tokens that were to be taken in.</param>
/// <param name="context">Most positions of the session.</param>
public sealed class ContextFullException(string message, int tokens, int context) : GemmaVkException(message)
{
    /// <summary>Tokens that were to be taken in.</summary>
    public int Tokens => tokens;

    /// <summary>Most positions of the session.</summary>
    public int Context => context;
}
