namespace GemmaVk.Model;

/// <summary>The <c>audio_config</c> of config.json: a frame of samples is projected as it is.</summary>
public sealed record AudioConfig
{
    /// <summary>Samples at 16 kHz that become one token.</summary>
    public int AudioSamplesPerToken { get; init; } = 640;

    /// <summary>Input width of the projection to the residual stream.</summary>
    public int AudioEmbedDim { get; init; } = 640;

    /// <summary>Epsilon of the weightless RMS norm before the projection.</summary>
    public float RmsNormEps { get; init; } = 1e-6f;
}
