using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Cpu;
using GemmaVk.Gpu;
using GemmaVk.Ilgpu;
using GemmaVk.Ilgpu.Devices;
using GemmaVk.Kernels;

namespace GemmaVk.Bench;

/// <summary>The backends that are measured: a new one is one line.</summary>
public static class BenchBackends
{
    private static readonly (string Name, Func<IBackend> Make)[] _makers =
    [
        ("cpu", () => new CpuBackend()),
        ("vulkan", () => VulkanBackend.Create(new GpuOptions())),
        ("ilgpu-cpu", () => IlgpuBackend.Open(IlgpuDevices.Choose("ilgpu:cpu", out _))),
    ];

    private static readonly ConcurrentDictionary<string, IBackend> _made = [];
    private static readonly ConcurrentDictionary<string, double> _bandwidth = [];

    /// <summary>Names, for parameters.</summary>
    public static IEnumerable<string> Names => _makers.Select(maker => maker.Name);

    /// <summary>The backend of a name, made once.</summary>
    public static IBackend Get(string name) => _made.GetOrAdd(name, key => _makers.Single(maker => maker.Name == key).Make());

    /// <summary>Its measured read bandwidth in bytes per second.</summary>
    public static double Bandwidth(string name) => _bandwidth.GetOrAdd(name, key => Get(key).MeasureReadBandwidth());
}
