using System;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>A fact about pages that only Linux counts for a process: skipped elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "the peak of resident memory is read from /proc, which only Linux has";
        }
    }
}
