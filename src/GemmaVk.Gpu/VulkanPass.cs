using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu;

/// <summary>Records the kernels that a pass calls.</summary>
internal sealed class VulkanPass(GpuKernels kernels, CommandRecorder recorder) : IPass
{
    public void CutPatches(in CutPatches.Args args) => kernels.CutPatches.Record(recorder, args);

    public void LayerNorm(in LayerNorm.Args args) => kernels.LayerNorm.Record(recorder, args);

    public void AddPositions(in AddPositions.Args args) => kernels.AddPositions.Record(recorder, args);

    public void PlaceRows(in PlaceRows.Args args) => kernels.PlaceRows.Record(recorder, args);

    public void Embed(in Embed.Args args) => kernels.Embed.Record(recorder, args);

    public void RmsNorm(in RmsNorm.Args args) => kernels.RmsNorm.Record(recorder, args);

    public void QuantizeRows(in QuantizeRows.Args args) => kernels.QuantizeRows.Record(recorder, args);

    public void MatVec(in MatVec.Args args) => kernels.MatVec.Record(recorder, args);

    public void MatVecQkv(in MatVecQkv.Args args) => kernels.MatVecQkv.Record(recorder, args);

    public void MatVecGeGlu(in MatVecGeGlu.Args args) => kernels.MatVecGeGlu.Record(recorder, args);

    public void MatMul(in MatMul.Args args) => kernels.MatMul.Record(recorder, args);

    public void Rope(in Rope.Args args) => kernels.Rope.Record(recorder, args);

    public void RmsNormRope(in RmsNormRope.Args args) => kernels.RmsNormRope.Record(recorder, args);

    public void KvAppend(in KvAppend.Args args) => kernels.KvAppend.Record(recorder, args);

    public void RmsNormRopeAppend(in RmsNormRopeAppend.Args args) => kernels.RmsNormRopeAppend.Record(recorder, args);

    public void AttentionDecode(in AttentionDecode.Args args) => kernels.AttentionDecode.Record(recorder, args);

    public void AttentionDecodeQuantize(in AttentionDecodeQuantize.Args args) => kernels.AttentionDecodeQuantize.Record(recorder, args);

    public void AttentionPrefill(in AttentionPrefill.Args args) => kernels.AttentionPrefill.Record(recorder, args);

    public void AddRmsNorm(in AddRmsNorm.Args args) => kernels.AddRmsNorm.Record(recorder, args);

    public void AddRmsNormQuantize(in AddRmsNormQuantize.Args args) => kernels.AddRmsNormQuantize.Record(recorder, args);

    public void GeGlu(in GeGlu.Args args) => kernels.GeGlu.Record(recorder, args);

    public void SoftCap(in SoftCap.Args args) => kernels.SoftCap.Record(recorder, args);

    public void Sample(in Sample.Args args) => kernels.Sample.Record(recorder, args);
}
