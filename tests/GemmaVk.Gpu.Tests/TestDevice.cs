using System;
using System.IO;
using System.Linq;
using System.Reflection;
using GemmaVk.Gpu.Memory;
using GemmaVk.Gpu.Pipelines;

namespace GemmaVk.Gpu.Tests;

/// <summary>A software device with the validation layer on, a cache folder of its own, and the test shaders.</summary>
internal sealed class TestDevice : IDisposable
{
    private readonly GpuInstance instance;
    private readonly TemporaryFolder cache = new();

    public TestDevice(Func<GpuOptions, GpuOptions>? change = null)
    {
        GpuOptions options = new() { Validation = true, ShaderDirectory = null, CacheDirectory = cache.Path };
        instance = GpuInstance.Create(change is null ? options : change(options));
        // lavapipe has to be installed: without it this fails, it does not skip.
        Device = instance.Open(instance.Devices.First(d => d.Type == GpuDeviceType.Software).Index);
    }

    public GpuDevice Device { get; }

    public static ShaderModule Shader(string name) => new(name, Spirv(name));

    public static byte[] Spirv(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name + ".spv")!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public DeviceBuffer Buffer(long bytes, long rowBytes = 4, MemoryKind kind = MemoryKind.Device) =>
        DeviceBuffer.Allocate(Device, "test", bytes, rowBytes, kind);

    public void Dispose()
    {
        Device.Dispose();
        instance.Dispose();
        string[] said = [.. instance.ValidationMessages];
        cache.Dispose();
        if (said.Length > 0)
            throw new InvalidOperationException("the validation layer complains:\n" + string.Join("\n", said));
    }
}
