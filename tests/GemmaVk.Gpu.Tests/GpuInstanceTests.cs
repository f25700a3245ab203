using System;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using Silk.NET.Vulkan;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>Listing and opening devices.</summary>
public sealed class GpuInstanceTests
{
    [Fact]
    public void SoftwareDeviceIsDescribed()
    {
        using GpuInstance gpu = GpuInstance.Create(new GpuOptions { Validation = false });
        GpuDeviceInfo info = gpu.Devices.First(d => d.Type == GpuDeviceType.Software);
        Assert.Equal(info, gpu.Devices[info.Index]);
        Assert.NotEmpty(info.Name);
        Assert.NotEmpty(info.Driver);
        Assert.True(info.ApiVersion >= new Version(1, 2));
        Assert.Contains(info.Heaps, h => h.DeviceLocal && h.Bytes > 0);
        Assert.Empty(gpu.ValidationMessages);
    }

    [Fact]
    public void UnknownDeviceIsNamedWithTheOnesThatExist()
    {
        using GpuInstance gpu = GpuInstance.Create(new GpuOptions { Validation = false });
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => gpu.Open(99));
        Assert.Contains("99", error.Message, StringComparison.Ordinal);
        Assert.Contains(gpu.Devices[0].Name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutAChoiceTheFastestKindIsOpened()
    {
        using GpuInstance gpu = GpuInstance.Create(new GpuOptions { Validation = false });
        using GpuDevice device = gpu.Open();
        Assert.Equal(gpu.Devices.Min(d => d.Type), device.Info.Type);
    }

    [Fact]
    public void FeaturesMeetThePortableFloor()
    {
        using TestDevice test = new();
        GpuFeatures features = test.Device.Features;
        Assert.InRange(features.SubgroupSize, 4, 128);
        Assert.InRange(features.SubgroupSize, features.MinSubgroupSize, features.MaxSubgroupSize);
        Assert.True(features.MaxWorkgroupInvocations >= 256);
        Assert.True(features.MaxPushConstantBytes >= 128);
        Assert.True(features.MaxStorageBufferRange >= 128 << 20);
        Assert.True(features.MaxMemoryAllocation >= features.MaxStorageBufferRange);
        Assert.True(features.HostVisibleDeviceMemory, "a software device computes in host memory");
        Assert.True(features.TimestampPeriod > 0);
        Assert.True(test.Device.Heap.BudgetBytes > 0);
    }

    [Fact]
    public void LostDeviceIsReportedWithItsKernels()
    {
        using TestDevice test = new();
        using Memory.DeviceBuffer buffer = test.Buffer(256);
        using Commands.CommandRecorder recorder = new(test.Device, "one step");
        recorder.Fill(buffer.Range, 1);
        recorder.Dispatch(test.Device.Pipelines.Get(TestDevice.Shader("step"), []), [buffer.Range], (64u, 1u), 1);
        using Commands.Recording recording = recorder.Finish();
        recording.Submit();
        recording.Wait();

        DeviceLostException error = Assert.Throws<DeviceLostException>(() => test.Device.CheckAlive(Result.ErrorDeviceLost, "waiting"));
        Assert.Equal("one step", error.Recording);
        Assert.Equal(["fill", "step"], error.Kernels);
        Assert.Throws<VulkanException>(() => test.Device.CheckAlive(Result.ErrorOutOfDeviceMemory, "waiting"));
    }
}
