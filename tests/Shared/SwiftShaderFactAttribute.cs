using System;
using System.IO;
using System.Linq;
using Xunit;

namespace GemmaVk.Shared;

/// <summary>A test on the Vulkan driver that Chromium brings: skipped, visibly, where Chromium is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SwiftShaderFactAttribute : FactAttribute
{
    private bool compiles;

    public SwiftShaderFactAttribute()
    {
        Skip = Driver is null ? "no Chromium with its Vulkan driver SwiftShader is installed (Debian: chromium)" : null;
    }

    /// <summary>Whether it also compiles shaders: skipped, too, without glslc.</summary>
    public bool Compiles
    {
        get => compiles;
        set => Skip = (compiles = value) ? Skip ?? GlslcFactAttribute.Missing() : Skip;
    }

    /// <summary>Where the driver's description is, or null.</summary>
    internal static string? Driver { get; } =
        new[] { "/usr/lib/chromium", "/opt/google/chrome", "/usr/lib/chromium-browser" }.Select(folder => Path.Combine(folder, "vk_swiftshader_icd.json")).FirstOrDefault(File.Exists);
}
