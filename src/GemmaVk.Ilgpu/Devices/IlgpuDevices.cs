using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using GemmaVk.Tensors;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace GemmaVk.Ilgpu.Devices;

/// <summary>Which devices ILGPU sees, and which of them a name means. Looking opens none.</summary>
public static class IlgpuDevices
{
    // CL_DEVICE_MAX_MEM_ALLOC_SIZE, which ILGPU's enumeration leaves out.
    private const CLDeviceInfoType MaxMemAllocSize = (CLDeviceInfoType)0x1010;

    /// <summary>Every device: CUDA's, OpenCL's, then the CPU accelerator.</summary>
    public static IReadOnlyList<IlgpuDeviceInfo> All()
    {
        using Context context = Open();
        return [.. Found(context).Select(found => found.Info), Cpu()];
    }

    /// <summary>The device of a name: <c>ilgpu</c>, <c>ilgpu:cpu</c>, <c>ilgpu:cuda</c>, <c>ilgpu:opencl</c>, with <c>:INDEX</c> after the kind.</summary>
    /// <param name="name">What <c>--device</c> was given.</param>
    /// <param name="reason">Why this one: for a name that leaves a choice, what it was chosen from.</param>
    /// <exception cref="GemmaVkException">No such name, no such device, no driver, or one that cannot run kernels.</exception>
    public static IlgpuDeviceInfo Choose(string name, out string reason)
    {
        ArgumentNullException.ThrowIfNull(name);
        (IlgpuKind? kind, int? index) = Parse(name);
        return kind == IlgpuKind.Cpu ? Choose(name, kind, index, [Cpu()], out reason) : Choose(name, kind, index, All(), out reason);
    }

    /// <summary>The same among given devices.</summary>
    internal static IlgpuDeviceInfo Choose(string name, IReadOnlyList<IlgpuDeviceInfo> all, out string reason)
    {
        (IlgpuKind? kind, int? index) = Parse(name);
        return Choose(name, kind, index, all, out reason);
    }

    /// <summary>Opens a device for a backend. Both are to be disposed, the accelerator first.</summary>
    internal static (Context Context, Accelerator Accelerator) Open(IlgpuDeviceInfo info, int threads)
    {
        Context context = info.Kind == IlgpuKind.Cpu ? Context.Create(builder => builder.Optimize(OptimizationLevel.O2)) : Open();
        try
        {
            // A warp of two threads is the smallest there is; kernels use one of them per core.
            return (context, info.Kind == IlgpuKind.Cpu
                ? new CPUDevice(2, 1, threads).CreateCPUAccelerator(context, CPUAcceleratorMode.Parallel)
                : Found(context).First(found => found.Info.Id == info.Id).Device.CreateAccelerator(context));
        }
        catch (Exception e)
        {
            context.Dispose();
            throw new GemmaVkException($"{info.Name} ({info.Id}) does not open: {e.Message}", e);
        }
    }

    private static Context Open()
    {
        DriverLibraries.Resolve(typeof(Context).Assembly);
        return Context.Create(builder => builder.Cuda().OpenCL(_ => true).Optimize(OptimizationLevel.O2));
    }

    private static IlgpuDeviceInfo Choose(string name, IlgpuKind? kind, int? index, IReadOnlyList<IlgpuDeviceInfo> all, out string reason)
    {
        IlgpuDeviceInfo[] ofKind = [.. all.Where(device => kind is null || device.Kind == kind)];
        if (ofKind.Length == 0)
        {
            throw new GemmaVkException($"--device {name}: {WhyNone(kind!.Value)} 'gemmavk doctor' lists what there is.");
        }

        if (index is { } at)
        {
            IlgpuDeviceInfo asked = ofKind.FirstOrDefault(device => device.Index == at)
                ?? throw new GemmaVkException(
                    $"--device {name}: there is no {Word(kind!.Value)} device {at}; ILGPU sees {ofKind.Length}: {string.Join(", ", ofKind.Select(Name))}.");
            reason = $"asked for with --device {name}";
            return Usable(name, asked);
        }

        // Graphics cards before processors under another name, large before small, and the order of the list among equals.
        IlgpuDeviceInfo best = ofKind.OrderBy(device => device.Obstacle is null ? 0 : 1).ThenBy(device => device.IsGpu ? 0 : 1)
            .ThenBy(device => device.Kind == IlgpuKind.Cpu ? 1 : 0).ThenByDescending(device => device.IsGpu ? device.MemoryBytes : 0).First();
        IlgpuDeviceInfo[] others = [.. ofKind.Where(device => device != best)];
        reason = others.Length == 0
            ? $"asked for with --device {name}: {best.Id}, the only one"
            : $"asked for with --device {name}: {best.Id} {best.Name} of {ofKind.Length}; others are {string.Join(", ", others.Select(Name))}";
        return Usable(name, best);
    }

