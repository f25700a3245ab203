using System;
using System.Collections.Generic;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Every kernel's host side for one device.</summary>
internal sealed class GpuKernels(KernelSettings settings) : IDisposable
{
    public KernelSettings Settings { get; } = settings;

    public CutPatchesGpu CutPatches { get; } = new(settings);

    public LayerNormGpu LayerNorm { get; } = new(settings);

    public AddPositionsGpu AddPositions { get; } = new(settings);

    public PlaceRowsGpu PlaceRows { get; } = new(settings);

    public EmbedGpu Embed { get; } = new(settings);

    public RmsNormGpu RmsNorm { get; } = new(settings);

    public QuantizeRowsGpu QuantizeRows { get; } = new(settings);

    public MatVecGpu MatVec { get; } = new(settings);

    public MatVecQkvGpu MatVecQkv { get; } = new(settings);

    public MatVecGeGluGpu MatVecGeGlu { get; } = new(settings);

    public MatMulGpu MatMul { get; } = new(settings);

    public RopeGpu Rope { get; } = new(settings);

    public RmsNormRopeGpu RmsNormRope { get; } = new(settings);

    public KvAppendGpu KvAppend { get; } = new(settings);

    public RmsNormRopeAppendGpu RmsNormRopeAppend { get; } = new(settings);

    public AttentionDecodeGpu AttentionDecode { get; } = new(settings);

    public AttentionDecodeQuantizeGpu AttentionDecodeQuantize { get; } = new(settings);

    public AttentionPrefillGpu AttentionPrefill { get; } = new(settings);

    public AddRmsNormGpu AddRmsNorm { get; } = new(settings);

    public AddRmsNormQuantizeGpu AddRmsNormQuantize { get; } = new(settings);

    public GeGluGpu GeGlu { get; } = new(settings);

    public SoftCapGpu SoftCap { get; } = new(settings);

    public SampleGpu Sample { get; } = new(settings);

    /// <summary>Not a kernel of the model: the yardstick.</summary>
    public ReadBandwidthGpu ReadBandwidth { get; } = new(settings);

    /// <summary>Likewise, for arithmetic and the start of a dispatch.</summary>
    public PeakGpu Peak { get; } = new(settings);

    /// <summary>Likewise, for matrix units.</summary>
    public PeakMatrixGpu PeakMatrix { get; } = new(settings);

    /// <summary>Kernels in the order of IPass; the atlas and the doctor walk them.</summary>
    public IReadOnlyList<IGpuKernel> Passes =>
    [
        CutPatches, LayerNorm, AddPositions, PlaceRows,
        Embed, RmsNorm, QuantizeRows, MatVec, MatVecQkv, MatVecGeGlu, MatMul, Rope, RmsNormRope, KvAppend, RmsNormRopeAppend,
        AttentionDecode, AttentionDecodeQuantize, AttentionPrefill, AddRmsNorm, AddRmsNormQuantize, GeGlu, SoftCap, Sample,
    ];

    /// <summary>All hosts of shaders, stages and the yardsticks included.</summary>
    public IReadOnlyList<IGpuKernel> All => [.. Passes, MatMul.Matrix, AttentionDecode.Matrix, AttentionDecodeQuantize.Matrix, AttentionPrefill.Matrix, AttentionPrefill.Join, ReadBandwidth, Peak, PeakMatrix];

    public void Dispose() => Settings.Dispose();
}
