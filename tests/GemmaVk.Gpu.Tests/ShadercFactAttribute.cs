using GemmaVk.Gpu.Pipelines;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>A test that compiles shaders in this process: skipped, visibly, where no library for that loads.</summary>
internal sealed class ShadercFactAttribute : FactAttribute
{
    public ShadercFactAttribute()
    {
        Skip = Shaderc.Here is null ? Shaderc.Obstacle : null;
    }
}
