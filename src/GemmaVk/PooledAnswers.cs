using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Text;

namespace GemmaVk;

/// <summary>
/// Answers for callers that bring the whole conversation each time, as servers have them. As many run side by side as memory was planned for
/// (<see cref="EngineOptions.Sessions"/>), the others wait in the order they came; what of a conversation is in a cache is not run again. From any thread.
/// </summary>
/// <param name="engine">The model; stays the caller's to dispose, after this.</param>
/// <param name="context">Most positions of a conversation, or null for <see cref="GemmaEngine.DefaultContextLength"/>.</param>
public sealed class PooledAnswers(GemmaEngine engine, int? context = null) : IDisposable
{
    private readonly SessionPool _sessions = new(engine, context);

    /// <summary>Most positions of a conversation.</summary>
    public int Context => context ?? engine.DefaultContextLength;

    /// <summary>A written conversation as rows.</summary>
    /// <param name="prompt">Placeholders as the template writes them.</param>
    /// <param name="media">A part for each placeholder, in order.</param>
    /// <exception cref="Tensors.GemmaVkException">Placeholders and media do not match, or the model cannot take a part.</exception>
    public PromptRows Rows(ChatPrompt prompt, IReadOnlyList<MessagePart> media)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(media);
        return GemmaSession.Rows(engine, prompt, media);
    }

    /// <summary>Continues a conversation once it is its turn.</summary>
    /// <param name="rows">All of it.</param>
    /// <param name="inThought">Whether it ends inside a thought (<see cref="ChatPrompt.EndsInThought"/>).</param>
    /// <param name="options">How to answer.</param>
    /// <param name="onDelta">Called with what each token adds, on the batch's thread: every answer waits for it.</param>
    /// <param name="onTurn">Called when the wait is over.</param>
    /// <param name="cancel">Ends the wait with an <see cref="OperationCanceledException"/>; ends the answer within a step, which is then given as it is.</param>
    /// <returns>The answer, and how many tokens of the conversation were in a cache.</returns>
    /// <exception cref="Tensors.GemmaVkException">It does not fit into the context, or an option cannot be honoured.</exception>
    public async Task<(Answer Answer, int Reused)> AnswerAsync(
        PromptRows rows, bool inThought, AskOptions options, Action<ResponseDelta> onDelta, Action? onTurn = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        GemmaSession session = await _sessions.Take(rows, cancel).ConfigureAwait(false);
        try
        {
            onTurn?.Invoke();
            return await session.ContinueAsync(rows, inThought, options, onDelta, cancel).ConfigureAwait(false);
        }
        finally
        {
            _sessions.Return(session);
        }
    }

    /// <summary>How likely each token of a text is after those before it, once it is its turn.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="options">From which row on, and how many alternatives.</param>
    /// <param name="cancel">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="Tensors.GemmaVkException">It does not fit into the context, or an option cannot be honoured.</exception>
    public async Task<Likelihoods> ScoreAsync(PromptRows text, ScoreOptions options, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        GemmaSession session = await _sessions.Take(text, cancel).ConfigureAwait(false);
        try
        {
            return await session.ScoreAsync(text, options, cancel).ConfigureAwait(false);
        }
        finally
        {
            _sessions.Return(session);
        }
    }

    /// <summary>Gives the caches back; the engine stays.</summary>
    public void Dispose() => _sessions.Dispose();
}
