using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Hybrid.Rules;
using GemmaVk.Server.Answers;
using GemmaVk.Tensors;

namespace GemmaVk.Server.Routing;

/// <summary>
/// The model here up to the first thing that it says: until then nothing was sent, and an endpoint may be asked for. An answer that has begun is not
/// taken away. Time in the queue counts.
/// </summary>
/// <param name="rule">Says which failures and how much time.</param>
/// <param name="gone">Cancelled when the caller goes.</param>
internal sealed class LocalTrial(RouteRule rule, CancellationToken gone) : IDisposable
{
    private readonly CancellationTokenSource _late = CancellationTokenSource.CreateLinkedTokenSource(gone);

    /// <summary>Ends the work: the caller has gone, or the time is over.</summary>
    public CancellationToken Late => _late.Token;

    /// <summary>Why an endpoint is to answer, where nothing began.</summary>
    public string Why { get; private set; } = "";

    /// <summary>Waits for the first event.</summary>
    /// <returns>All events; null where none came, and then the work has ended.</returns>
    public async Task<IAsyncEnumerable<AnswerEvent>?> Begin(IAsyncEnumerable<AnswerEvent> events)
    {
        IAsyncEnumerator<AnswerEvent> each = events.GetAsyncEnumerator(CancellationToken.None);
        try
        {
            if (rule.LocalTime is { } time)
            {
                _late.CancelAfter(time);
            }

            bool any = await each.MoveNextAsync().ConfigureAwait(false);
            _late.CancelAfter(Timeout.InfiniteTimeSpan);
            _late.Token.ThrowIfCancellationRequested();
            return Rest(each, any);
        }
        catch (OperationCanceledException) when (_late.IsCancellationRequested && !gone.IsCancellationRequested)
        {
            Why = FormattableString.Invariant($"the local model had no words within {rule.LocalTime!.Value.TotalSeconds:0.###} s ({rule.Name})");
        }
        catch (Exception e) when (rule.OnFailure && e is GemmaVkException or InvalidOperationException or OutOfMemoryException or TimeoutException)
        {
            string what = e is TimeoutException ? "its answer took longer than answers may here" : VisibleText.Line(e.Message);
            Why = $"the local model failed ({rule.Name}): {what}";
        }

        await each.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _late.Dispose();

    private static async IAsyncEnumerable<AnswerEvent> Rest(IAsyncEnumerator<AnswerEvent> each, bool any)
    {
        await using (each.ConfigureAwait(false))
        {
            for (; any; any = await each.MoveNextAsync().ConfigureAwait(false))
            {
                yield return each.Current;
            }
        }
    }
}
