using System;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Matrices;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

/// <summary>
/// The form of AttentionDecode and AttentionDecodeQuantize in shaders/include/attention_rows_matrix.glsl, for caches of F16 and Q8
/// (<see cref="CacheShape.MatrixModules"/>).
/// </summary>
/// <param name="settings">Choices for the device.</param>
/// <param name="kernel">Kernel name.</param>
/// <param name="prefix">Prefix of the modules of the other form.</param>
/// <param name="more">Bindings behind those of the tile.</param>
/// <param name="constants">Specialization constants behind those of the tile.</param>
internal sealed class AttentionDecodeMatrixGpu(KernelSettings settings, string kernel, string prefix, Access[] more, string[] constants) : IGpuKernel
{
    private const uint MostInvocations = 256;
    private const int UsualWidth = 256;

    public KernelInterface Interface { get; } = AttentionPush.Interface(
        kernel,
        CacheShape.MatrixModules(prefix),
        Access.ReadWrite,
        more,
        ["LocalSize", "QueryBlocks", "BlockKeys", "Width", "BlockT", "BlockN", "BlockK", "Subgroups", "Heads", "Turn", .. constants]);

    /// <summary>Caches of F16 and Q8 go this way.</summary>
    public bool Runs => Tile(DType.F16, T: 1, G: 1, UsualWidth) is not null;

    public KernelVariant Variant => new(kernel, Interface.Modules[0], $"matrix units: F16 in blocks of {settings.Matrices.Half}; a module per format; F32 caches without");

    /// <summary>The module for a cache.</summary>
    public string Module(in KvRows cache) => CacheShape.MatrixModule(prefix, cache);

    /// <summary>The tile of a call, or null where matrix units do not do it here. Whether there is one depends on nothing that changes from pass to pass: a row's bits must not.</summary>
    /// <param name="args">The call.</param>
    /// <param name="form">The form to take, or null for the usual one.</param>
    public MatrixDecodeTile? Tile(in AttentionDecode.Args args, AttentionForm? form = null) =>
        Tile(args.Cache.Format, args.T, args.H / args.K, args.W, form) is { } tile && tile.Keys <= args.Cache.R ? tile : null;

    private MatrixDecodeTile? Tile(DType format, int T, int G, int W, AttentionForm? form = null)
    {
        uint subgroups = Math.Min(MatrixDecodeTile.MostSubgroups, MostInvocations / (uint)settings.Device.Features.SubgroupSize);
        return settings.Matrices.Half is { } shape && format is DType.F16 or DType.Q8
            ? MatrixDecodeTile.Of(shape, T, G, W, subgroups, settings.Device.Features.MaxSharedMemory, form)
            : null;
    }
}
