namespace GemmaVk.Model;

/// <summary>processor_config.json: how pictures, clips and sound are cut into tokens. Absent keys have the 12B's values.</summary>
public sealed record ProcessorConfig
{
    /// <summary>Budget of soft tokens per picture.</summary>
    public int ImageMaxSoftTokens { get; init; } = 280;

    /// <summary>Budget of soft tokens per frame of a clip.</summary>
    public int VideoMaxSoftTokens { get; init; } = 70;

    /// <summary>Frames taken from a clip.</summary>
    public int NumFrames { get; init; } = 32;

    /// <summary>Longest sound, in tokens.</summary>
    public int AudioSeqLength { get; init; } = 750;

    /// <summary>Milliseconds per sound token.</summary>
    public int AudioMsPerToken { get; init; } = 40;

    /// <summary>Samples per second of the sound the model hears.</summary>
    public int SamplingRate { get; init; } = 16000;
}