    private static IlgpuDeviceInfo Usable(string name, IlgpuDeviceInfo device) => device.Obstacle is null
        ? device
        : throw new GemmaVkException($"--device {name}: {device.Name} ({device.Id}, {device.Driver}) cannot run the kernels: {device.Obstacle}");

    private static (IlgpuKind? Kind, int? Index) Parse(string name)
    {
        string[] parts = name.Split(':');
        IlgpuKind? kind = parts.Length < 2 ? null : parts[1] switch { "cpu" => IlgpuKind.Cpu, "cuda" => IlgpuKind.Cuda, "opencl" => IlgpuKind.OpenCL, _ => null };
        int index = -1;
        bool wrong = parts[0] != "ilgpu" || parts.Length > 3 || (parts.Length > 1 && kind is null)
            || (parts.Length == 3 && !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out index));
        return wrong
            ? throw new GemmaVkException($"--device {name}: expected ilgpu, ilgpu:cpu, ilgpu:cuda or ilgpu:opencl, and an index after the kind where there are several, such as ilgpu:cuda:1.")
            : (kind, parts.Length == 3 ? index : null);
    }

    private static string WhyNone(IlgpuKind kind)
    {
        string library = kind == IlgpuKind.Cuda ? DriverLibraries.Cuda : DriverLibraries.OpenCL;
        bool there = DriverLibraries.Has(library);
        return kind == IlgpuKind.Cuda
            ? there ? $"NVIDIA's driver is installed ({library}), but it offers no CUDA device." : $"there is no CUDA driver: {library} is not installed; install NVIDIA's driver."
            : there ? $"an OpenCL loader is installed ({library}), but no driver offers a device." : $"there is no OpenCL: {library} is not installed; install the driver of your GPU.";
    }

    private static List<(IlgpuDeviceInfo Info, Device Device)> Found(Context context)
    {
        List<(IlgpuDeviceInfo Info, Device Device)> found = [];
        foreach (CudaDevice device in context.GetCudaDevices())
        {
            found.Add((Describe(device, found.Count), device));
        }

        int cuda = found.Count;
        foreach (CLDevice device in context.GetCLDevices())
        {
            found.Add((Describe(device, found.Count - cuda), device));
        }

        return found;
    }

    private static IlgpuDeviceInfo Describe(CudaDevice device, int index) => new(
        $"ilgpu:cuda:{index}", IlgpuKind.Cuda, index, device.Name, $"CUDA {device.DriverVersion}, {device.Architecture}", IsGpu: true, device.MemorySize, device.MemorySize,
        device.Architecture is null ? "ILGPU does not know its architecture; give another --device." : null);

    private static IlgpuDeviceInfo Describe(CLDevice device, int index) => new(
        $"ilgpu:opencl:{index}", IlgpuKind.OpenCL, index, device.Name, $"{device.PlatformName}, OpenCL {device.DeviceVersion}",
        device.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU), device.MemorySize, CLAPI.CurrentAPI.GetDeviceInfo<long>(device.DeviceId, MaxMemAllocSize),
        device.Capabilities.GenericAddressSpace
            ? null
            : $"ILGPU needs the generic address space of OpenCL C 2.0, and this driver offers OpenCL C {device.CVersion.Major}.{device.CVersion.Minor} without it; install a newer driver, or give --device cpu.");

    private static IlgpuDeviceInfo Cpu() => new(
        "ilgpu:cpu", IlgpuKind.Cpu, 0, "ILGPU's CPU accelerator", $"ILGPU {typeof(Context).Assembly.GetName().Version?.ToString(3)}", IsGpu: false,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, long.MaxValue, null);

    private static string Word(IlgpuKind kind) => kind == IlgpuKind.Cpu ? "CPU" : kind == IlgpuKind.Cuda ? "CUDA" : "OpenCL";

    private static string Name(IlgpuDeviceInfo device) => $"{device.Id} {device.Name}";
}
