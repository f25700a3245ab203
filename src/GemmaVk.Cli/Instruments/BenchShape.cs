using System;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;

namespace GemmaVk.Cli.Instruments;

/// <summary>A call of a kernel as the 12B makes it.</summary>
/// <param name="Kernel">Kernel name as in <see cref="IPass"/>.</param>
/// <param name="Rows">Rows of the pass: 1 to 8 in decoding, more in prompts.</param>
/// <param name="Depth">Positions in the cache where the pass begins; 0 for kernels that do not look at it.</param>
/// <param name="Quick">Whether it is among the few.</param>
/// <param name="Prepare">Makes operands and returns the call, or several alike over other operands, so that no cache holds them.</param>
internal sealed record BenchShape(string Kernel, int Rows, int Depth, bool Quick, Func<OperandBuffers, Action<IPass>> Prepare);
