using System;
using System.Threading.Tasks;
using GemmaVk.Kernels;

namespace GemmaVk.Runtime.Sessions;

/// <summary>What a batch runs, and who waits for it.</summary>
internal abstract class BatchJob
{
    /// <summary>What runs, once it has begun.</summary>
    public IBatchWork? Work { get; private set; }

    /// <summary>The same where it decodes.</summary>
    public Answering? Answer => Work as Answering;

    /// <summary>Whether it has begun and neither ended nor failed.</summary>
    public bool Runs => Work is { Done: false } && !IsSettled;

    /// <summary>Whether whoever waits has an answer or an error.</summary>
    protected abstract bool IsSettled { get; }

    /// <summary>Begins if it has not, and ends if it is no longer wanted.</summary>
    public void Begin() => Attempt(static own => (own.Work ??= own.Make()).HeedCancel());

    /// <summary>Whatever is wrong with one job ends that one; a lost device is wrong with all.</summary>
    public void Attempt(Action<BatchJob> step)
    {
        if (IsSettled)
        {
            return;
        }

        try
        {
            step(this);
        }
        catch (Exception e) when (e is not DeviceLostException)
        {
            Fail(e);
        }
    }

    /// <summary>Tells whoever waits what went wrong.</summary>
    public abstract void Fail(Exception error);

    /// <summary>Gives the result, where the work is done.</summary>
    public abstract void Settle();

    /// <summary>Makes the work.</summary>
    protected abstract IBatchWork Make();
}

/// <summary>A job with a result.</summary>
/// <param name="begin">Makes the work.</param>
/// <param name="result">What comes of it once it is done.</param>
internal sealed class BatchJob<TWork, TResult>(Func<TWork> begin, Func<TWork, TResult> result) : BatchJob
    where TWork : class, IBatchWork
{
    private readonly TaskCompletionSource<TResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The result.</summary>
    public Task<TResult> Task => _done.Task;

    /// <inheritdoc/>
    protected override bool IsSettled => _done.Task.IsCompleted;

    /// <inheritdoc/>
    public override void Fail(Exception error) => _done.TrySetException(error);

    /// <inheritdoc/>
    public override void Settle()
    {
        if (Work is not TWork { Done: true } work)
        {
            return;
        }

        try
        {
            _done.TrySetResult(result(work));
        }
        catch (OperationCanceledException cancelled)
        {
            _done.TrySetCanceled(cancelled.CancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override IBatchWork Make() => begin();
}
