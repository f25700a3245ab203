using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Gpu.Driver;
using GemmaVk.Gpu.Memory;
using GemmaVk.Gpu.Pipelines;
using GemmaVk.Tensors;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu;

/// <summary>What is probed, what is required, and what is switched on.</summary>
internal sealed unsafe partial class GpuDevice
{
    // A driver that lists it must have it enabled.
    private const string PortabilitySubset = "VK_KHR_portability_subset";

    private const string PipelineRobustness = "VK_EXT_pipeline_robustness";
    private const string Robustness2 = "VK_EXT_robustness2";

    private const SubgroupFeatureFlags RequiredSubgroupOperations = SubgroupFeatureFlags.BasicBit | SubgroupFeatureFlags.ArithmeticBit;

    private static readonly Version Version13 = new(1, 3);

    private GpuFeatures Probe(HashSet<string> extensions, int timestampBits)
    {
        bool core13 = Info.ApiVersion >= Version13;
        bool matrices = extensions.Contains(KhrCooperativeMatrix.ExtensionName);
        bool hostImport = extensions.Contains(ExtExternalMemoryHost.ExtensionName) && ImportsHostMemory();

        bool statistics = Options.Statistics && extensions.Contains(KhrPipelineExecutableProperties.ExtensionName);

        bool own = Options.OwnKernels.Count > 0;

        PhysicalDevicePipelineRobustnessFeaturesEXT fBounds = new() { SType = StructureType.PhysicalDevicePipelineRobustnessFeaturesExt };
        PhysicalDeviceRobustness2FeaturesEXT fStrict = new() { SType = StructureType.PhysicalDeviceRobustness2FeaturesExt };
        PhysicalDevicePipelineExecutablePropertiesFeaturesKHR fStatistics = new() { SType = StructureType.PhysicalDevicePipelineExecutablePropertiesFeaturesKhr };
        PhysicalDeviceCooperativeMatrixFeaturesKHR fMatrix = new() { SType = StructureType.PhysicalDeviceCooperativeMatrixFeaturesKhr };
        PhysicalDeviceVulkan13Features f13 = new() { SType = StructureType.PhysicalDeviceVulkan13Features };
        PhysicalDeviceVulkan12Features f12 = new() { SType = StructureType.PhysicalDeviceVulkan12Features };
        PhysicalDeviceVulkan11Features f11 = new() { SType = StructureType.PhysicalDeviceVulkan11Features };
        PhysicalDeviceFeatures2 features = new() { SType = StructureType.PhysicalDeviceFeatures2 };
        f12.PNext = core13 ? &f13 : null;
        f11.PNext = &f12;
        fMatrix.PNext = &f11;
        features.PNext = matrices ? &fMatrix : &f11;
        fStatistics.PNext = features.PNext;
        features.PNext = statistics ? &fStatistics : features.PNext;
        fBounds.PNext = features.PNext;
        features.PNext = own && extensions.Contains(PipelineRobustness) ? &fBounds : features.PNext;
        fStrict.PNext = features.PNext;
        features.PNext = own && extensions.Contains(Robustness2) ? &fStrict : features.PNext;
        instance.Vk.GetPhysicalDeviceFeatures2(physicalDevice, &features);

        PhysicalDeviceExternalMemoryHostPropertiesEXT pHost = new() { SType = StructureType.PhysicalDeviceExternalMemoryHostPropertiesExt };
        PhysicalDeviceVulkan13Properties p13 = new() { SType = StructureType.PhysicalDeviceVulkan13Properties };
        PhysicalDeviceVulkan11Properties p11 = new() { SType = StructureType.PhysicalDeviceVulkan11Properties };
        PhysicalDeviceProperties2 properties = new() { SType = StructureType.PhysicalDeviceProperties2 };
        p11.PNext = core13 ? &p13 : null;
        pHost.PNext = &p11;
        properties.PNext = hostImport ? &pHost : &p11;
        instance.Vk.GetPhysicalDeviceProperties2(physicalDevice, &properties);
        PhysicalDeviceLimits limits = properties.Properties.Limits;

        Require(p11.SubgroupSupportedStages.HasFlag(ShaderStageFlags.ComputeBit)
            && p11.SubgroupSupportedOperations.HasFlag(RequiredSubgroupOperations), "subgroup arithmetic in compute shaders");
        Require(f12.TimelineSemaphore, "timeline semaphores");
        Require(limits.MaxComputeWorkGroupInvocations >= 256, "workgroups of 256 invocations");
        Require(limits.MaxComputeSharedMemorySize >= 32 << 10, "32 KiB of shared memory per workgroup");
        Require(limits.MaxStorageBufferRange >= 128 << 20, "storage buffers of 128 MiB");

        pipelineCacheUuid = Convert.ToHexStringLower(new ReadOnlySpan<byte>(properties.Properties.PipelineCacheUuid, (int)Vk.UuidSize));
        driverVersion = properties.Properties.DriverVersion;
        bool sizeControl = core13 && f13.SubgroupSizeControl && f13.ComputeFullSubgroups
            && p13.RequiredSubgroupSizeStages.HasFlag(ShaderStageFlags.ComputeBit);
        return new GpuFeatures
        {
            ApiVersion = core13 ? Version13 : GpuInstance.MinVersion,
            SubgroupSize = (int)p11.SubgroupSize,
            MinSubgroupSize = core13 ? (int)p13.MinSubgroupSize : (int)p11.SubgroupSize,
            MaxSubgroupSize = core13 ? (int)p13.MaxSubgroupSize : (int)p11.SubgroupSize,
            SubgroupSizeControl = sizeControl,
            SubgroupOperations = p11.SubgroupSupportedOperations,
            MaxWorkgroupInvocations = (int)limits.MaxComputeWorkGroupInvocations,
            MaxWorkgroupSize = (limits.MaxComputeWorkGroupSize[0], limits.MaxComputeWorkGroupSize[1], limits.MaxComputeWorkGroupSize[2]),
            MaxWorkgroupCount = (limits.MaxComputeWorkGroupCount[0], limits.MaxComputeWorkGroupCount[1], limits.MaxComputeWorkGroupCount[2]),
            MaxSharedMemory = (int)limits.MaxComputeSharedMemorySize,
            MaxPushConstantBytes = (int)limits.MaxPushConstantsSize,
            MaxStorageBufferRange = limits.MaxStorageBufferRange,
            MaxMemoryAllocation = (long)Math.Min(p11.MaxMemoryAllocationSize, core13 ? p13.MaxBufferSize : long.MaxValue),
            MaxStorageBuffers = (int)Math.Min(limits.MaxPerStageDescriptorStorageBuffers, int.MaxValue),
            IntegerDotProduct = core13 && f13.ShaderIntegerDotProduct,
            IntegerDotProductAccelerated = core13 && p13.IntegerDotProduct4x8BitPackedSignedAccelerated,
            Float16 = f12.ShaderFloat16,
            Int8 = f12.ShaderInt8,
            Int16 = features.Features.ShaderInt16,
            Storage16 = f11.StorageBuffer16BitAccess,
            Storage8 = f12.StorageBuffer8BitAccess,
            CooperativeMatrices = matrices && fMatrix.CooperativeMatrix && f12.VulkanMemoryModel && f12.VulkanMemoryModelDeviceScope ? CooperativeMatrices() : [],
            TimestampPeriod = timestampBits > 0 ? limits.TimestampPeriod : 0,
            TimestampBits = timestampBits,
            MemoryBudget = extensions.Contains(GpuInstance.MemoryBudget),
            PipelineStatistics = statistics && fStatistics.PipelineExecutableInfo,
            OwnKernelBounds = (own, (bool)fBounds.PipelineRobustness, (bool)fStrict.RobustBufferAccess2) switch
            {
                (false, _, _) => BoundsChecks.None,
                (true, true, true) => BoundsChecks.StrictPipelines,
                (true, true, false) => BoundsChecks.Pipelines,
                _ => features.Features.RobustBufferAccess ? BoundsChecks.WholeDevice : BoundsChecks.None,
            },
            HostImportAlignment = hostImport ? (long)pHost.MinImportedHostPointerAlignment : 0,
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
        PhysicalDeviceExternalBufferInfo info = new()
        {
            SType = StructureType.PhysicalDeviceExternalBufferInfo,
            Usage = DeviceHeap.Usage,
            HandleType = ExternalMemoryHandleTypeFlags.HostAllocationBitExt,
        };
        ExternalBufferProperties properties = new() { SType = StructureType.ExternalBufferProperties };
        instance.Vk.GetPhysicalDeviceExternalBufferProperties(physicalDevice, &info, &properties);
        return properties.ExternalMemoryProperties.ExternalMemoryFeatures.HasFlag(ExternalMemoryFeatureFlags.ImportableBit);
    }

    private CooperativeMatrixPropertiesKHR[] CooperativeMatrices()
    {
        KhrCooperativeMatrix extension = new(instance.Vk.Context);
        uint count = 0;
        extension.GetPhysicalDeviceCooperativeMatrixProperties(physicalDevice, &count, null).Check("counting cooperative matrices", Info.Name);
        CooperativeMatrixPropertiesKHR[] found = new CooperativeMatrixPropertiesKHR[count];
        Array.Fill(found, new CooperativeMatrixPropertiesKHR { SType = StructureType.CooperativeMatrixPropertiesKhr });
        fixed (CooperativeMatrixPropertiesKHR* p = found)
            extension.GetPhysicalDeviceCooperativeMatrixProperties(physicalDevice, &count, p).Check("listing cooperative matrices", Info.Name);
        return found[..(int)count];
    }

    private Device CreateDevice(HashSet<string> offered)
    {
        List<string> extensions = [];
        bool matrices = Features.CooperativeMatrices.Count > 0;
        if (matrices)
            extensions.Add(KhrCooperativeMatrix.ExtensionName);
        if (Features.MemoryBudget)
            extensions.Add(GpuInstance.MemoryBudget);
        if (Features.HostImportAlignment > 0)
            extensions.Add(ExtExternalMemoryHost.ExtensionName);
        if (Features.PipelineStatistics)
            extensions.Add(KhrPipelineExecutableProperties.ExtensionName);
        bool pipelineBounds = Features.OwnKernelBounds is BoundsChecks.Pipelines or BoundsChecks.StrictPipelines;
        if (pipelineBounds)
            extensions.Add(PipelineRobustness);
        if (offered.Contains(PortabilitySubset))
            extensions.Add(PortabilitySubset);

        PhysicalDeviceCooperativeMatrixFeaturesKHR fMatrix = new()
        {
            SType = StructureType.PhysicalDeviceCooperativeMatrixFeaturesKhr,
            CooperativeMatrix = true,
        };
        PhysicalDeviceVulkan13Features f13 = new()
        {
            SType = StructureType.PhysicalDeviceVulkan13Features,
            SubgroupSizeControl = Features.SubgroupSizeControl,
            ComputeFullSubgroups = Features.SubgroupSizeControl,
            ShaderIntegerDotProduct = Features.IntegerDotProduct,
            // SPIR-V 1.6, which compilers write for Vulkan 1.3, may name a workgroup size by id: that is part of maintenance4,
            // and every 1.3 driver must have it.
            Maintenance4 = true,
        };
        PhysicalDeviceVulkan12Features f12 = new()
        {
            SType = StructureType.PhysicalDeviceVulkan12Features,
            TimelineSemaphore = true,
            ShaderFloat16 = Features.Float16,
            ShaderInt8 = Features.Int8,
            StorageBuffer8BitAccess = Features.Storage8,
            VulkanMemoryModel = matrices,
            // Where the memory model is on, atomics of all kernels ask for the device's scope.
            VulkanMemoryModelDeviceScope = matrices,
        };
        PhysicalDeviceVulkan11Features f11 = new()
        {
            SType = StructureType.PhysicalDeviceVulkan11Features,
            StorageBuffer16BitAccess = Features.Storage16,
        };
        PhysicalDeviceFeatures2 features = new() { SType = StructureType.PhysicalDeviceFeatures2 };
        features.Features.ShaderInt16 = Features.Int16;
        features.Features.RobustBufferAccess = Features.OwnKernelBounds == BoundsChecks.WholeDevice;
        features.PNext = &f11;
        f11.PNext = &f12;
        f12.PNext = Features.ApiVersion >= Version13 ? &f13 : matrices ? &fMatrix : null;
        f13.PNext = matrices ? &fMatrix : null;
        PhysicalDevicePipelineExecutablePropertiesFeaturesKHR fStatistics = new()
        {
            SType = StructureType.PhysicalDevicePipelineExecutablePropertiesFeaturesKhr,
            PNext = features.PNext,
            PipelineExecutableInfo = true,
        };
        features.PNext = Features.PipelineStatistics ? &fStatistics : features.PNext;
        PhysicalDevicePipelineRobustnessFeaturesEXT fBounds = new()
        {
            SType = StructureType.PhysicalDevicePipelineRobustnessFeaturesExt,
            PNext = features.PNext,
            PipelineRobustness = true,
        };
        features.PNext = pipelineBounds ? &fBounds : features.PNext;

        float priority = 1;
        DeviceQueueCreateInfo queue = new()
        {
            SType = StructureType.DeviceQueueCreateInfo,
            QueueFamilyIndex = QueueFamily,
            QueueCount = 1,
            PQueuePriorities = &priority,
        };
        using NativeStrings names = new(extensions);
        DeviceCreateInfo info = new()
        {
            SType = StructureType.DeviceCreateInfo,
            PNext = &features,
            QueueCreateInfoCount = 1,
            PQueueCreateInfos = &queue,
            EnabledExtensionCount = names.Count,
            PpEnabledExtensionNames = names.Pointers,
        };
        Device device;
        instance.Vk.CreateDevice(physicalDevice, &info, null, &device).Check("opening the device", Info.Name);
        return device;
    }

    // A family without graphics does not make the desktop wait for our kernels.
    private (uint Family, int TimestampBits) ChooseQueue()
    {
        uint count = 0;
        instance.Vk.GetPhysicalDeviceQueueFamilyProperties2(physicalDevice, &count, null);
        QueueFamilyProperties2[] families = new QueueFamilyProperties2[count];
        Array.Fill(families, new QueueFamilyProperties2 { SType = StructureType.QueueFamilyProperties2 });
        fixed (QueueFamilyProperties2* p = families)
            instance.Vk.GetPhysicalDeviceQueueFamilyProperties2(physicalDevice, &count, p);

        int[] computing = [.. Enumerable.Range(0, (int)count).Where(i => Flags(i).HasFlag(QueueFlags.ComputeBit))];
        Require(computing.Length > 0, "a compute queue");
        int chosen = computing.OrderBy(i => Flags(i).HasFlag(QueueFlags.GraphicsBit)).First();
        return ((uint)chosen, (int)families[chosen].QueueFamilyProperties.TimestampValidBits);

        QueueFlags Flags(int i) => families[i].QueueFamilyProperties.QueueFlags;
    }
}
