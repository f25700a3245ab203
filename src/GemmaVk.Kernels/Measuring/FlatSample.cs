using System;

namespace GemmaVk.Kernels.Measuring;

/// <summary>
/// A call of a kernel whose invocations know nothing of each other, by which the size of its workgroups can be measured; what it computes is of no interest.
/// </summary>
/// <param name="Kernel">Kernel name, such as <c>GeGlu</c>.</param>
/// <param name="Record">Calls it.</param>
public readonly record struct FlatSample(string Kernel, Action<IPass> Record);
