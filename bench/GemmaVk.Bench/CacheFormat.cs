namespace GemmaVk.Bench;

/// <summary>Ways to keep a layer's rows.</summary>
public enum CacheFormat
{
    /// <summary>Keys and values in F16.</summary>
    F16,

    /// <summary>Keys and values in INT8, groups of 32.</summary>
    Q8,

    /// <summary>Values in F16.</summary>
    F16Values,

    /// <summary>Values in INT8.</summary>
    Q8Values,
}
