using System;
using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Forward;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>The backends every model test runs on.</summary>
public static class Backends
{
    /// <summary>Names for [MemberData].</summary>
    public static TheoryData<string> All => ["reference", "cpu", "vulkan", "ilgpu"];

    /// <summary>All of them with what full layers may keep.</summary>
    public static TheoryData<string, FullKvStorage> WithFullKv => new()
    {
        { "reference", FullKvStorage.KeysAndValues },
        { "reference", FullKvStorage.Values },
        { "cpu", FullKvStorage.KeysAndValues },
        { "cpu", FullKvStorage.Values },
        { "vulkan", FullKvStorage.KeysAndValues },
        { "vulkan", FullKvStorage.Values },
        { "ilgpu", FullKvStorage.KeysAndValues },
        { "ilgpu", FullKvStorage.Values },
    };

    /// <summary>The fast ones.</summary>
    public static TheoryData<string> Devices => ["cpu", "vulkan", "ilgpu"];

    /// <summary>Opens one by name. Vulkan must exist: lavapipe at least.</summary>
    public static IBackend Open(string name) => name switch
    {
        "reference" => new ReferenceBackend(),
        "cpu" => new Cpu.CpuBackend(),
        "ilgpu" => Ilgpu.IlgpuBackend.Open(Ilgpu.Devices.IlgpuDevices.Choose("ilgpu:cpu", out _)),
        "vulkan" => Gpu.VulkanBackend.Create(new Gpu.GpuOptions()),
        // No pass is cut into submissions, however slow a busy machine makes it.
        "vulkan-whole" => Gpu.VulkanBackend.Create(new Gpu.GpuOptions { SubmissionLimit = TimeSpan.FromMinutes(1) }),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "unknown backend"),
    };
}
