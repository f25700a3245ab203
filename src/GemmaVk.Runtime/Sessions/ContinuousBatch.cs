using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Logits;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Sessions;

/// <summary>
/// Answers of many sessions side by side, on a thread of its own that alone touches the device. Between two decoding passes, which hold
/// rows of up to eight sessions, one piece of one prompt is taken in, so that answers in the middle never wait for more than that. An
/// answer joins between two steps and leaves when it ends. Each is the same, token by token, as alone: a row's bits do not depend on
/// the rows beside it, nor on the pieces that a prompt comes in.
/// Source: continuous (iteration-level) batching, Orca, OSDI 2022, section 3.
/// </summary>
/// <param name="model">What runs.</param>
/// <param name="drafter">Its drafter, or null.</param>
public sealed class ContinuousBatch(GemmaModel model, Drafter? drafter = null) : IDisposable
{
    /// <summary>Longest that running answers wait for a piece of another's prompt, unless set otherwise.</summary>
    public static readonly TimeSpan DefaultPrefillTime = TimeSpan.FromMilliseconds(250);

    // What a first piece may have before the device's speed is known.
    private const int FirstPiece = 32;
    private const double Weight = 0.25;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _work = new(0);
    private readonly Queue<BatchJob> _arrivals = new();
    private readonly Queue<Action> _actions = new();
    private readonly List<BatchJob> _jobs = [];
    private readonly List<BatchJob> _decoding = [];
    private readonly int[] _first = new int[MatVec.MaxRows];
    private readonly int[] _count = new int[MatVec.MaxRows];
    private readonly SharedPass _pass = new(model);
    private DeviceRecovery? _recovery;
    private Thread? _thread;
    private double _secondsPerRow;
    private int _turn;
    private bool _closed;

    /// <summary>Longest that running answers wait for a piece of another's prompt.</summary>
    public TimeSpan PrefillTime { get; init; } = DefaultPrefillTime;

    /// <summary>Told in a sentence where a device was lost and opened anew.</summary>
    public Action<string>? Notice { get; init; }

    /// <summary>Answers that have begun, and those that have not.</summary>
    public (int Running, int Waiting) Load
    {
        get
        {
            lock (_gate)
            {
                return (_jobs.Count, _arrivals.Count);
            }
        }
    }

    /// <summary>What a row of a prompt takes, as far as pieces have told; 0 before the first.</summary>
    internal double SecondsPerRow => _secondsPerRow;

    /// <summary>Continues a session beside the others.</summary>
    /// <param name="session">Where the past is. Nobody else may touch it until the answer has ended.</param>
    /// <param name="prompt">New tokens and media, at least one row unless some are pending.</param>
    /// <param name="options">When to stop and how to draw.</param>
    /// <param name="onToken">Called with each token as soon as it is known, on the batch's thread: all answers wait for it.</param>
    /// <param name="cancel">Ends the answer between two tokens, or the prompt between two pieces.</param>
    /// <returns>Fails with a <see cref="GemmaVkException"/> where the prompt does not fit, and with what <paramref name="onToken"/> throws.</returns>
    public Task<Generation> Generate(
        Session session, PromptRows prompt, GenerationOptions options, Action<int>? onToken = null, CancellationToken cancel = default)
    {
        BatchJob<Answering, Generation> job = new(
            () => new Answering(model, drafter, session, prompt, options, onToken, cancel), static answer => answer.Result());
        ObjectDisposedException.ThrowIf(!Enter(() => _arrivals.Enqueue(job)), this);
        return job.Task;
    }

