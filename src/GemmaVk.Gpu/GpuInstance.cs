using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Gpu.Driver;
using GemmaVk.Tensors;
using Silk.NET.Core;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu;

/// <summary>The door to Vulkan: lists devices and opens one. Dispose devices before their instance.</summary>
public sealed unsafe partial class GpuInstance : IDisposable
{
    /// <summary>Lowest Vulkan version that has what the kernels and this room need (timeline semaphores, 8-bit storage).</summary>
    internal static readonly Version MinVersion = new(1, 2);

    /// <summary>The driver says how much memory is free.</summary>
    internal const string MemoryBudget = "VK_EXT_memory_budget";

    private const string PortabilityEnumeration = "VK_KHR_portability_enumeration";
    private const string ValidationFeatures = "VK_EXT_validation_features";

    private readonly PhysicalDevice[] physicalDevices;

    private GpuInstance(nint vkGetInstanceProcAddr, GpuOptions options)
    {
        Options = options.Pretend.Of(options);
        Vk loader = CommandSource.OfLoader(vkGetInstanceProcAddr);
        Version version = VersionOf(loader);
        if (version < MinVersion)
            throw new GemmaVkException($"Vulkan {MinVersion} is needed, but the installed loader has {version}: update the Vulkan loader.");

        Handle = Create(loader, options);
        Vk = CommandSource.Of(Handle, vkGetInstanceProcAddr);
        CreateMessenger();
        physicalDevices = Enumerate();
        Devices = [.. physicalDevices.Select(Describe)];
    }

    /// <summary>All devices with a driver, software ones included, in the loader's order.</summary>
    public IReadOnlyList<GpuDeviceInfo> Devices { get; }

    internal GpuOptions Options { get; }

    internal Instance Handle { get; }

    internal Vk Vk { get; }

    /// <summary>Loads Vulkan and lists its devices.</summary>
    /// <exception cref="VulkanException">No loader or driver is installed.</exception>
    /// <exception cref="GemmaVkException">It is too old, or the validation layer was asked for and is not installed.</exception>
    public static GpuInstance Create(GpuOptions? options = null) => Create(VulkanLoader.Find(), options ?? new GpuOptions());

    /// <summary>The same with a loader that was found elsewhere.</summary>
    internal static GpuInstance Create(nint vkGetInstanceProcAddr, GpuOptions options) => new(vkGetInstanceProcAddr, options);

    /// <summary>Opens a device: the one at <paramref name="index"/>, or the one that is likely fastest.</summary>
    /// <exception cref="GemmaVkException">There is no such device, or it lacks something required.</exception>
    internal GpuDevice Open(int? index = null)
    {
        int chosen = Choose(index);
        return new GpuDevice(this, physicalDevices[chosen], Devices[chosen]);
    }

    /// <summary>The index of the device that <see cref="Open"/> would take.</summary>
    /// <exception cref="GemmaVkException">There is no such device.</exception>
    public int Choose(int? index)
    {
        if (Devices.Count == 0)
        {
            throw new GemmaVkException(
                "Vulkan is installed, but no driver offers a device. Install the driver of your GPU, or the software driver lavapipe (Debian: mesa-vulkan-drivers).");
        }

        int chosen = index ?? Devices.OrderBy(d => d.Type).ThenByDescending(d => d.DeviceMemory).First().Index;
        if (chosen < 0 || chosen >= Devices.Count)
        {
            string list = string.Join(", ", Devices.Select(d => $"{d.Index} = {d.Name}"));
            throw new GemmaVkException($"There is no Vulkan device {chosen}; there is {list}.");
        }

        return chosen;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        DestroyMessenger();
        Vk.DestroyInstance(Handle, null);
        validation?.Dispose();
    }

    internal static Version DecodeVersion(uint packed) => new((int)(packed >> 22 & 0x7F), (int)(packed >> 12 & 0x3FF));

    // A loader of Vulkan 1.0 has no command that says its version.
    private static Version VersionOf(Vk loader)
    {
        if (!loader.Context.TryGetProcAddress("vkEnumerateInstanceVersion", out _))
            return new Version(1, 0);
        uint version = 0;
        loader.EnumerateInstanceVersion(&version).Check("asking for the Vulkan version");
        return DecodeVersion(version);
    }

