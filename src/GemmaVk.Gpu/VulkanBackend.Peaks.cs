using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Gpu.Matrices;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Gpu;

// What the device's units give: the yardsticks that kernels are held against.
public sealed partial class VulkanBackend
{
    private const int EmptyDispatches = 200;
    private const int EmptyRuns = 5;

    // A run shorter than this measures its start.
    private const double LeastSeconds = 0.02;

    private const uint MostRounds = 1 << 20;

    /// <inheritdoc/>
    public DevicePeaks MeasurePeaks()
    {
        double bandwidth = MeasureReadBandwidth();
        using DeviceBuffer sink = DeviceBuffer.Allocate(device, "peak sink", PeakGpu.SinkBytes);
        return new DevicePeaks(
            bandwidth,
            Rate("peak_f32", sink.Range),
            device.Features.Float16 ? Rate("peak_f16", sink.Range) : null,
            Rate(kernels.Settings.IntegerDot ? "peak_dot4" : "peak_i8", sink.Range),
            EmptyDispatch(sink.Range),
            MatrixRate("peak_matrix_f16", kernels.Settings.Matrices.Half, sink.Range),
            MatrixRate("peak_matrix_i8", kernels.Settings.Matrices.Int8, sink.Range));
    }

    /// <summary>Operations per second of matrix units, or null where kernels use none.</summary>
    private double? MatrixRate(string module, MatrixShape? shape, BufferRange sink) => shape is { } there
        ? Rate(module, PeakMatrixGpu.PerRound(there), (recorder, rounds) => kernels.PeakMatrix.Record(recorder, new PeakMatrixGpu.Args(module, there, sink, PeakGpu.Workgroups, rounds)))
        : null;

    private double Rate(string module, BufferRange sink) => Rate(
        module,
        kernels.Settings.LocalSize * PeakGpu.PerRound(module),
        (recorder, rounds) => kernels.Peak.Record(recorder, new PeakGpu.Args(module, sink, PeakGpu.Workgroups, rounds)));

    /// <summary>Operations per second, with as many rounds as take long enough to measure.</summary>
    private double Rate(string module, double perRound, Action<CommandRecorder, uint> record)
    {
        for (uint rounds = 64; ; rounds *= 4)
        {
            using CommandRecorder recorder = new(device, module, timed: true);
            record(recorder, rounds);
            using Recording recording = recorder.Finish();
            double seconds = Shortest(recording);
            if (seconds >= LeastSeconds || rounds >= MostRounds)
                return PeakGpu.Workgroups * rounds * perRound / seconds;
        }
    }

    /// <summary>Seconds of a dispatch that does nothing, each behind a barrier of its own as in a pass.</summary>
    private double EmptyDispatch(BufferRange sink)
    {
        using CommandRecorder recorder = new(device, "empty dispatches", timed: true);
        for (int i = 0; i < EmptyDispatches; i++)
            kernels.Peak.Record(recorder, new PeakGpu.Args("peak_f32", sink, 1, 0));
        using Recording recording = recorder.Finish();
        double best = double.PositiveInfinity;
        for (int run = 0; run < EmptyRuns; run++)
        {
            recording.Submit();
            recording.Wait();
            IReadOnlyList<CommandSpan> spans = recording.Spans();
            best = Math.Min(best, spans.Count == 0 ? Shortest(recording) : spans.Sum(span => (span.End - span.Start).TotalSeconds));
        }

        return best / EmptyDispatches;
    }
}
