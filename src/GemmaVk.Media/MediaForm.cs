namespace GemmaVk.Media;

/// <summary>What a file is to the model.</summary>
public enum MediaForm
{
    /// <summary>A still picture, or an animation of which the first frame counts: GIF, APNG, WebP.</summary>
    Picture,

    /// <summary>Sound alone.</summary>
    Sound,

    /// <summary>Moving pictures, with or without sound.</summary>
    Video,
}
