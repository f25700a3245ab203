using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Gpu.Memory;
using GemmaVk.Tensors;
using GemmaVk.Vulkan;

namespace GemmaVk.Gpu;

/// <summary>What is probed, what is required, and what is switched on.</summary>
internal sealed unsafe partial class GpuDevice
{
    // Still a provisional extension in the registry, so the binding has no constant for it. A driver that lists it must have it enabled.
    private const string PortabilitySubset = "VK_KHR_portability_subset";

    private const VkSubgroupFeatureFlags RequiredSubgroupOperations = VkSubgroupFeatureFlags.Basic | VkSubgroupFeatureFlags.Arithmetic;

    private static readonly Version Version13 = new(1, 3);

    private GpuFeatures Probe(HashSet<string> extensions, int timestampBits)
    {
        bool core13 = Info.ApiVersion >= Version13;
        bool matrices = extensions.Contains(VkExtensionNames.VK_KHR_cooperative_matrix);
        bool hostImport = extensions.Contains(VkExtensionNames.VK_EXT_external_memory_host) && ImportsHostMemory();

        VkPhysicalDeviceCooperativeMatrixFeaturesKHR fMatrix = VkPhysicalDeviceCooperativeMatrixFeaturesKHR.New;
        VkPhysicalDeviceVulkan13Features f13 = VkPhysicalDeviceVulkan13Features.New;
        VkPhysicalDeviceVulkan12Features f12 = VkPhysicalDeviceVulkan12Features.New;
        VkPhysicalDeviceVulkan11Features f11 = VkPhysicalDeviceVulkan11Features.New;
        VkPhysicalDeviceFeatures2 features = VkPhysicalDeviceFeatures2.New;
        f12.pNext = core13 ? &f13 : null;
        f11.pNext = &f12;
        fMatrix.pNext = &f11;
        features.pNext = matrices ? &fMatrix : &f11;
        instance.Vk.vkGetPhysicalDeviceFeatures2(physicalDevice, &features);

        VkPhysicalDeviceExternalMemoryHostPropertiesEXT pHost = VkPhysicalDeviceExternalMemoryHostPropertiesEXT.New;
        VkPhysicalDeviceVulkan13Properties p13 = VkPhysicalDeviceVulkan13Properties.New;
        VkPhysicalDeviceVulkan11Properties p11 = VkPhysicalDeviceVulkan11Properties.New;
        VkPhysicalDeviceProperties2 properties = VkPhysicalDeviceProperties2.New;
        p11.pNext = core13 ? &p13 : null;
        pHost.pNext = &p11;
        properties.pNext = hostImport ? &pHost : &p11;
        instance.Vk.vkGetPhysicalDeviceProperties2(physicalDevice, &properties);
        VkPhysicalDeviceLimits limits = properties.properties.limits;

        Require(p11.subgroupSupportedStages.HasFlag(VkShaderStageFlags.Compute)
            && p11.subgroupSupportedOperations.HasFlag(RequiredSubgroupOperations), "subgroup arithmetic in compute shaders");
        Require(f12.timelineSemaphore != 0, "timeline semaphores");
        Require(limits.maxComputeWorkGroupInvocations >= 256, "workgroups of 256 invocations");
        Require(limits.maxComputeSharedMemorySize >= 32 << 10, "32 KiB of shared memory per workgroup");
        Require(limits.maxStorageBufferRange >= 128 << 20, "storage buffers of 128 MiB");

        pipelineCacheUuid = Convert.ToHexStringLower(properties.properties.pipelineCacheUUID);
        driverVersion = properties.properties.driverVersion;
        bool sizeControl = core13 && f13.subgroupSizeControl != 0 && f13.computeFullSubgroups != 0
            && p13.requiredSubgroupSizeStages.HasFlag(VkShaderStageFlags.Compute);
        return new GpuFeatures
        {
            ApiVersion = core13 ? Version13 : GpuInstance.MinVersion,
            SubgroupSize = (int)p11.subgroupSize,
            MinSubgroupSize = core13 ? (int)p13.minSubgroupSize : (int)p11.subgroupSize,
            MaxSubgroupSize = core13 ? (int)p13.maxSubgroupSize : (int)p11.subgroupSize,
            SubgroupSizeControl = sizeControl,
            SubgroupOperations = p11.subgroupSupportedOperations,
            MaxWorkgroupInvocations = (int)limits.maxComputeWorkGroupInvocations,
            MaxWorkgroupSize = (limits.maxComputeWorkGroupSize[0], limits.maxComputeWorkGroupSize[1], limits.maxComputeWorkGroupSize[2]),
            MaxWorkgroupCount = (limits.maxComputeWorkGroupCount[0], limits.maxComputeWorkGroupCount[1], limits.maxComputeWorkGroupCount[2]),
            MaxSharedMemory = (int)limits.maxComputeSharedMemorySize,
            MaxPushConstantBytes = (int)limits.maxPushConstantsSize,
            MaxStorageBufferRange = limits.maxStorageBufferRange,
            MaxMemoryAllocation = (long)Math.Min(p11.maxMemoryAllocationSize, core13 ? p13.maxBufferSize : long.MaxValue),
            MaxStorageBuffers = (int)Math.Min(limits.maxPerStageDescriptorStorageBuffers, int.MaxValue),
            IntegerDotProduct = core13 && f13.shaderIntegerDotProduct != 0,
            IntegerDotProductAccelerated = core13 && p13.integerDotProduct4x8BitPackedSignedAccelerated != 0,
            Float16 = f12.shaderFloat16 != 0,
            Int8 = f12.shaderInt8 != 0,
            Int16 = features.features.shaderInt16 != 0,
            Storage16 = f11.storageBuffer16BitAccess != 0,
            Storage8 = f12.storageBuffer8BitAccess != 0,
            CooperativeMatrices = matrices && fMatrix.cooperativeMatrix != 0 && f12.vulkanMemoryModel != 0 ? CooperativeMatrices() : [],
            TimestampPeriod = timestampBits > 0 ? limits.timestampPeriod : 0,
            TimestampBits = timestampBits,
            MemoryBudget = extensions.Contains(VkExtensionNames.VK_EXT_memory_budget),
            HostImportAlignment = hostImport ? (long)pHost.minImportedHostPointerAlignment : 0,
            HostVisibleDeviceMemory = MemoryTypes.DeviceMemoryIsHostVisible(MemoryProperties()),
        };
    }

