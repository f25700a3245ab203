using System.Collections.Generic;

namespace GemmaVk.Kernels.Checks;

/// <summary>A call that ran with both kernels.</summary>
/// <param name="Kernel">Kernel name as in <see cref="IPass"/>.</param>
/// <param name="Shape">Sizes and formats in words.</param>
/// <param name="Size">Bytes and operations, to tell large calls from small ones.</param>
/// <param name="Modules">The user's modules that it ran.</param>
/// <param name="Difference">What the user's left otherwise, or null.</param>
public sealed record ComparedCall(string Kernel, string Shape, double Size, IReadOnlyList<string> Modules, string? Difference);
