namespace GemmaVk.Kernels;

/// <summary>
/// One method per kernel, in the order a token meets them. On the CPU a call computes; on a GPU it records. So no
/// method returns anything, and no result may be read before the recording has run.
/// </summary>
public interface IPass
{
    /// <inheritdoc cref="Kernels.CutPatches"/>
    void CutPatches(in CutPatches.Args args);

    /// <inheritdoc cref="Kernels.LayerNorm"/>
    void LayerNorm(in LayerNorm.Args args);

    /// <inheritdoc cref="Kernels.AddPositions"/>
    void AddPositions(in AddPositions.Args args);

    /// <inheritdoc cref="Kernels.PlaceRows"/>
    void PlaceRows(in PlaceRows.Args args);

    /// <inheritdoc cref="Kernels.Embed"/>
    void Embed(in Embed.Args args);

    /// <inheritdoc cref="Kernels.RmsNorm"/>
    void RmsNorm(in RmsNorm.Args args);

    /// <inheritdoc cref="Kernels.QuantizeRows"/>
    void QuantizeRows(in QuantizeRows.Args args);

    /// <inheritdoc cref="Kernels.MatVec"/>
    void MatVec(in MatVec.Args args);

    /// <inheritdoc cref="Kernels.MatVecQkv"/>
    void MatVecQkv(in MatVecQkv.Args args);

    /// <inheritdoc cref="Kernels.MatVecGeGlu"/>
    void MatVecGeGlu(in MatVecGeGlu.Args args);

    /// <inheritdoc cref="Kernels.MatMul"/>
    void MatMul(in MatMul.Args args);

    /// <inheritdoc cref="Kernels.Rope"/>
    void Rope(in Rope.Args args);

    /// <inheritdoc cref="Kernels.RmsNormRope"/>
    void RmsNormRope(in RmsNormRope.Args args);

    /// <inheritdoc cref="Kernels.KvAppend"/>
    void KvAppend(in KvAppend.Args args);

    /// <inheritdoc cref="Kernels.RmsNormRopeAppend"/>
    void RmsNormRopeAppend(in RmsNormRopeAppend.Args args);

    /// <inheritdoc cref="Kernels.AttentionDecode"/>
    void AttentionDecode(in AttentionDecode.Args args);

    /// <inheritdoc cref="Kernels.AttentionDecodeQuantize"/>
    void AttentionDecodeQuantize(in AttentionDecodeQuantize.Args args);

    /// <inheritdoc cref="Kernels.AttentionPrefill"/>
    void AttentionPrefill(in AttentionPrefill.Args args);

    /// <inheritdoc cref="Kernels.AddRmsNorm"/>
    void AddRmsNorm(in AddRmsNorm.Args args);

    /// <inheritdoc cref="Kernels.AddRmsNormQuantize"/>
    void AddRmsNormQuantize(in AddRmsNormQuantize.Args args);

    /// <inheritdoc cref="Kernels.GeGlu"/>
    void GeGlu(in GeGlu.Args args);

    /// <inheritdoc cref="Kernels.SoftCap"/>
    void SoftCap(in SoftCap.Args args);

    /// <inheritdoc cref="Kernels.Sample"/>
    void Sample(in Sample.Args args);
}
