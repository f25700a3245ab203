namespace GemmaVk.Model;

/// <summary>What a layer's queries see: an entry of <c>layer_types</c>.</summary>
public enum LayerKind : byte
{
    /// <summary>"sliding_attention": the newest <see cref="Gemma4TextConfig.SlidingWindow"/> positions.</summary>
    Sliding,

    /// <summary>"full_attention": every earlier position.</summary>
    Full,
}
