using System;
using GemmaVk.Gpu.Matrices;
using GemmaVk.Gpu.Tuning;
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

    /// <summary>The usual tile, or null where matrix units do not do this here. It depends on nothing that changes from pass to pass: a row's bits must not.</summary>
    /// <param name="format">Of the cache.</param>
    /// <param name="W">Head width.</param>
    public MatrixAttentionTile? Tile(DType format, int W)
    {
        if (!Does(format))
            return null;
        MatrixAttentionForm? asked = settings.Device.Options.Attention is { } form ? form with { Subgroups = Math.Min(form.Subgroups, Most) } : null;
        return MatrixAttentionTile.Of(settings.Matrices.Half!.Value, W, Math.Min(MatrixAttentionTile.UsualSubgroups(W), Most), settings.Device.Features.MaxSharedMemory, asked);
    }

    /// <summary>The tile of a measured form, or null where it is none of this device.</summary>
    public MatrixAttentionTile? Tile(DType format, int W, AttentionForm form) =>
        Does(format) ? MatrixAttentionTile.Of(settings.Matrices.Half!.Value, W, form, Most, settings.Device.Features.MaxSharedMemory) : null;

    private uint Most => MostInvocations / (uint)settings.Device.Features.SubgroupSize;

    private bool Does(DType format) =>
        settings.Matrices.Half is not null && format is DType.F16 or DType.Q8
        && settings.Device.Features.SubgroupSize >= MatrixAttentionTile.LeastLanes && settings.Device.Features.SubgroupOperations.HasFlag(SubgroupFeatureFlags.ClusteredBit);
}
