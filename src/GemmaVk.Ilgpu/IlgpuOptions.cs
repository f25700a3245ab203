using GemmaVk.Tensors;

namespace GemmaVk.Ilgpu;

/// <summary>What a backend is asked for beyond its device.</summary>
/// <param name="MemoryBytes">Bytes of memory the device has; null for what it says.</param>
/// <param name="Threads">Threads of the CPU accelerator; null for GEMMAVK_THREADS, or else every core.</param>
/// <param name="AlwaysCopy">Copy weights even where they could be read in their mapped file. For tests.</param>
public sealed record IlgpuOptions(long? MemoryBytes = null, int? Threads = null, bool AlwaysCopy = false)
{
    /// <summary>Take the time of every kernel. Default: GEMMAVK_TIMINGS is 1.</summary>
    public bool Timing { get; init; } = OnOffVariable.IsOn("GEMMAVK_TIMINGS");
}
