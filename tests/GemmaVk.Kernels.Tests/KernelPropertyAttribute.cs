using System;
using FsCheck.Xunit;

namespace GemmaVk.Kernels.Tests;

/// <summary>A property of a kernel that each of so many drawn cases has on every backend.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelPropertyAttribute : PropertyAttribute
{
    public KernelPropertyAttribute(int cases)
    {
        // Children repeat what the parent has swept, for another width: a quarter of the shapes.
        MaxTest = Environment.GetEnvironmentVariable(Backends.OnlyVariable) is null ? cases : Math.Max(1, cases / 4);
    }
}
