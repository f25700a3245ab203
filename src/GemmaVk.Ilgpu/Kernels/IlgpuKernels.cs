using GemmaVk.Ilgpu.Launching;

namespace GemmaVk.Ilgpu.Kernels;

/// <summary>Every kernel of a device. Making them is cheap: each is compiled when it is first recorded.</summary>
internal sealed class IlgpuKernels(KernelLoader loader)
{
    public CutPatchesIlgpu CutPatches { get; } = new(loader);

    public LayerNormIlgpu LayerNorm { get; } = new(loader);

    public AddPositionsIlgpu AddPositions { get; } = new(loader);

    public PlaceRowsIlgpu PlaceRows { get; } = new(loader);

    public EmbedIlgpu Embed { get; } = new(loader);

    public RmsNormIlgpu RmsNorm { get; } = new(loader);

    public QuantizeRowsIlgpu QuantizeRows { get; } = new(loader);

    public MatVecIlgpu MatVec { get; } = new(loader);

    public MatMulIlgpu MatMul { get; } = new(loader);

    public RopeIlgpu Rope { get; } = new(loader);

    public RmsNormRopeIlgpu RmsNormRope { get; } = new(loader);

    public KvAppendIlgpu KvAppend { get; } = new(loader);

    public AttentionDecodeIlgpu AttentionDecode { get; } = new(loader);

    public AttentionPrefillIlgpu AttentionPrefill { get; } = new(loader);

    public AddRmsNormIlgpu AddRmsNorm { get; } = new(loader);

    public GeGluIlgpu GeGlu { get; } = new(loader);

    public SoftCapIlgpu SoftCap { get; } = new(loader);

    public SampleIlgpu Sample { get; } = new(loader);

    // Fusions are launches of what they fuse: each makes no more than a list.
    public MatVecQkvIlgpu MatVecQkv => new(this);

    public MatVecGeGluIlgpu MatVecGeGlu => new(this);

    public RmsNormRopeAppendIlgpu RmsNormRopeAppend => new(this);

    public AttentionDecodeQuantizeIlgpu AttentionDecodeQuantize => new(this);

    public AddRmsNormQuantizeIlgpu AddRmsNormQuantize => new(this);

    /// <summary>Measures the device; no pass calls it.</summary>
    public ReadBandwidthIlgpu ReadBandwidth { get; } = new(loader);
}
