namespace GemmaVk.Model;

/// <summary>The <c>vision_config</c> of config.json: the picture embedder has patches and positions, but no encoder.</summary>
public sealed record VisionConfig
{
    /// <summary>Side of the small patches, in pixels.</summary>
    public int PatchSize { get; init; } = 16;

    /// <summary>Small patches per side that are pooled into one.</summary>
    public int PoolingKernelSize { get; init; } = 3;

    /// <summary>Side of the square that becomes one token, in pixels: patch size times pooling.</summary>
    public int ModelPatchSize { get; init; } = 48;

    /// <summary>Width of the patch embedding.</summary>
    public int MmEmbedDim { get; init; } = 3840;

    /// <summary>Positions per axis in the position table.</summary>
    public int MmPosembSize { get; init; } = 1120;

    /// <summary>Default budget of soft tokens per picture.</summary>
    public int NumSoftTokens { get; init; } = 280;

    /// <summary>Input width of the projection to the residual stream.</summary>
    public int OutputProjDims { get; init; } = 3840;

    /// <summary>Epsilon of the weightless RMS norm before the projection.</summary>
    public float RmsNormEps { get; init; } = 1e-6f;

    /// <summary>Values of a flattened patch: side * side * 3 colours.</summary>
    public int PatchValues => checked(ModelPatchSize * ModelPatchSize * 3);
}
