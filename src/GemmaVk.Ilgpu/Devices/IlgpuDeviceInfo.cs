namespace GemmaVk.Ilgpu.Devices;

/// <summary>A device that ILGPU sees.</summary>
/// <param name="Id">What <c>--device</c> takes: <c>ilgpu:cuda:0</c>.</param>
/// <param name="Kind">CPU, CUDA or OpenCL.</param>
/// <param name="Index">Among the devices of its kind.</param>
/// <param name="Name">Name as the driver gives it.</param>
/// <param name="Driver">Driver or platform and its version.</param>
/// <param name="IsGpu">It is a graphics card, and no processor under another name.</param>
/// <param name="MemoryBytes">Bytes of its memory.</param>
/// <param name="MaxBufferBytes">Bytes of the largest single buffer.</param>
/// <param name="Obstacle">Why kernels cannot run on it, or null where they can.</param>
public sealed record IlgpuDeviceInfo(
    string Id, IlgpuKind Kind, int Index, string Name, string Driver, bool IsGpu, long MemoryBytes, long MaxBufferBytes, string? Obstacle);

/// <summary>The ways in which ILGPU reaches a device.</summary>
public enum IlgpuKind
{
    /// <summary>ILGPU's own accelerator on threads of the processor.</summary>
    Cpu,

    /// <summary>NVIDIA's driver.</summary>
    Cuda,

    /// <summary>An OpenCL driver.</summary>
    OpenCL,
}
