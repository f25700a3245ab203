using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using GemmaVk.Ilgpu.Devices;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace GemmaVk.Ilgpu;

/// <summary>The backend in words, for the doctor.</summary>
public sealed partial class IlgpuBackend
{
    // What a driver takes beside the buffers: its context, compiled kernels, the rounding of each allocation.
    private const long ReserveOfDriver = 256L << 20;

    // ILGPU's intermediate code and launchers.
    private const long ReserveOfIlgpu = 64L << 20;

    private IEnumerable<string> Details(int threads)
    {
        yield return $"{_info.Id}, through ILGPU {typeof(Context).Assembly.GetName().Version?.ToString(3)}";
        yield return _info.Kind == IlgpuKind.Cpu
            ? string.Create(CultureInfo.InvariantCulture, $"threads: {threads}; one thread owns a row")
            : string.Create(CultureInfo.InvariantCulture, $"groups of {_loader.Lanes} threads, warps of {_accelerator.WarpSize}, {_accelerator.NumMultiprocessors} multiprocessors");
        if (_info.MaxBufferBytes < _info.MemoryBytes)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"one buffer has at most {_info.MaxBufferBytes >> 20} MiB");
        }
    }

    private static bool IsOfPass(IGrouping<string, ICompiledKernel> kernels) => typeof(IPass).GetMethod(kernels.Key) is not null;

    private KernelVariant Variant(IGrouping<string, ICompiledKernel> kernels)
    {
        foreach (ICompiledKernel kernel in kernels)
        {
            kernel.Compile();
        }

        double milliseconds = kernels.Sum(kernel => kernel.CompileTime.TotalMilliseconds);
        return new KernelVariant(
            kernels.Key,
            kernels.Any(kernel => kernel.Variant.Contains("Lane", StringComparison.Ordinal)) ? _loader.LanesName : "one thread per element",
            string.Create(CultureInfo.InvariantCulture, $"{kernels.Count()} compiled in {milliseconds:F0} ms"));
    }
}
