using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Ilgpu.Launching;

/// <summary>A recording: the launches of a pass in their order.</summary>
internal sealed class LaunchList(string name) : IRecording, IPassObserver
{
    private readonly List<ILaunch> _launches = [];
    private readonly List<KernelCall> _calls = [];

    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <summary>How many.</summary>
    public int Count => _launches.Count;

    /// <summary>A launch by its place.</summary>
    public ILaunch this[int index] => _launches[index];

    /// <summary>The call that each launch belongs to; empty where no times are taken.</summary>
    public IReadOnlyList<KernelCall> Calls => _calls;

    /// <inheritdoc/>
    public void Begin(KernelCall call)
    {
        // Launches are added between here and the end.
    }

    /// <inheritdoc/>
    public void End(KernelCall call)
    {
        while (_calls.Count < _launches.Count)
        {
            _calls.Add(call);
        }
    }

    /// <summary>Appends one.</summary>
    public void Add(ILaunch launch) => _launches.Add(launch);

    /// <inheritdoc/>
    public void Dispose() => _launches.Clear();
}
