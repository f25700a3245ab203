using GemmaVk.Ilgpu.Kernels;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;

namespace GemmaVk.Ilgpu;

/// <summary>Records the launches of a pass.</summary>
internal sealed class IlgpuPass(IlgpuKernels kernels, LaunchList launches) : IPass
{
    /// <inheritdoc/>
    public void CutPatches(in CutPatches.Args args) => kernels.CutPatches.Record(launches, args);

    /// <inheritdoc/>
    public void LayerNorm(in LayerNorm.Args args) => kernels.LayerNorm.Record(launches, args);

    /// <inheritdoc/>
    public void AddPositions(in AddPositions.Args args) => kernels.AddPositions.Record(launches, args);

    /// <inheritdoc/>
    public void PlaceRows(in PlaceRows.Args args) => kernels.PlaceRows.Record(launches, args);

    /// <inheritdoc/>
    public void Embed(in Embed.Args args) => kernels.Embed.Record(launches, args);

    /// <inheritdoc/>
    public void RmsNorm(in RmsNorm.Args args) => kernels.RmsNorm.Record(launches, args);

    /// <inheritdoc/>
    public void QuantizeRows(in QuantizeRows.Args args) => kernels.QuantizeRows.Record(launches, args);

    /// <inheritdoc/>
    public void MatVec(in MatVec.Args args) => kernels.MatVec.Record(launches, args);

    /// <inheritdoc/>
    public void MatVecQkv(in MatVecQkv.Args args) => kernels.MatVecQkv.Record(launches, args);

    /// <inheritdoc/>
    public void MatVecGeGlu(in MatVecGeGlu.Args args) => kernels.MatVecGeGlu.Record(launches, args);

    /// <inheritdoc/>
    public void MatMul(in MatMul.Args args) => kernels.MatMul.Record(launches, args);

    /// <inheritdoc/>
    public void Rope(in Rope.Args args) => kernels.Rope.Record(launches, args);

    /// <inheritdoc/>
    public void RmsNormRope(in RmsNormRope.Args args) => kernels.RmsNormRope.Record(launches, args);

    /// <inheritdoc/>
    public void KvAppend(in KvAppend.Args args) => kernels.KvAppend.Record(launches, args);

    /// <inheritdoc/>
    public void RmsNormRopeAppend(in RmsNormRopeAppend.Args args) => kernels.RmsNormRopeAppend.Record(launches, args);

    /// <inheritdoc/>
    public void AttentionDecode(in AttentionDecode.Args args) => kernels.AttentionDecode.Record(launches, args);

    /// <inheritdoc/>
    public void AttentionDecodeQuantize(in AttentionDecodeQuantize.Args args) => kernels.AttentionDecodeQuantize.Record(launches, args);

    /// <inheritdoc/>
    public void AttentionPrefill(in AttentionPrefill.Args args) => kernels.AttentionPrefill.Record(launches, args);

    /// <inheritdoc/>
    public void AddRmsNorm(in AddRmsNorm.Args args) => kernels.AddRmsNorm.Record(launches, args);

    /// <inheritdoc/>
    public void AddRmsNormQuantize(in AddRmsNormQuantize.Args args) => kernels.AddRmsNormQuantize.Record(launches, args);

    /// <inheritdoc/>
    public void GeGlu(in GeGlu.Args args) => kernels.GeGlu.Record(launches, args);

    /// <inheritdoc/>
    public void SoftCap(in SoftCap.Args args) => kernels.SoftCap.Record(launches, args);

    /// <inheritdoc/>
    public void Sample(in Sample.Args args) => kernels.Sample.Record(launches, args);
}
