using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk;

/// <summary>How likely a text is, on the cache of a conversation: texts with a common beginning take it in once.</summary>
public sealed partial class GemmaSession
{
    /// <summary>
    /// How likely each token of a text is after those before it, beside what other sessions answer. What the session has of the text's
    /// beginning is not taken in again, up to the first row that is scored; what it was used for otherwise is forgotten.
    /// </summary>
    /// <param name="text">The whole text, media included, from its first token on (bos, as the tokenizer writes it).</param>
    /// <param name="options">From which row on, and how many alternatives; null for every token after the first and none.</param>
    /// <param name="cancel">Ends it with an <see cref="System.OperationCanceledException"/>; the session can go on.</param>
    /// <exception cref="Tensors.GemmaVkException">It does not fit into the context, or an option cannot be honoured.</exception>
    public Task<Likelihoods> ScoreAsync(PromptRows text, ScoreOptions? options = null, CancellationToken cancel = default) =>
        _engine.Batch.Score(_session, text, options, cancel);
}
