using System.Collections.Generic;

namespace GemmaVk.Kernels.Measuring;

/// <summary>What a device's compiler says of a module that it made: registers, shared memory, spills; each driver has its own names.</summary>
/// <param name="Module">The module.</param>
/// <param name="Constants">Its specialization constants, such as <c>0=64 1=4</c>.</param>
/// <param name="Statistics">Names and values, in the driver's order.</param>
public sealed record CompiledKernel(string Module, string Constants, IReadOnlyList<KeyValuePair<string, string>> Statistics);
