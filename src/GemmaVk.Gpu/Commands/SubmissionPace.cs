using System;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Gpu.Commands;

/// <summary>
/// How long work takes on a device, learned from runs. Drivers of desktops reset a device that a single submission keeps busy for
/// a second or two (Windows: TdrDelay), and nothing else is drawn meanwhile, so a recording is cut into submissions of a time.
/// </summary>
/// <param name="limit">Longest that one submission should take.</param>
internal sealed class SubmissionPace(TimeSpan limit)
{
    // A slow device, until one was measured: better too many cuts in the first pass than one too few.
    private const double BytesPerSecond = 10e9;
    private const double OperationsPerSecond = 200e9;

    // Costs leave much out, and devices vary with their clocks.
    private const double Margin = 2;
    private const double Weight = 0.3;
    private const double TooFine = 16;
    private double secondsPerWork = 1;

    /// <summary>What a kernel is to the device that is assumed, in seconds.</summary>
    public static double Work(KernelCost cost) => (cost.Bytes / BytesPerSecond) + (cost.Operations / OperationsPerSecond);

    /// <summary>Work after which a submission is full.</summary>
    public double Full => limit.TotalSeconds / Margin / secondsPerWork;

    /// <summary>Learns from a run.</summary>
    public void Took(double work, TimeSpan time) => secondsPerWork += Weight * ((time.TotalSeconds / work) - secondsPerWork);

    /// <summary>Whether a recording should be cut anew: its submissions have become too long, or needlessly short.</summary>
    /// <param name="work">All of it.</param>
    /// <param name="largest">Work of its largest submission.</param>
    /// <param name="single">Work of its largest kernel, which is not cut.</param>
    /// <param name="parts">Number of submissions.</param>
    public bool IsOff(double work, double largest, double single, int parts) =>
        (largest > Margin * Full && largest > single) || (parts > 1 && work / parts < Full / TooFine);
}
