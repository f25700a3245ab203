using Xunit;

namespace GemmaVk.Server.Tests.Page;

/// <summary>A test that restores packages of npm; skipped where that cannot be.</summary>
public sealed class NpmFactAttribute : FactAttribute
{
    public NpmFactAttribute()
    {
        Skip = NodeProgram.NpmLack;
    }
}
