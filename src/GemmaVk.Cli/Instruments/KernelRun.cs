using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Cli.Instruments;

/// <summary>One shape on one backend: operands made and recorded once, then sampled as often as wanted.</summary>
internal sealed class KernelRun : IDisposable
{
    private readonly BenchShape _shape;
    private readonly IBackend _backend;
    private readonly OperandBuffers _buffers;
    private readonly IRecording _recording;
    private readonly BufferHandle _fence;
    private readonly List<double> _samples = [];

    /// <param name="shape">What to run.</param>
    /// <param name="backend">Opened to take times.</param>
    public KernelRun(BenchShape shape, IBackend backend)
    {
        (_shape, _backend) = (shape, backend);
        _buffers = new OperandBuffers(backend);
        try
        {
            _fence = _buffers.Floats(0);
            _recording = backend.Record(shape.Kernel, shape.Prepare(_buffers));
        }
        catch
        {
            _buffers.Dispose();
            throw;
        }

        // Compiles, and touches what is touched first.
        Run();
    }

    /// <summary>Takes a sample.</summary>
    public void Sample() => _samples.Add(Run());

    /// <summary>Forgets the samples.</summary>
    public void Clear() => _samples.Clear();

    /// <summary>How what another run of the same shape left differs from what this one did after as many calls, or null.</summary>
    public string? Difference(KernelRun other) => ResultComparison.Of(_buffers, other._buffers);

    /// <summary>What was measured.</summary>
    public KernelFigure Figure()
    {
        KernelSpan[] spans = [.. _backend.LastRun];
        return new KernelFigure(
            _shape.Kernel,
            spans[0].Call.Shape,
            _shape.Rows,
            _shape.Depth,
            [.. spans.Select(span => (span.Module, span.Code)).Distinct()],
            spans[0].Call.Cost(_shape.Depth).On(spans.Select(span => span.Module)),
            [.. _samples]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _recording.Dispose();
        _buffers.Dispose();
    }

    /// <summary>Seconds of a call: what its dispatches took on the device, or where that has no clock the time until it was done.</summary>
    private double Run()
    {
        float[] one = new float[1];
        long start = Stopwatch.GetTimestamp();
        _backend.Run(_recording);
        _backend.Read<float>(_fence, one);
        double wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
        IReadOnlyList<KernelSpan> spans = _backend.LastRun;
        double device = spans.Sum(span => span.Time.TotalSeconds);
        int calls = spans.Select(span => span.Call).Distinct(ReferenceEqualityComparer.Instance).Count();
        return (device > 0 ? device : wall) / calls;
    }
}
