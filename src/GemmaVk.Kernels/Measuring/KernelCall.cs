using System;

namespace GemmaVk.Kernels.Measuring;

/// <summary>One call of a kernel, as tables name it.</summary>
/// <param name="Kernel">Kernel name as in <see cref="IPass"/>.</param>
/// <param name="Shape">Sizes and formats in words, such as <c>Q4 15360 x 3840, T 1, INT8 rows</c>.</param>
/// <param name="Cost">Its cost where the pass begins at a position: attention alone asks for that.</param>
public sealed record KernelCall(string Kernel, string Shape, Func<int, KernelCost> Cost);
