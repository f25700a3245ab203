using System;
using System.IO;
using System.Linq;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>A test that compiles shaders: skipped, visibly, where glslc is not installed.</summary>
internal sealed class GlslcFactAttribute : FactAttribute
{
    public GlslcFactAttribute()
    {
        string name = OperatingSystem.IsWindows() ? "glslc.exe" : "glslc";
        string[] path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!path.Any(folder => File.Exists(Path.Combine(folder, name))))
            Skip = "glslc is not on the path";
    }
}
