using Xunit;

namespace GemmaVk.Server.Tests.Page;

/// <summary>A test that drives Chromium; skipped where that or npm's packages cannot be had.</summary>
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        Skip = NodeProgram.Lack;
    }
}
