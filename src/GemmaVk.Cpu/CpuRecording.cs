using System;
using GemmaVk.Kernels;

namespace GemmaVk.Cpu;

/// <summary>On the CPU a recording is the body itself.</summary>
internal sealed class CpuRecording(string name, Action<IPass> body) : IRecording
{
    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <summary>Called on every run.</summary>
    public Action<IPass> Body { get; } = body;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