    /// <summary>
    /// How likely each token of a text was after those before it: as <see cref="Scorer.Score"/>, piece by piece between the steps of the
    /// answers. Prompts of answers go first.
    /// </summary>
    /// <param name="session">What it begins with like the text stays in its cache. Nobody else may touch it until the score is there.</param>
    /// <param name="text">The whole text.</param>
    /// <param name="options">What is wanted; null for every token after the first.</param>
    /// <param name="cancel">Ends it between two pieces.</param>
    /// <returns>Fails with a <see cref="GemmaVkException"/> where the text does not fit, and is cancelled with <paramref name="cancel"/>.</returns>
    public Task<Likelihoods> Score(Session session, PromptRows text, ScoreOptions? options = null, CancellationToken cancel = default)
    {
        BatchJob<Scoring, Likelihoods> job = new(
            () => new Scoring(model, session, text, options ?? new ScoreOptions(), cancel), static scoring => scoring.Result());
        ObjectDisposedException.ThrowIf(!Enter(() => _arrivals.Enqueue(job)), this);
        return job.Task;
    }

    /// <summary>Runs what needs the device (opening, copying or closing a session) between two passes.</summary>
    public Task<T> Do<T>(Func<T> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Thread.CurrentThread == _thread)
        {
            // A listener of an answer: between two passes already.
            return Task.FromResult(action());
        }

