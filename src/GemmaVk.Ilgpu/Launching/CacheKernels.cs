using System;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Ilgpu.Launching;

/// <summary>A kernel once per format of a cache.</summary>
/// <param name="name">Name as in IPass.</param>
/// <param name="make">Who owns what: <see cref="KernelLoader.Rows"/> or <see cref="KernelLoader.Elements"/>.</param>
internal sealed class CacheKernels<TCall>(string name, Func<string, Action<TCall>, IlgpuKernel<TCall>> make)
    where TCall : struct
{
    private IlgpuKernel<TCall>? _floats, _halves, _steps;

    /// <summary>The kernel for F32.</summary>
    public Action<TCall> Floats { init => _floats = make(name, value); }

    /// <summary>The kernel for F16.</summary>
    public Action<TCall> Halves { init => _halves = make(name, value); }

    /// <summary>The kernel for Q8.</summary>
    public Action<TCall> Steps { init => _steps = make(name, value); }

    /// <summary>The kernel for a cache.</summary>
    public IlgpuKernel<TCall> Of(in KvRows cache) =>
        cache.Format switch { DType.F32 => _floats, DType.F16 => _halves, _ => _steps }
        ?? throw new ArgumentException($"{cache.Values.Name}: no {name} of {cache.Format}");
}