    private Instance Create(Vk loader, GpuOptions options)
    {
        ApplicationInfo application = new() { SType = StructureType.ApplicationInfo, ApiVersion = Vk.Version13 };
        InstanceCreateInfo info = new() { SType = StructureType.InstanceCreateInfo, PApplicationInfo = &application };

        HashSet<string> offered = Extensions(loader);
        List<string> extensions = [];
        List<string> layers = [];
        // MoltenVK translates to Metal; the loader hides such drivers unless they are asked for.
        if (offered.Contains(PortabilityEnumeration))
        {
            extensions.Add(PortabilityEnumeration);
            info.Flags |= InstanceCreateFlags.EnumeratePortabilityBitKhr;
        }

        // Enabled locals must outlive the call, so the chain is built here even when it stays unused.
        ValidationFeatureEnableEXT synchronization = ValidationFeatureEnableEXT.SynchronizationValidationExt;
        ValidationFeaturesEXT features = new()
        {
            SType = StructureType.ValidationFeaturesExt,
            EnabledValidationFeatureCount = 1,
            PEnabledValidationFeatures = &synchronization,
        };
        if (options.Validation)
        {
            RequireValidationLayer(loader);
            layers.Add(ValidationLayer);
            extensions.Add(ExtDebug.ExtensionName);
            extensions.Add(ValidationFeatures);
            validation = new ValidationLog();
            info.PNext = &features;
        }

        using NativeStrings extensionNames = new(extensions);
        using NativeStrings layerNames = new(layers);
        info.EnabledExtensionCount = extensionNames.Count;
        info.PpEnabledExtensionNames = extensionNames.Pointers;
        info.EnabledLayerCount = layerNames.Count;
        info.PpEnabledLayerNames = layerNames.Pointers;
        Instance instance;
        loader.CreateInstance(&info, null, &instance).Check("starting Vulkan");
        return instance;
    }

    private static HashSet<string> Extensions(Vk loader)
    {
        uint count = 0;
        loader.EnumerateInstanceExtensionProperties((byte*)null, &count, null).Check("counting instance extensions");
        ExtensionProperties[] found = new ExtensionProperties[count];
        fixed (ExtensionProperties* p = found)
            loader.EnumerateInstanceExtensionProperties((byte*)null, &count, p).Check("listing instance extensions");
        return Names(found.AsSpan(0, (int)count));
    }

    /// <summary>Names of what a device's driver offers.</summary>
    internal HashSet<string> DeviceExtensions(PhysicalDevice device)
    {
        uint count = 0;
        Vk.EnumerateDeviceExtensionProperties(device, (byte*)null, &count, null).Check("counting device extensions");
        ExtensionProperties[] found = new ExtensionProperties[count];
        fixed (ExtensionProperties* p = found)
            Vk.EnumerateDeviceExtensionProperties(device, (byte*)null, &count, p).Check("listing device extensions");
        return Names(found.AsSpan(0, (int)count));
    }

    private static HashSet<string> Names(ReadOnlySpan<ExtensionProperties> extensions)
    {
        HashSet<string> names = [];
        foreach (ExtensionProperties extension in extensions)
            names.Add(VkText.Read(extension.ExtensionName, Vk.MaxExtensionNameSize));
        return names;
    }

    private PhysicalDevice[] Enumerate()
    {
        uint count = 0;
        Vk.EnumeratePhysicalDevices(Handle, &count, null).Check("counting Vulkan devices");
        PhysicalDevice[] devices = new PhysicalDevice[count];
        fixed (PhysicalDevice* p = devices)
            Vk.EnumeratePhysicalDevices(Handle, &count, p).Check("listing Vulkan devices");
        return devices[..(int)count];
    }

    private GpuDeviceInfo Describe(PhysicalDevice device, int index)
    {
        PhysicalDeviceDriverProperties driver = new() { SType = StructureType.PhysicalDeviceDriverProperties };
        PhysicalDeviceProperties2 properties = new() { SType = StructureType.PhysicalDeviceProperties2, PNext = &driver };
        Vk.GetPhysicalDeviceProperties2(device, &properties);
        PhysicalDeviceMemoryProperties2 memory = new() { SType = StructureType.PhysicalDeviceMemoryProperties2 };
        Vk.GetPhysicalDeviceMemoryProperties2(device, &memory);

        GpuHeap[] heaps = new GpuHeap[memory.MemoryProperties.MemoryHeapCount];
        for (int i = 0; i < heaps.Length; i++)
        {
            MemoryHeap heap = memory.MemoryProperties.MemoryHeaps[i];
            heaps[i] = new GpuHeap((long)Math.Min(heap.Size, long.MaxValue), heap.Flags.HasFlag(MemoryHeapFlags.DeviceLocalBit));
        }

        GpuDeviceType type = properties.Properties.DeviceType switch
        {
            PhysicalDeviceType.DiscreteGpu => GpuDeviceType.Discrete,
            PhysicalDeviceType.IntegratedGpu => GpuDeviceType.Integrated,
            PhysicalDeviceType.VirtualGpu => GpuDeviceType.Virtual,
            PhysicalDeviceType.Cpu => GpuDeviceType.Software,
            _ => GpuDeviceType.Other,
        };
        return new GpuDeviceInfo(
            index,
            VkText.Read(properties.Properties.DeviceName, Vk.MaxPhysicalDeviceNameSize),
            type,
            VkText.Read(driver.DriverName, Vk.MaxDriverNameSize),
            VkText.Read(driver.DriverInfo, Vk.MaxDriverInfoSize),
            DecodeVersion(properties.Properties.ApiVersion),
            heaps);
    }
}
