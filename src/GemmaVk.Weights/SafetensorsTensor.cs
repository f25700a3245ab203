using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace GemmaVk.Weights;

/// <summary>One entry of a safetensors header, checked against the file.</summary>
/// <param name="Name">Name in the file.</param>
/// <param name="DType">Element type as the file writes it, such as "BF16".</param>
/// <param name="Extents">Shape, outermost first; empty for a scalar.</param>
/// <param name="Offset">First byte, counted from the start of the file.</param>
/// <param name="ByteLength">Number of bytes.</param>
public sealed record SafetensorsTensor(string Name, string DType, IReadOnlyList<long> Extents, long Offset, long ByteLength)
{
    /// <summary>Dtype and shape as messages and listings write them, such as <c>BF16 [4096, 3840]</c>.</summary>
    public string Kind => $"{DType} {ShapeText}";

    /// <summary>Shape as messages write it.</summary>
    public string ShapeText => $"[{string.Join(", ", Extents.Select(extent => extent.ToString(CultureInfo.InvariantCulture)))}]";
}
