using System;

namespace GemmaVk.Kernels;

/// <summary>Names a kernel for the atlas: its shader file and the reference expression or paper it equals.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class KernelAttribute : Attribute
{
    /// <summary>Describes a kernel.</summary>
    /// <param name="purpose">One line, as the atlas prints it.</param>
    /// <param name="source">Reference file and expression, or paper and equation.</param>
    public KernelAttribute(string purpose, string source)
    {
        Purpose = purpose;
        Source = source;
    }

    /// <summary>What the kernel computes, in one line.</summary>
    public string Purpose { get; }

    /// <summary>Reference file and expression, or paper and equation.</summary>
    public string Source { get; }
}
