using System;
using System.IO;
using System.Linq;
using Xunit;

namespace GemmaVk.Shared;

/// <summary>A test that compiles shaders: skipped, visibly, where glslc is not installed.</summary>
internal sealed class GlslcFactAttribute : FactAttribute
{
    public GlslcFactAttribute()
    {
        Skip = Missing();
    }

    /// <summary>Why shaders cannot be compiled here, or null.</summary>
    public static string? Missing()
    {
        string name = OperatingSystem.IsWindows() ? "glslc.exe" : "glslc";
        string[] path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return path.Any(folder => File.Exists(Path.Combine(folder, name))) ? null : "glslc is not on the path";
    }
}
