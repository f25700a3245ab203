using System.Collections.Generic;
using GemmaVk.Ilgpu.Devices;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Ilgpu.Tests;

/// <summary>Which device a name means, and the sentence where it means none.</summary>
public class DeviceChoiceTests
{
    private static readonly IlgpuDeviceInfo _small = Gpu(IlgpuKind.Cuda, 0, "Small Card", 8L << 30);
    private static readonly IlgpuDeviceInfo _large = Gpu(IlgpuKind.Cuda, 1, "Large Card", 24L << 30);
    private static readonly IlgpuDeviceInfo _opencl = Gpu(IlgpuKind.OpenCL, 0, "Other Card", 16L << 30);
    private static readonly IlgpuDeviceInfo _old = Gpu(IlgpuKind.OpenCL, 1, "Old Driver", 64L << 30) with { Obstacle = "it is too old." };
    private static readonly IlgpuDeviceInfo _cpu = new("ilgpu:cpu", IlgpuKind.Cpu, 0, "CPU accelerator", "ILGPU", false, 128L << 30, long.MaxValue, null);
    private static readonly IReadOnlyList<IlgpuDeviceInfo> _all = [_small, _large, _opencl, _old, _cpu];

    [Theory]
    [InlineData("ilgpu", "ilgpu:cuda:1")]
    [InlineData("ilgpu:cuda", "ilgpu:cuda:1")]
    [InlineData("ilgpu:cuda:0", "ilgpu:cuda:0")]
    [InlineData("ilgpu:opencl", "ilgpu:opencl:0")]
    [InlineData("ilgpu:cpu", "ilgpu:cpu")]
    public void TheLargestUsableCardComesFirst(string name, string id) => Assert.Equal(id, IlgpuDevices.Choose(name, _all, out _).Id);

    [Fact]
    public void AChoiceNamesWhatElseThereIs()
    {
        IlgpuDevices.Choose("ilgpu:cuda", _all, out string reason);
        Assert.Equal("asked for with --device ilgpu:cuda: ilgpu:cuda:1 Large Card of 2; others are ilgpu:cuda:0 Small Card", reason);
        IlgpuDevices.Choose("ilgpu:cpu", _all, out reason);
        Assert.Equal("asked for with --device ilgpu:cpu: ilgpu:cpu, the only one", reason);
    }

    [Theory]
    [InlineData("ilgpu:cuda:5", "there is no CUDA device 5; ILGPU sees 2: ilgpu:cuda:0 Small Card, ilgpu:cuda:1 Large Card.")]
    [InlineData("ilgpu:opencl:1", "Old Driver (ilgpu:opencl:1, a driver) cannot run the kernels: it is too old.")]
    [InlineData("ilgpu:", "expected ilgpu, ilgpu:cpu, ilgpu:cuda or ilgpu:opencl")]
    [InlineData("ilgpu:cuda:x", "expected ilgpu, ilgpu:cpu")]
    [InlineData("ilgpu:cuda:1:2", "expected ilgpu, ilgpu:cpu")]
    [InlineData("ilgpu:0", "expected ilgpu, ilgpu:cpu")]
    public void AMistakeNamesWhatWasFound(string name, string sentence)
    {
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => IlgpuDevices.Choose(name, _all, out _));
        Assert.StartsWith($"--device {name}: ", error.Message, System.StringComparison.Ordinal);
        Assert.Contains(sentence, error.Message, System.StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutADriverItsLibraryIsNamed()
    {
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => IlgpuDevices.Choose("ilgpu:cuda", [_cpu], out _));
        Assert.Contains(DriverLibraries.Has(DriverLibraries.Cuda) ? "offers no CUDA device" : $"there is no CUDA driver: {DriverLibraries.Cuda} is not installed", error.Message, System.StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutACardTheCpuAcceleratorIsTheBestThereIs() => Assert.Equal(_cpu, IlgpuDevices.Choose("ilgpu", [_cpu, _old], out _));

    [Fact]
    public void ThisMachinesDevicesOpenOrSayWhyNot()
    {
        foreach (IlgpuDeviceInfo device in IlgpuDevices.All())
        {
            if (device.Obstacle is null)
            {
                using IlgpuBackend backend = IlgpuBackend.Open(IlgpuDevices.Choose(device.Id, out _));
                Assert.Equal(device.Name, backend.Device.Name);
            }
            else
            {
                // PoCL 3.1: OpenCL C 1.2, whose pointers cannot change their address space.
                GemmaVkException error = Assert.Throws<GemmaVkException>(() => IlgpuDevices.Choose(device.Id, out _));
                Assert.Contains(device.Name, error.Message, System.StringComparison.Ordinal);
                Assert.Contains("generic address space", error.Message, System.StringComparison.Ordinal);
            }
        }
    }

    private static IlgpuDeviceInfo Gpu(IlgpuKind kind, int index, string name, long memory) => new(
        $"ilgpu:{(kind == IlgpuKind.Cuda ? "cuda" : "opencl")}:{index}", kind, index, name, "a driver", true, memory, memory / 4, null);
}
