using System;
using GemmaVk.Gpu.Matrices;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu.Kernels;

/// <summary>The form of AttentionPrefill in shaders/attention_prefill_matrix.comp, for caches of F16 and Q8 (<see cref="CacheShape.MatrixModules"/>).</summary>
internal sealed class AttentionPrefillMatrixGpu(KernelSettings settings) : IGpuKernel
{
    private const string Prefix = "attention_prefill";
    private const uint MostInvocations = 256;

    public KernelInterface Interface { get; } = AttentionPush.Interface(
        nameof(AttentionPrefill),
        CacheShape.MatrixModules(Prefix),
        Access.Write,
        more: [],
        ["LocalSize", "QueryBlocks", "BlockKeys", "Width", "BlockT", "BlockN", "BlockK", "Subgroups", "Lanes"]);

    public KernelVariant Variant => new(
        nameof(AttentionPrefill), Interface.Modules[0], $"matrix units: F16 in blocks of {settings.Matrices.Half}; a module per format; F32 caches without");

    /// <summary>The module for a cache.</summary>
    public static string Module(in KvRows cache) => CacheShape.MatrixModule(Prefix, cache);

    /// <summary>The tile, or null where matrix units do not do this here. It depends on nothing that changes from pass to pass: a row's bits must not.</summary>
    /// <param name="format">Of the cache.</param>
    /// <param name="W">Head width.</param>
    public MatrixAttentionTile? Tile(DType format, int W)
    {
        uint subgroup = (uint)settings.Device.Features.SubgroupSize;
        if (subgroup < MatrixAttentionTile.LeastLanes || !settings.Device.Features.SubgroupOperations.HasFlag(SubgroupFeatureFlags.ClusteredBit))
            return null;
        uint most = MostInvocations / subgroup;
        MatrixAttentionForm? asked = settings.Device.Options.Attention is { } form ? form with { Subgroups = Math.Min(form.Subgroups, most) } : null;
        return settings.Matrices.Half is { } shape && format is DType.F16 or DType.Q8
            ? MatrixAttentionTile.Of(shape, W, Math.Min(MatrixAttentionTile.UsualSubgroups(W), most), settings.Device.Features.MaxSharedMemory, asked)
            : null;
    }
}
