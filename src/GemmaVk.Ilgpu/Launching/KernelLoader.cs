using System;
using System.Collections.Generic;
using System.Reflection;
using GemmaVk.Ilgpu.Lanes;
using ILGPU;
using ILGPU.Runtime;

namespace GemmaVk.Ilgpu.Launching;

/// <summary>Fits kernels to an accelerator: kind and number of lanes, and how many groups a launch has.</summary>
internal sealed class KernelLoader
{
    /// <summary>Most lanes of a group: what kernels reserve shared memory for.</summary>
    public const int MostLanes = 128;

    // More groups than this take several rows each, so that a launch's size stays within every driver's bounds.
    private const long MostGroups = 1 << 20;

    private readonly List<ICompiledKernel> _kernels = [];
    private readonly Type _lanes;
    private readonly int _laneCount;
    private readonly int _groups;

    /// <summary>Asks the accelerator what it is.</summary>
    public KernelLoader(Accelerator accelerator)
        : this(accelerator, LanesOf(accelerator.AcceleratorType))
    {
    }

    /// <summary>Takes lanes of another kind of device. For tests, which compile for devices that are not there.</summary>
    internal KernelLoader(Accelerator accelerator, Type lanes)
    {
        Accelerator = accelerator;
        _lanes = lanes;
        _laneCount = lanes == typeof(OneLane) ? 1 : PowerOfTwo(accelerator.MaxNumThreadsPerGroup);
        _groups = accelerator.AcceleratorType == AcceleratorType.CPU ? accelerator.NumMultiprocessors : 0;
    }

    /// <summary>Where kernels run.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>Threads of a group.</summary>
    public int Lanes => _laneCount;

    /// <summary>The kind of lanes in words, for the doctor.</summary>
    public string LanesName => _lanes == typeof(OneLane) ? "one thread per row" : _lanes == typeof(WarpLanes) ? $"{_laneCount} threads per row, shuffles" : $"{_laneCount} threads per row, shared memory";

    /// <summary>Every kernel that was made here.</summary>
    public IReadOnlyList<ICompiledKernel> Kernels => _kernels;

    /// <summary>A kernel whose groups own rows. Its last type argument is written as OneLane and stands for the device's own lanes.</summary>
    public IlgpuKernel<TCall> Rows<TCall>(string name, Action<TCall> body)
        where TCall : struct
    {
        Type[] types = body.Method.GetGenericArguments();
        types[^1] = _lanes;
        MethodInfo method = body.Method.GetGenericMethodDefinition().MakeGenericMethod(types);
        return Keep(new IlgpuKernel<TCall>(this, name, method.CreateDelegate<Action<TCall>>(), ownsRows: true));
    }

    /// <summary>A kernel whose threads own elements.</summary>
    public IlgpuKernel<TCall> Elements<TCall>(string name, Action<TCall> body)
        where TCall : struct => Keep(new IlgpuKernel<TCall>(this, name, body, ownsRows: false));

    /// <summary>Groups and lanes of a launch.</summary>
    public KernelConfig Grid(long units, bool ownsRows)
    {
        long wanted = ownsRows ? units : (units + _laneCount - 1) / _laneCount;
        return new KernelConfig((int)Math.Min(wanted, _groups > 0 ? _groups : MostGroups), _laneCount);
    }

    private IlgpuKernel<TCall> Keep<TCall>(IlgpuKernel<TCall> kernel)
        where TCall : struct
    {
        _kernels.Add(kernel);
        return kernel;
    }

    private static Type LanesOf(AcceleratorType type) => type switch
    {
        AcceleratorType.CPU => typeof(OneLane),
        AcceleratorType.Cuda => typeof(WarpLanes),
        _ => typeof(SharedLanes),
    };

    private static int PowerOfTwo(int most)
    {
        int lanes = MostLanes;
        while (lanes > most)
        {
            lanes /= 2;
        }

        return lanes;
    }
}
