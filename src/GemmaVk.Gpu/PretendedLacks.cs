using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using GemmaVk.Gpu.Pipelines;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu;

/// <summary>
/// What a device shall seem to lack, so that the paths for lesser drivers can be walked on a better one: by tests, and by whoever ports.
/// Written as a list with commas, such as <c>no-timestamps,subgroup=64</c>.
/// </summary>
public sealed record PretendedLacks
{
    private const string Words =
        "no-timestamps, no-host-visible-memory, no-matrices, no-integer-dot, no-float16, no-memory-budget, no-host-import, no-pipeline-robustness, subgroup=N, shared-memory=BYTES, memory=BYTES";

    private const int SmallestShared = 32 << 10;

    /// <summary>Nothing is hidden.</summary>
    public static PretendedLacks None { get; } = new();

    /// <summary>The list as it was written; empty where nothing is hidden.</summary>
    public string Text { get; private init; } = "";

    /// <summary>The queue takes no timestamps.</summary>
    public bool Timestamps { get; private init; }

    /// <summary>The host sees no memory of the device: everything is staged.</summary>
    public bool HostVisibleMemory { get; private init; }

    /// <summary>There are no cooperative matrices.</summary>
    public bool Matrices { get; private init; }

    /// <summary>There is no dot product of packed bytes.</summary>
    public bool IntegerDot { get; private init; }

    /// <summary>Shaders have no floats of 16 bits.</summary>
    public bool Float16 { get; private init; }

    /// <summary>The driver does not say how much memory is free.</summary>
    public bool MemoryBudget { get; private init; }

    /// <summary>Memory of the host cannot be read in place.</summary>
    public bool HostImport { get; private init; }

    /// <summary>Accesses to buffers are checked for all kernels or for none.</summary>
    public bool PipelineRobustness { get; private init; }

    /// <summary>The size that subgroups seem to have, and no choice of it; null for the device's own.</summary>
    public int? Subgroup { get; private init; }

    /// <summary>Bytes of shared memory per workgroup; null for the device's own.</summary>
    public int? SharedMemory { get; private init; }

    /// <summary>Bytes of device memory; null for the device's own.</summary>
    public long? Memory { get; private init; }

    /// <summary>Reads a list; none for null or an empty text.</summary>
    /// <exception cref="GemmaVkException">A word of it is none of the list's.</exception>
    public static PretendedLacks Parse(string? text)
    {
        PretendedLacks lacks = None;
        foreach (string word in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? word : word[..equals];
            long number = equals < 0 ? 0 : long.TryParse(word[(equals + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out long parsed) ? parsed : -1;
            lacks = (name, equals >= 0) switch
            {
                ("no-timestamps", false) => lacks with { Timestamps = true },
                ("no-host-visible-memory", false) => lacks with { HostVisibleMemory = true },
                ("no-matrices", false) => lacks with { Matrices = true },
                ("no-integer-dot", false) => lacks with { IntegerDot = true },
                ("no-float16", false) => lacks with { Float16 = true },
                ("no-memory-budget", false) => lacks with { MemoryBudget = true },
                ("no-host-import", false) => lacks with { HostImport = true },
                ("no-pipeline-robustness", false) => lacks with { PipelineRobustness = true },
                ("subgroup", true) when number is >= 1 and <= 128 && long.IsPow2(number) => lacks with { Subgroup = (int)number },
                ("shared-memory", true) when number is >= SmallestShared and <= int.MaxValue => lacks with { SharedMemory = (int)number },
                ("memory", true) when number > 0 => lacks with { Memory = number },
                _ => throw new GemmaVkException(
                    $"GEMMAVK_PRETEND: expected a list of {Words} (powers of two up to 128 for subgroups, {SmallestShared} bytes of shared memory or more), but '{word}' came; correct it, or unset the variable.")
                { Variable = "GEMMAVK_PRETEND" },
            };
        }

        return lacks with { Text = string.Join(',', (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)) };
    }

    /// <summary>The features that are left.</summary>
    internal GpuFeatures Of(GpuFeatures features) => features with
    {
        TimestampBits = Timestamps ? 0 : features.TimestampBits,
        TimestampPeriod = Timestamps ? 0 : features.TimestampPeriod,
        HostVisibleDeviceMemory = !HostVisibleMemory && features.HostVisibleDeviceMemory,
        // Kernels for matrix units count on the subgroups that there are.
        CooperativeMatrices = Matrices || Subgroup is not null ? [] : features.CooperativeMatrices,
        IntegerDotProduct = !IntegerDot && features.IntegerDotProduct,
        IntegerDotProductAccelerated = !IntegerDot && features.IntegerDotProductAccelerated,
        Float16 = !Float16 && features.Float16,
        MemoryBudget = !MemoryBudget && features.MemoryBudget,
        HostImportAlignment = HostImport ? 0 : features.HostImportAlignment,
        OwnKernelBounds = PipelineRobustness && features.OwnKernelBounds != BoundsChecks.None ? BoundsChecks.WholeDevice : features.OwnKernelBounds,
        SubgroupSize = Subgroup ?? features.SubgroupSize,
        MinSubgroupSize = Subgroup ?? features.MinSubgroupSize,
        MaxSubgroupSize = Subgroup ?? features.MaxSubgroupSize,
        SubgroupSizeControl = Subgroup is null && features.SubgroupSizeControl,
        MaxSharedMemory = Math.Min(SharedMemory ?? int.MaxValue, features.MaxSharedMemory),
    };

    /// <summary>The options that follow.</summary>
    internal GpuOptions Of(GpuOptions options) => options with
    {
        AlwaysStage = options.AlwaysStage || HostVisibleMemory,
        MemoryLimit = Memory is { } memory ? Math.Min(memory, options.MemoryLimit ?? long.MaxValue) : options.MemoryLimit,
    };
}
