using System;
using Xunit;

namespace GemmaVk.Weights.Tests;

/// <summary>A test of what Linux does with mapped files; shown as skipped elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "about mapped files on Linux";
        }
    }
}
