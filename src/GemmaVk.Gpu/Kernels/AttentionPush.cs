namespace GemmaVk.Gpu.Kernels;

/// <summary>Push constants of shaders/include/attention_tile.glsl, the body of both attention kernels.</summary>
internal readonly record struct AttentionPush(
    uint T, uint H, uint K, uint W, uint R, uint Window, uint First, uint Count, uint Splits, uint Part0, uint Parts, uint Pairs,
    uint Row0);
