using System.Collections.Generic;
using GemmaVk.Cli.Measuring;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Cli.Instruments;

/// <summary>A measured call.</summary>
/// <param name="Kernel">Kernel name.</param>
/// <param name="Shape">Sizes and formats in words.</param>
/// <param name="Rows">Rows of the pass.</param>
/// <param name="Depth">Positions in the cache before.</param>
/// <param name="Modules">What ran, with the first digits of its code's hash.</param>
/// <param name="Cost">Bytes and operations of one call.</param>
/// <param name="Samples">Seconds of one call, by sample.</param>
internal sealed record KernelFigure(
    string Kernel, string Shape, int Rows, int Depth, IReadOnlyList<(string Name, string Code)> Modules, KernelCost Cost, IReadOnlyList<double> Samples)
{
    /// <summary>What makes two figures comparable.</summary>
    public string Key => $"{Kernel} {Shape}, depth {Depth}";

    /// <summary>Seconds of the median sample.</summary>
    public double Median => BenchRun.Median(Samples);

    /// <summary>Bytes per second of it.</summary>
    public double BytesPerSecond => Cost.Bytes / Median;

    /// <summary>Operations per second of it.</summary>
    public double OperationsPerSecond => Cost.Operations / Median;
}
