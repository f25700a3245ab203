using System.Collections.Generic;
using GemmaVk.Gpu.Pipelines;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu;

/// <summary>What an open device can do, as far as kernels and memory care. Everything that is true here is enabled.</summary>
internal sealed record GpuFeatures
{
    /// <summary>Vulkan version in use: the device's, at most 1.3.</summary>
    public required System.Version ApiVersion { get; init; }

    /// <summary>Size of a subgroup unless a pipeline asks for another.</summary>
    public required int SubgroupSize { get; init; }

    public required int MinSubgroupSize { get; init; }

    public required int MaxSubgroupSize { get; init; }

    /// <summary>Pipelines may ask for a subgroup size between min and max, and for full subgroups.</summary>
    public required bool SubgroupSizeControl { get; init; }

    /// <summary>Operations beyond basic and arithmetic, which are required.</summary>
    public required SubgroupFeatureFlags SubgroupOperations { get; init; }

    public required int MaxWorkgroupInvocations { get; init; }

    /// <summary>Largest workgroup in x, y, z.</summary>
    public required (uint X, uint Y, uint Z) MaxWorkgroupSize { get; init; }

    /// <summary>Most workgroups of one dispatch in x, y, z.</summary>
    public required (uint X, uint Y, uint Z) MaxWorkgroupCount { get; init; }

    /// <summary>Bytes of shared memory per workgroup.</summary>
    public required int MaxSharedMemory { get; init; }

    public required int MaxPushConstantBytes { get; init; }

    /// <summary>Most bytes one storage buffer binding may span.</summary>
    public required long MaxStorageBufferRange { get; init; }

    public required long MaxMemoryAllocation { get; init; }

    /// <summary>Most storage buffers one kernel may bind.</summary>
    public required int MaxStorageBuffers { get; init; }

    /// <summary>Shaders may use the dot product of four packed bytes.</summary>
    public required bool IntegerDotProduct { get; init; }

    /// <summary>The device has an instruction for it (signed by signed).</summary>
    public required bool IntegerDotProductAccelerated { get; init; }

    public required bool Float16 { get; init; }

    public required bool Int8 { get; init; }

    public required bool Int16 { get; init; }

    /// <summary>Storage buffers may hold 16-bit elements.</summary>
    public required bool Storage16 { get; init; }

    /// <summary>Storage buffers may hold 8-bit elements.</summary>
    public required bool Storage8 { get; init; }

    /// <summary>Shapes and types of cooperative matrices; empty where there are none.</summary>
    public required IReadOnlyList<CooperativeMatrixPropertiesKHR> CooperativeMatrices { get; init; }

    /// <summary>Nanoseconds per timestamp tick, or 0 where the queue has no timestamps.</summary>
    public required double TimestampPeriod { get; init; }

    /// <summary>Bits of a timestamp that count.</summary>
    public required int TimestampBits { get; init; }

    /// <summary>The driver says how much memory is free.</summary>
    public required bool MemoryBudget { get; init; }

    /// <summary>The driver tells what its compiler made of a pipeline, and was asked to.</summary>
    public required bool PipelineStatistics { get; init; }

    /// <summary>How kernels of the user's are kept within their buffers; <see cref="BoundsChecks.None"/> where the options name none.</summary>
    public required BoundsChecks OwnKernelBounds { get; init; }

    /// <summary>Alignment in bytes for importing host memory, or 0 where that is not possible.</summary>
    public required long HostImportAlignment { get; init; }

    /// <summary>The whole of the device's memory is visible to the host: uploads need no staging.</summary>
    public required bool HostVisibleDeviceMemory { get; init; }
}
