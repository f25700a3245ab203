using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Tensors;
using GemmaVk.Vulkan;

namespace GemmaVk.Gpu;

/// <summary>The door to Vulkan: lists devices and opens one. Dispose devices before their instance.</summary>
public sealed unsafe partial class GpuInstance : IDisposable
{
    /// <summary>Lowest Vulkan version that has what the kernels and this room need (timeline semaphores, 8-bit storage).</summary>
    internal static readonly Version MinVersion = new(1, 2);

    private readonly VkPhysicalDevice[] physicalDevices;

    private GpuInstance(VkGlobalCommands global, GpuOptions options)
    {
        Options = options;
        uint version = 0;
        global.vkEnumerateInstanceVersion(&version).Check("asking for the Vulkan version");
        if (DecodeVersion(version) < MinVersion)
            throw new GemmaVkException($"Vulkan {MinVersion} is needed, but the installed loader has {DecodeVersion(version)}: update the Vulkan loader.");

        Handle = Create(global, options);
        Vk = global.ForInstance(Handle);
        CreateMessenger();
        physicalDevices = Enumerate();
        Devices = [.. physicalDevices.Select(Describe)];
    }

    /// <summary>All devices with a driver, software ones included, in the loader's order.</summary>
    public IReadOnlyList<GpuDeviceInfo> Devices { get; }

    internal GpuOptions Options { get; }

    internal VkInstance Handle { get; }

    internal VkInstanceCommands Vk { get; }

    /// <summary>Loads Vulkan and lists its devices.</summary>
    /// <exception cref="VulkanException">No loader or driver is installed.</exception>
    /// <exception cref="GemmaVkException">It is too old, or the validation layer was asked for and is not installed.</exception>
    public static GpuInstance Create(GpuOptions? options = null) => new(VulkanLoader.Load(), options ?? new GpuOptions());

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
        Vk.vkDestroyInstance(Handle, null);
        validation?.Dispose();
    }

    internal static Version DecodeVersion(uint packed) => new((int)(packed >> 22 & 0x7F), (int)(packed >> 12 & 0x3FF));

    private static uint EncodeVersion(uint major, uint minor) => major << 22 | minor << 12;

    private VkInstance Create(VkGlobalCommands global, GpuOptions options)
    {
        VkApplicationInfo application = VkApplicationInfo.New;
        application.apiVersion = EncodeVersion(1, 3);
        VkInstanceCreateInfo info = VkInstanceCreateInfo.New;
        info.pApplicationInfo = &application;

        HashSet<string> offered = Extensions(global);
        List<string> extensions = [];
        List<string> layers = [];
        // MoltenVK translates to Metal; the loader hides such drivers unless they are asked for.
        if (offered.Contains(VkExtensionNames.VK_KHR_portability_enumeration))
        {
            extensions.Add(VkExtensionNames.VK_KHR_portability_enumeration);
            info.flags |= VkInstanceCreateFlags.EnumeratePortabilityKHR;
        }

        // Enabled locals must outlive the call, so the chain is built here even when it stays unused.
        VkValidationFeatureEnableEXT synchronization = VkValidationFeatureEnableEXT.SynchronizationValidation;
        VkValidationFeaturesEXT features = VkValidationFeaturesEXT.New;
        features.enabledValidationFeatureCount = 1;
        features.pEnabledValidationFeatures = &synchronization;
        if (options.Validation)
        {
            RequireValidationLayer(global);
            layers.Add(ValidationLayer);
            extensions.Add(VkExtensionNames.VK_EXT_debug_utils);
            extensions.Add(VkExtensionNames.VK_EXT_validation_features);
            validation = new ValidationLog();
            info.pNext = &features;
        }

        using NativeStrings extensionNames = new(extensions);
        using NativeStrings layerNames = new(layers);
        info.enabledExtensionCount = extensionNames.Count;
        info.ppEnabledExtensionNames = extensionNames.Pointers;
        info.enabledLayerCount = layerNames.Count;
        info.ppEnabledLayerNames = layerNames.Pointers;
        VkInstance instance;
        global.vkCreateInstance(&info, null, &instance).Check("starting Vulkan");
        return instance;
    }

    private static HashSet<string> Extensions(VkGlobalCommands global)
    {
        uint count = 0;
        global.vkEnumerateInstanceExtensionProperties(null, &count, null).Check("counting instance extensions");
        VkExtensionProperties[] found = new VkExtensionProperties[count];
        fixed (VkExtensionProperties* p = found)
            global.vkEnumerateInstanceExtensionProperties(null, &count, p).Check("listing instance extensions");
        return [.. found.Take((int)count).Select(e => VkText.Read(e.extensionName))];
    }

    /// <summary>Names of what a device's driver offers.</summary>
    internal HashSet<string> DeviceExtensions(VkPhysicalDevice device)
    {
        uint count = 0;
        Vk.vkEnumerateDeviceExtensionProperties(device, null, &count, null).Check("counting device extensions");
        VkExtensionProperties[] found = new VkExtensionProperties[count];
        fixed (VkExtensionProperties* p = found)
            Vk.vkEnumerateDeviceExtensionProperties(device, null, &count, p).Check("listing device extensions");
        return [.. found.Take((int)count).Select(e => VkText.Read(e.extensionName))];
    }

    private VkPhysicalDevice[] Enumerate()
    {
        uint count = 0;
        Vk.vkEnumeratePhysicalDevices(Handle, &count, null).Check("counting Vulkan devices");
        VkPhysicalDevice[] devices = new VkPhysicalDevice[count];
        fixed (VkPhysicalDevice* p = devices)
            Vk.vkEnumeratePhysicalDevices(Handle, &count, p).Check("listing Vulkan devices");
        return devices[..(int)count];
    }

    private GpuDeviceInfo Describe(VkPhysicalDevice device, int index)
    {
        VkPhysicalDeviceDriverProperties driver = VkPhysicalDeviceDriverProperties.New;
        VkPhysicalDeviceProperties2 properties = VkPhysicalDeviceProperties2.New;
        properties.pNext = &driver;
        Vk.vkGetPhysicalDeviceProperties2(device, &properties);
        VkPhysicalDeviceMemoryProperties2 memory = VkPhysicalDeviceMemoryProperties2.New;
        Vk.vkGetPhysicalDeviceMemoryProperties2(device, &memory);

        GpuHeap[] heaps = new GpuHeap[memory.memoryProperties.memoryHeapCount];
        for (int i = 0; i < heaps.Length; i++)
        {
            VkMemoryHeap heap = memory.memoryProperties.memoryHeaps[i];
            heaps[i] = new GpuHeap((long)Math.Min(heap.size, long.MaxValue), heap.flags.HasFlag(VkMemoryHeapFlags.DeviceLocal));
        }

        GpuDeviceType type = properties.properties.deviceType switch
        {
            VkPhysicalDeviceType.DiscreteGpu => GpuDeviceType.Discrete,
            VkPhysicalDeviceType.IntegratedGpu => GpuDeviceType.Integrated,
            VkPhysicalDeviceType.VirtualGpu => GpuDeviceType.Virtual,
            VkPhysicalDeviceType.Cpu => GpuDeviceType.Software,
            _ => GpuDeviceType.Other,
        };
        return new GpuDeviceInfo(
            index,
            VkText.Read(properties.properties.deviceName),
            type,
            VkText.Read(driver.driverName),
            VkText.Read(driver.driverInfo),
            DecodeVersion(properties.properties.apiVersion),
            heaps);
    }
}
