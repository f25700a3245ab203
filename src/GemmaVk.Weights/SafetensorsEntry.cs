using System.Collections.Generic;

namespace GemmaVk.Weights;

/// <summary>A tensor that is to be written.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="DType">Element type as the format writes it, such as "BF16".</param>
/// <param name="Extents">Its shape, outermost first.</param>
public sealed record SafetensorsEntry(string Name, string DType, IReadOnlyList<long> Extents);