        bool entered = Enter(() => _actions.Enqueue(() => Act(action, done)));
        // Once the thread has ended nobody else is at the device.
        return entered ? done.Task : Task.FromResult(action());
    }

    /// <summary>Ends every answer and the thread.</summary>
    public void Dispose()
    {
        Thread? thread;
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            thread = _thread;
        }

        _work.Release();
        thread?.Join();
        _work.Dispose();
    }

    /// <summary>False where everything has ended.</summary>
    private bool Enter(Action enqueue)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            enqueue();
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "gemmavk batch" };
                _thread.Start();
            }
        }

        _work.Release();
        return true;
    }

    private void Run()
    {
        while (true)
        {
            if (_jobs.Count == 0)
            {
                _work.Wait();
            }

            if (!Arrive())
            {
                return;
            }

            try
            {
                _jobs.ForEach(static job => job.Begin());
                TakeIn();
                Decode();
                _recovery?.Passed();
            }
            catch (DeviceLostException lost)
            {
                _pass.Clear();
                Recover(lost);
            }
            catch (Exception e)
            {
                // A device that fails ends all that run on it.
                _pass.Clear();
                _jobs.ForEach(job => job.Fail(e));
            }

            Leave();
        }
    }

    /// <summary>Takes in who came and does what was asked for; false once everything ends.</summary>
    private bool Arrive()
    {
        while (_work.Wait(0))
        {
        }

        while (true)
        {
            Action? action;
            lock (_gate)
            {
                if (_closed)
                {
                    _jobs.AddRange(_arrivals);
                    foreach (BatchJob job in _jobs)
                    {
                        job.Work?.Release();
                        job.Fail(new ObjectDisposedException(nameof(ContinuousBatch)));
                    }

                    _jobs.Clear();
                    while (_actions.TryDequeue(out Action? late))
                    {
                        late();
                    }

                    return false;
                }

                if (!_actions.TryDequeue(out action))
                {
                    while (_arrivals.TryDequeue(out BatchJob? job))
                    {
                        _jobs.Add(job);
                    }
                }
            }

            if (action is null)
            {
                break;
            }

            action();
        }

        return true;
    }

    /// <summary>Goes on after the device was lost, or tells all that it is over.</summary>
    private void Recover(DeviceLostException lost)
    {
        _recovery ??= new DeviceRecovery(model, drafter) { Notice = Notice };
        bool goesOn = _recovery.TryRecover(lost, out IReadOnlyList<(Session Session, GemmaVkException Reason)> unrestorable);
        foreach (BatchJob job in _jobs)
        {
            if (!goesOn)
            {
                job.Fail(lost);
            }
            else if (unrestorable.FirstOrDefault(failed => failed.Session == job.Work?.Session).Reason is { } reason)
            {
                job.Fail(reason);
            }
        }
    }

    /// <summary>Does what needs the device; once more where it was lost meanwhile.</summary>
    private void Act<T>(Func<T> action, TaskCompletionSource<T> done)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                done.SetResult(action());
                return;
            }
            catch (DeviceLostException lost) when (tries < DeviceRecovery.Most)
            {
                Recover(lost);
            }
            catch (Exception e)
            {
                done.SetException(e);
                return;
            }
        }
    }

    /// <summary>One piece of the oldest prompt: a whole chunk when nobody waits for it.</summary>
    private void TakeIn()
    {
        BatchJob? next = _jobs.Find(static job => job.Runs && job.Answer is { InPrompt: true }) ?? _jobs.Find(static job => job.Runs && job.Work!.InPrompt);
        if (next is null)
        {
            return;
        }

        TakeIn(next, _jobs.Exists(static job => job.Runs && !job.Work!.InPrompt));
    }

    // In a method of its own, so that the closure is not made on every step.
    private void TakeIn(BatchJob next, bool waited)
    {
        int most = _secondsPerRow == 0 ? FirstPiece : (int)Math.Clamp(PrefillTime.TotalSeconds / _secondsPerRow, 1, model.Chunk);
        long start = Stopwatch.GetTimestamp();
        int rows = 0;
        next.Attempt(own => rows = own.Work!.TakeIn(waited ? most : null));
        // The last piece of an answer's prompt calls its listener, who may take as long as it likes.
        if (rows > MatVec.MaxRows && next.Work!.InPrompt)
        {
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds / rows;
            _secondsPerRow = _secondsPerRow == 0 ? seconds : _secondsPerRow + (Weight * (seconds - _secondsPerRow));
        }
    }

    /// <summary>One pass over the newest tokens of up to eight answers, with drafts where rows are left.</summary>
    private void Decode()
    {
        _decoding.Clear();
        foreach (BatchJob job in _jobs)
        {
            if (job.Runs && job.Answer is { InPrompt: false })
            {
                _decoding.Add(job);
            }
        }

        if (_decoding.Count == 0)
        {
            return;
        }

        // More than eight take turns.
        int parts = Math.Min(_decoding.Count, MatVec.MaxRows);
        int turn = parts < _decoding.Count ? _turn % _decoding.Count : 0;
        _turn = turn + parts;
        for (int i = 0; i < parts; i++)
        {
            BatchJob job = _decoding[(turn + i) % _decoding.Count];
            Answering answer = job.Answer!;
            int others = parts - i - 1;
            int most = 1 + ((_pass.Room - others - 1) / (others + 1));
            _count[i] = 0;
            try
            {
                ReadOnlySpan<int> rows = answer.Rows(most, MatVec.MaxRows - _pass.Room + others);
                _first[i] = _pass.Add(answer.Session, rows, answer.Choice, answer.Allowed, answer.Logits);
                _count[i] = rows.Length;
            }
            catch (Exception e) when (e is not DeviceLostException)
            {
                job.Fail(e);
            }
        }

        if (_pass.Room == MatVec.MaxRows)
        {
            return;
        }

        long start = Stopwatch.GetTimestamp();
        ReadOnlySpan<int> drawn = _pass.Run();
        long ticks = Stopwatch.GetTimestamp() - start;
        drafter?.Length.Passed(drawn.Length, (double)ticks / Stopwatch.Frequency);
        for (int i = 0; i < parts; i++)
        {
            BatchJob job = _decoding[(turn + i) % _decoding.Count];
            if (_count[i] == 0)
            {
                continue;
            }

            try
            {
                job.Answer!.Take(drawn.Slice(_first[i], _count[i]), _first[i], ticks, model.Weights.BytesPerStep / parts);
            }
            catch (Exception e)
            {
                job.Fail(e);
            }
        }
    }

    /// <summary>Lets those go that have ended.</summary>
    private void Leave()
    {
        lock (_gate)
        {
            for (int i = _jobs.Count - 1; i >= 0; i--)
            {
                BatchJob job = _jobs[i];
                if (!job.Runs)
                {
                    _jobs.RemoveAt(i);
                    job.Work?.Release();
                    job.Settle();
                }
            }
        }
    }
}
