using System;
using Xunit;

namespace GemmaVk.Shared;

/// <summary>A test of what only Linux does with the pages, files and signals of a process: shown as skipped elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "about what Linux alone does with pages, files and signals";
        }
    }
}
