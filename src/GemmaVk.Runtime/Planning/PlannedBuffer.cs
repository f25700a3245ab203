using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Planning;

/// <summary>A buffer before it is allocated: what a memory plan counts is what the device is asked for.</summary>
/// <param name="Name">As in error messages and listings.</param>
/// <param name="DType">Type of the elements.</param>
/// <param name="Shape">Extents, row-major.</param>
/// <param name="Use">Device memory, or memory the host writes and reads on every step.</param>
public sealed record PlannedBuffer(string Name, DType DType, Shape Shape, BufferUse Use = BufferUse.Device)
{
    /// <summary>Size without the device's own rounding.</summary>
    public long Bytes => QuantBlocks.RowBytes(DType, Shape.Count);

    /// <summary>Allocates it.</summary>
    public BufferHandle Allocate(IBackend backend) => backend.Allocate(Name, DType, Shape, Use);
}
