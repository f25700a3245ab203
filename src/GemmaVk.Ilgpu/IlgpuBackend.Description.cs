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

    private KernelVariant[] Compiled()
    {
        foreach (ICompiledKernel kernel in _loader.Kernels)
        {
            kernel.Compile();
        }

        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"ILGPU compiles it when it is first used; all {_loader.Kernels.Count} variants took {_loader.Kernels.Sum(kernel => kernel.CompileTime.TotalMilliseconds):F0} ms");
        KernelVariant[] own = [.. _loader.Kernels.GroupBy(kernel => kernel.Name).Where(IsOfPass).Select(kernels => new KernelVariant(kernels.Key, Variant(kernels), reason))];
        return
        [
            .. typeof(IPass).GetMethods().Select(method => own.FirstOrDefault(
                variant => variant.Kernel == method.Name, new KernelVariant(method.Name, "launches of what it fuses", "no kernel of its own"))),
        ];
    }

    private string Variant(IGrouping<string, ICompiledKernel> kernels)
    {
        string owner = kernels.Any(kernel => kernel.Variant.Contains("Lane", StringComparison.Ordinal)) ? _loader.LanesName : "one thread per element";
        return string.Create(CultureInfo.InvariantCulture, $"{owner}; {kernels.Count()} in {kernels.Sum(kernel => kernel.CompileTime.TotalMilliseconds):F0} ms");
    }
}
