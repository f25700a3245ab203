using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using Silk.NET.Vulkan;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>The validation layer listens. That it has nothing to say is asserted by every test that disposes a TestDevice.</summary>
public sealed unsafe class ValidationTests
{
    [Fact]
    public void MistakesAreCollected()
    {
        using GpuInstance gpu = GpuInstance.Create(new GpuOptions { Validation = true });
        using GpuDevice device = gpu.Open();
        const ulong notAllowed = 0;
        BufferCreateInfo info = new() { SType = StructureType.BufferCreateInfo, Size = notAllowed, Usage = BufferUsageFlags.StorageBufferBit };
        Buffer buffer;
        _ = device.Vk.CreateBuffer(device.Handle, &info, null, &buffer);
        Assert.Contains(gpu.ValidationMessages, m => m.Contains("VUID-VkBufferCreateInfo-size", System.StringComparison.Ordinal));
        device.Vk.DestroyBuffer(device.Handle, buffer, null);
    }

    [Fact]
    public void OffByDefaultInOptions()
    {
        using GpuInstance gpu = GpuInstance.Create(new GpuOptions { Validation = false });
        using GpuDevice device = gpu.Open();
        using DeviceBuffer buffer = DeviceBuffer.Allocate(device, "test", 64);
        using CommandRecorder recorder = new(device, "fill");
        recorder.Fill(buffer.Range, 7);
        using Recording recording = recorder.Finish();
        recording.Submit();
        recording.Wait();
        Assert.Empty(gpu.ValidationMessages);
    }
}
