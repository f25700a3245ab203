using System;
using System.Diagnostics;
using System.Reflection;
using GemmaVk.Tensors;
using ILGPU;
using ILGPU.Runtime;

namespace GemmaVk.Ilgpu.Launching;

/// <summary>A kernel for one device: compiled when the first pass that needs it is recorded, then held.</summary>
/// <typeparam name="TCall">What a call hands over: views and numbers.</typeparam>
internal sealed class IlgpuKernel<TCall>(KernelLoader loader, string name, Action<TCall> body, bool ownsRows) : ICompiledKernel
    where TCall : struct
{
    private Action<KernelConfig, TCall>? _launch;

    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <inheritdoc/>
    public string Variant => string.Join(", ", Array.ConvertAll(body.Method.GetGenericArguments(), type => type.Name));

    /// <inheritdoc/>
    public MethodInfo Method => body.Method;

    /// <inheritdoc/>
    public TimeSpan CompileTime { get; private set; }

    /// <inheritdoc/>
    public void Compile() => Load();

    /// <summary>Records a call.</summary>
    /// <param name="launches">Where to.</param>
    /// <param name="units">Rows, where a group owns a row; else elements.</param>
    /// <param name="call">The kernel's arguments.</param>
    public void Add(LaunchList launches, long units, in TCall call)
    {
        if (units > 0)
        {
            Action<KernelConfig, TCall> launch = Load();
            launches.Add(new Launch(Name, launch, loader.Grid(units, ownsRows), call));
        }
    }

    private Action<KernelConfig, TCall> Load()
    {
        if (_launch == null)
        {
            long start = Stopwatch.GetTimestamp();
            try
            {
                _launch = loader.Accelerator.LoadStreamKernel(body);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new GemmaVkException(
                    $"kernel {Name} ({Variant}) cannot be compiled for {loader.Accelerator.Name}: {Innermost(e)}; give another --device, such as cpu", e);
            }

            CompileTime = Stopwatch.GetElapsedTime(start);
        }

        return _launch;
    }

    private static string Innermost(Exception e)
    {
        while (e.InnerException is { } inner)
        {
            e = inner;
        }

        return e.Message.Trim();
    }

    private sealed class Launch(string name, Action<KernelConfig, TCall> launch, KernelConfig grid, TCall call) : ILaunch
    {
        public string Kernel { get; } = name;

        public void Run() => launch(grid, call);
    }
}
