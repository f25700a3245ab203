using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using GemmaVk.Cpu;
using GemmaVk.Gpu;
using GemmaVk.Ilgpu;
using GemmaVk.Ilgpu.Devices;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using Xunit;
using Xunit.Sdk;

namespace GemmaVk.Kernels.Tests;

/// <summary>
/// Every backend that the kernel tests run on. A new one is one line in <see cref="_makers"/>. A backend is made once and
/// used by one test at a time.
/// </summary>
public static class Backends
{
    /// <summary>When set, only the backend of that name is tested.</summary>
    public const string OnlyVariable = "GEMMAVK_TEST_BACKEND";

    /// <summary>Subgroup size that a child process of <see cref="SubgroupSizeTests"/> must find.</summary>
    public const string SubgroupVariable = "GEMMAVK_TEST_SUBGROUP";

    /// <summary>The CPU without machine code, where "cpu" runs some.</summary>
    public const string Intrinsics = "cpu-intrinsics";

    private static readonly Lazy<GpuInstance> _vulkan = new(() => GpuInstance.Create(new GpuOptions()));

    private static readonly (string Name, Func<IBackend> Make)[] _makers =
    [
        ("cpu", () => new CpuBackend()),
        .. MachineCode() ? [(Intrinsics, () => new CpuBackend(new CpuOptions(MachineCode: false)))] : Array.Empty<(string, Func<IBackend>)>(),
        .. Narrower().Select(set => ($"cpu-{set}", (Func<IBackend>)(() => new CpuBackend(new CpuOptions(Instructions: set))))),
        ("vulkan", () => VulkanBackend.Open(_vulkan.Value, SoftwareDevice())),
        // What a GPU with an integer dot product would be given, on the same driver.
        ("vulkan-as-gpu", () => new VulkanBackend(_vulkan.Value.Open(SoftwareDevice()), integerDot: true, software: false)),
        ("ilgpu-cpu", () => IlgpuBackend.Open(IlgpuDevices.Choose("ilgpu:cpu", out _))),
        // A card that CUDA or OpenCL reaches is tested without being asked for.
        .. IlgpuDevices.All().Where(device => device.IsGpu && device.Obstacle is null).Select(device => (device.Id, (Func<IBackend>)(() => IlgpuBackend.Open(device)))),
        .. OtherDevices().Select(device => ($"vulkan-{device.Index} {device.Name}", (Func<IBackend>)(() => VulkanBackend.Open(_vulkan.Value, device.Index)))),
    ];

    private static readonly ConcurrentDictionary<string, Lazy<IBackend>> _made = [];

    /// <summary>Whether there is a backend of that name here.</summary>
    public static bool Has(string name) => Names.Contains(name);

    /// <summary>Names, for <c>[MemberData]</c>.</summary>
    public static TheoryData<string> All => [.. Names];

    private static IEnumerable<string> Names
    {
        get
        {
            string[] all = [.. _makers.Select(maker => maker.Name)];
            string? only = Environment.GetEnvironmentVariable(OnlyVariable);
            return only is null ? all : all.Contains(only) ? [only]
                : throw new InvalidOperationException($"{OnlyVariable}: expected one of {string.Join(", ", all)}, but '{only}' came.");
        }
    }

    /// <summary>Holds an assertion against every backend, and says for each one where it fails. Two run at a time, each on a thread: compiling shaders takes one core.</summary>
    public static void Each(Action<string> assertion)
    {
        string[] names = [.. Names];
        string?[] faults = new string?[names.Length];
        Parallel.ForEach(Partitioner.Create(Enumerable.Range(0, names.Length), EnumerablePartitionerOptions.NoBuffering), new ParallelOptions { MaxDegreeOfParallelism = 2 }, i =>
        {
            try
            {
                assertion(names[i]);
            }
            catch (Exception error)
            {
                faults[i] = $"on {names[i]}: {(error is XunitException ? error.Message : error)}";
            }
        });
        Assert.True(faults.All(fault => fault is null), string.Join(Environment.NewLine, faults.Where(fault => fault is not null)));
    }

    /// <summary>The backend of a name.</summary>
    public static IBackend Get(string name) =>
        _made.GetOrAdd(name, key => new Lazy<IBackend>(() => _makers.Single(maker => maker.Name == key).Make())).Value;

    // Software Vulkan is the one that every machine can have, so its absence is a failure and not a skip.
    private static int SoftwareDevice() =>
        _vulkan.Value.Devices.FirstOrDefault(device => device.Type == GpuDeviceType.Software)?.Index
        ?? throw new InvalidOperationException("The kernel tests need a software Vulkan device: install Mesa's lavapipe (Debian: mesa-vulkan-drivers).");

    private static IEnumerable<GpuDeviceInfo> OtherDevices()
    {
        try
        {
            return [.. _vulkan.Value.Devices.Where(device => device.Type != GpuDeviceType.Software)];
        }
        catch (GemmaVkException)
        {
            // The tests on "vulkan" fail with the reason.
            return [];
        }
    }

    private static bool MachineCode()
    {
        using CpuBackend best = new(new CpuOptions(Threads: 1));
        return best.MachineCode;
    }

    private static IEnumerable<InstructionSet> Narrower()
    {
        using CpuBackend best = new(new CpuOptions(Threads: 1));
        return [.. Enum.GetValues<InstructionSet>().Where(set => set < best.Instructions)];
    }
}
