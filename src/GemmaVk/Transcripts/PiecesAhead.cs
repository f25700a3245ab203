using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Runtime.ExceptionServices;
using System.Threading;

namespace GemmaVk.Transcripts;

/// <summary>Listening goes on while the model writes: a microphone does not wait.</summary>
public static class PiecesAhead
{
    /// <summary>The same elements, taken from their source on a thread of its own.</summary>
    /// <param name="source">Enumerated once, to its end or until nobody wants more.</param>
    /// <param name="most">Most elements that wait; the thread waits then. None are dropped.</param>
    public static IEnumerable<T> Of<T>(IEnumerable<T> source, int most)
    {
        // Neither is disposed of: the thread may be waiting for a microphone that nobody speaks into.
        BlockingCollection<T> waiting = new(most);
        CancellationTokenSource left = new();
        ExceptionDispatchInfo? error = null;
        Thread listening = new(() =>
        {
            try
            {
                foreach (T element in source)
                {
                    waiting.Add(element, left.Token);
                }
            }
            catch (OperationCanceledException) when (left.IsCancellationRequested)
            {
                // The reader has left.
            }
            catch (Exception e)
            {
                error = ExceptionDispatchInfo.Capture(e);
            }
            finally
            {
                waiting.CompleteAdding();
            }
        })
        { IsBackground = true, Name = "listening" };
        listening.Start();
        try
        {
            foreach (T element in waiting.GetConsumingEnumerable())
            {
                yield return element;
            }

            error?.Throw();
        }
        finally
        {
            left.Cancel();
        }
    }
}
