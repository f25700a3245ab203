using System.Collections.Generic;
using GemmaVk.Kernels;

namespace GemmaVk.Ilgpu.Launching;

/// <summary>A recording: the launches of a pass in their order.</summary>
internal sealed class LaunchList(string name) : IRecording
{
    private readonly List<ILaunch> _launches = [];

    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <summary>How many.</summary>
    public int Count => _launches.Count;

    /// <summary>A launch by its place.</summary>
    public ILaunch this[int index] => _launches[index];

    /// <summary>Appends one.</summary>
    public void Add(ILaunch launch) => _launches.Add(launch);

    /// <inheritdoc/>
    public void Dispose() => _launches.Clear();
}