    private void Require(bool there, string what)
    {
        if (!there)
        {
            throw new GemmaVkException(
                $"{Info.Name} ({Info.Driver} {Info.DriverInfo}) lacks {what}, which GemmaVk needs. Update the driver, choose another device, or run on the CPU.");
        }
    }

    private bool ImportsHostMemory()
    {
        VkPhysicalDeviceExternalBufferInfo info = VkPhysicalDeviceExternalBufferInfo.New;
        info.usage = DeviceHeap.Usage;
        info.handleType = VkExternalMemoryHandleTypeFlags.HostAllocationEXT;
        VkExternalBufferProperties properties = VkExternalBufferProperties.New;
        instance.Vk.vkGetPhysicalDeviceExternalBufferProperties(physicalDevice, &info, &properties);
        return properties.externalMemoryProperties.externalMemoryFeatures.HasFlag(VkExternalMemoryFeatureFlags.Importable);
    }

    private VkCooperativeMatrixPropertiesKHR[] CooperativeMatrices()
    {
        uint count = 0;
        instance.Vk.vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR(physicalDevice, &count, null).Check("counting cooperative matrices", Info.Name);
        VkCooperativeMatrixPropertiesKHR[] found = new VkCooperativeMatrixPropertiesKHR[count];
        Array.Fill(found, VkCooperativeMatrixPropertiesKHR.New);
        fixed (VkCooperativeMatrixPropertiesKHR* p = found)
            instance.Vk.vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR(physicalDevice, &count, p).Check("listing cooperative matrices", Info.Name);
        return found[..(int)count];
    }

