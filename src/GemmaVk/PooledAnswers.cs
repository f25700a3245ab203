using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Sessions;
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
    private readonly ConcurrentDictionary<GemmaSession, bool> _used = new();

    /// <summary>Most positions of a conversation.</summary>
    public int Context => context ?? engine.DefaultContextLength;

    /// <summary>Positions of the conversations that are answered now; as it was a moment ago.</summary>
    public long RowsInUse => _used.Keys.Sum(session => (long)session.Length);

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
    /// <param name="salt">Whom it may share rows of a cache with: those with the same salt.</param>
    /// <param name="onTurn">Called when the wait is over.</param>
    /// <param name="cancel">Ends the wait with an <see cref="OperationCanceledException"/>; ends the answer within a step, which is then given as it is.</param>
    /// <returns>The answer, and how many tokens of the conversation were in a cache.</returns>
    /// <exception cref="Tensors.GemmaVkException">It does not fit into the context, or an option cannot be honoured.</exception>
    public Task<(Answer Answer, int Reused)> AnswerAsync(
        PromptRows rows, bool inThought, AskOptions options, Action<ResponseDelta> onDelta, string salt = "", Action? onTurn = null, CancellationToken cancel = default) =>
        Use(
            rows,
            salt,
            session =>
            {
                onTurn?.Invoke();
                return session.ContinueAsync(rows, inThought, options, onDelta, cancel);
            },
            cancel);

    /// <summary>How likely each token of a text is after those before it, once it is its turn.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="options">From which row on, and how many alternatives.</param>
    /// <param name="cancel">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="Tensors.GemmaVkException">It does not fit into the context, or an option cannot be honoured.</exception>
    public Task<Likelihoods> ScoreAsync(PromptRows text, ScoreOptions options, CancellationToken cancel = default) =>
        Use(text, "", session => session.ScoreAsync(text, options, cancel), cancel);

    /// <summary>Saves what the cache holds of a conversation; what it does not hold is taken in first.</summary>
    /// <param name="rows">All of it.</param>
    /// <param name="store">Where.</param>
    /// <param name="id">Under which id.</param>
    /// <param name="notes">What is given back with it.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="Tensors.GemmaVkException">It does not fit, the id is none, or the file cannot be written.</exception>
    public Task<int> SaveAsync(PromptRows rows, SessionStore store, string id, string notes, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Use(
            rows,
            "",
            async session =>
            {
                await session.ContinueAsync(rows, false, new AskOptions { MaxTokens = 1, Draw = new DrawOptions(Temperature: 0) }, _ => { }, cancel).ConfigureAwait(false);
                await store.SaveAsync(id, session, notes).ConfigureAwait(false);
                return session.Length;
            },
            cancel);
    }

    /// <summary>Takes a saved conversation in, in place of the one that was used longest ago: who goes on with it finds it in a cache.</summary>
    /// <param name="store">Where it is.</param>
    /// <param name="id">Its id.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>Its tokens, and what was saved with it.</returns>
    /// <exception cref="Tensors.GemmaVkException">There is none, it is damaged, or it belongs to another model.</exception>
    public async Task<(int Tokens, string Notes)> RestoreAsync(SessionStore store, string id, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        GemmaSession place = await _sessions.Take(PromptRows.None, "", cancel).ConfigureAwait(false);
        try
        {
            // The memory of the one that goes is that of the one that comes.
            place.Dispose();
            (place, string notes) = await store.RestoreAsync(id, Context).ConfigureAwait(false);
            return (place.Length, notes);
        }
        catch
        {
            place = engine.NewSession(Context);
            throw;
        }
        finally
        {
            _sessions.Return(place);
        }
    }

    /// <summary>Gives the caches back; the engine stays.</summary>
    public void Dispose() => _sessions.Dispose();

    private async Task<T> Use<T>(PromptRows rows, string salt, Func<GemmaSession, Task<T>> use, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(rows);
        GemmaSession session = await _sessions.Take(rows, salt, cancel).ConfigureAwait(false);
        _used[session] = true;
        try
        {
            return await use(session).ConfigureAwait(false);
        }
        finally
        {
            _used.TryRemove(session, out _);
            _sessions.Return(session);
        }
    }
}
