namespace GemmaVk.Runtime.Forward;

/// <summary>Whether a head has a smaller copy that says which of its rows can matter.</summary>
public enum HeadOutline
{
    /// <summary>Where it pays for certain: heads in BF16 or F32, on a device that takes one, where there is room.</summary>
    Auto,

    /// <summary>Wherever the device takes one and the head's format has a smaller one.</summary>
    On,

    /// <summary>Never.</summary>
    Off,
}