    private VkDevice CreateDevice(HashSet<string> offered)
    {
        List<string> extensions = [];
        bool matrices = Features.CooperativeMatrices.Count > 0;
        if (matrices)
            extensions.Add(VkExtensionNames.VK_KHR_cooperative_matrix);
        if (Features.MemoryBudget)
            extensions.Add(VkExtensionNames.VK_EXT_memory_budget);
        if (Features.HostImportAlignment > 0)
            extensions.Add(VkExtensionNames.VK_EXT_external_memory_host);
        if (offered.Contains(PortabilitySubset))
            extensions.Add(PortabilitySubset);

        VkPhysicalDeviceCooperativeMatrixFeaturesKHR fMatrix = VkPhysicalDeviceCooperativeMatrixFeaturesKHR.New;
        fMatrix.cooperativeMatrix = 1;
        VkPhysicalDeviceVulkan13Features f13 = VkPhysicalDeviceVulkan13Features.New;
        f13.subgroupSizeControl = Bit(Features.SubgroupSizeControl);
        f13.computeFullSubgroups = Bit(Features.SubgroupSizeControl);
        f13.shaderIntegerDotProduct = Bit(Features.IntegerDotProduct);
        // SPIR-V 1.6, which compilers write for Vulkan 1.3, may name a workgroup size by id: that is part of maintenance4,
        // and every 1.3 driver must have it.
        f13.maintenance4 = 1;
        VkPhysicalDeviceVulkan12Features f12 = VkPhysicalDeviceVulkan12Features.New;
        f12.timelineSemaphore = 1;
        f12.shaderFloat16 = Bit(Features.Float16);
        f12.shaderInt8 = Bit(Features.Int8);
        f12.storageBuffer8BitAccess = Bit(Features.Storage8);
        f12.vulkanMemoryModel = Bit(matrices);
        VkPhysicalDeviceVulkan11Features f11 = VkPhysicalDeviceVulkan11Features.New;
        f11.storageBuffer16BitAccess = Bit(Features.Storage16);
        VkPhysicalDeviceFeatures2 features = VkPhysicalDeviceFeatures2.New;
        features.features.shaderInt16 = Bit(Features.Int16);
        features.pNext = &f11;
        f11.pNext = &f12;
        f12.pNext = Features.ApiVersion >= Version13 ? &f13 : matrices ? &fMatrix : null;
        f13.pNext = matrices ? &fMatrix : null;

        float priority = 1;
        VkDeviceQueueCreateInfo queue = VkDeviceQueueCreateInfo.New;
        queue.queueFamilyIndex = QueueFamily;
        queue.queueCount = 1;
        queue.pQueuePriorities = &priority;
        using NativeStrings names = new(extensions);
        VkDeviceCreateInfo info = VkDeviceCreateInfo.New;
        info.pNext = &features;
        info.queueCreateInfoCount = 1;
        info.pQueueCreateInfos = &queue;
        info.enabledExtensionCount = names.Count;
        info.ppEnabledExtensionNames = names.Pointers;
        VkDevice device;
        instance.Vk.vkCreateDevice(physicalDevice, &info, null, &device).Check("opening the device", Info.Name);
        return device;
    }

    private static uint Bit(bool on) => on ? VkConstants.VK_TRUE : VkConstants.VK_FALSE;

    // A family without graphics does not make the desktop wait for our kernels.
    private (uint Family, int TimestampBits) ChooseQueue()
    {
        uint count = 0;
        instance.Vk.vkGetPhysicalDeviceQueueFamilyProperties2(physicalDevice, &count, null);
        VkQueueFamilyProperties2[] families = new VkQueueFamilyProperties2[count];
        Array.Fill(families, VkQueueFamilyProperties2.New);
        fixed (VkQueueFamilyProperties2* p = families)
            instance.Vk.vkGetPhysicalDeviceQueueFamilyProperties2(physicalDevice, &count, p);

        int[] computing = [.. Enumerable.Range(0, (int)count).Where(i => Flags(i).HasFlag(VkQueueFlags.Compute))];
        Require(computing.Length > 0, "a compute queue");
        int chosen = computing.OrderBy(i => Flags(i).HasFlag(VkQueueFlags.Graphics)).First();
        return ((uint)chosen, (int)families[chosen].queueFamilyProperties.timestampValidBits);

        VkQueueFlags Flags(int i) => families[i].queueFamilyProperties.queueFlags;
    }
}
