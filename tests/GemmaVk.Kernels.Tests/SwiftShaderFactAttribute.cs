using System;
using System.IO;
using System.Linq;
using Xunit;

namespace GemmaVk.Kernels.Tests;

/// <summary>A test on the Vulkan driver that Chromium brings: skipped, visibly, where Chromium is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SwiftShaderFactAttribute : FactAttribute
{
    public SwiftShaderFactAttribute()
    {
        Skip = Driver is null ? "no Chromium with its Vulkan driver SwiftShader is installed (Debian: chromium)" : null;
    }

    /// <summary>Where the driver's description is, or null.</summary>
    internal static string? Driver { get; } =
        new[] { "/usr/lib/chromium", "/opt/google/chrome", "/usr/lib/chromium-browser" }.Select(folder => Path.Combine(folder, "vk_swiftshader_icd.json")).FirstOrDefault(File.Exists);
}
