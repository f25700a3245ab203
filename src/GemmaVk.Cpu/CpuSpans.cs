using System.Collections.Generic;
using System.Diagnostics;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Cpu;

/// <summary>Times of the calls of the last run.</summary>
/// <param name="variant">What runs, in the words of the device's description.</param>
internal sealed class CpuSpans(string variant) : IPassObserver
{
    private readonly List<KernelSpan> _spans = [];
    private long _runStart;
    private long _callStart;

    /// <summary>Calls of the last run, in order.</summary>
    public IReadOnlyList<KernelSpan> Spans => [.. _spans];

    /// <summary>A run begins.</summary>
    public void Restart()
    {
        _spans.Clear();
        _runStart = Stopwatch.GetTimestamp();
    }

    public void Begin(KernelCall call) => _callStart = Stopwatch.GetTimestamp();

    public void End(KernelCall call)
    {
        long end = Stopwatch.GetTimestamp();
        _spans.Add(new KernelSpan(call, variant, "", Stopwatch.GetElapsedTime(_runStart, _callStart), Stopwatch.GetElapsedTime(_runStart, end)));
    }
}
