using System;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk;

/// <content>How likely a text is, without a conversation.</content>
public sealed partial class GemmaEngine
{
    /// <summary>
    /// How likely each token of a text is after those before it, on a session of its own that holds just the text. For several texts with a
    /// common beginning a session serves them all: <see cref="GemmaSession.ScoreAsync"/>.
    /// </summary>
    /// <param name="text">The whole text, media included, from its first token on (bos, as the tokenizer writes it).</param>
    /// <param name="options">From which row on, and how many alternatives; null for every token after the first and none.</param>
    /// <param name="cancel">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="Tensors.GemmaVkException">It is longer than the model's context, does not fit beside the sessions there are, or an option cannot be honoured.</exception>
    public async Task<Likelihoods> ScoreAsync(PromptRows text, ScoreOptions? options = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        using GemmaSession session = NewSession(Math.Max(1, text.Length));
        return await session.ScoreAsync(text, options, cancel).ConfigureAwait(false);
    }
}
