using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Gpu.Driver;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels.Measuring;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu.Pipelines;

/// <summary>A shader module with its specialization, ready to dispatch. Its layout follows from the module's interface.</summary>
internal sealed unsafe class ComputePipeline : IDisposable
{
    private readonly GpuDevice device;
    private readonly int bufferCount;

    /// <param name="device">Device to compile for.</param>
    /// <param name="shader">The module.</param>
    /// <param name="constants">Values of specialization constants; the others keep their defaults.</param>
    /// <param name="subgroupSize">Subgroup size to insist on, or null for the driver's choice. Needs SubgroupSizeControl.</param>
    /// <param name="cache">Cache of compiled pipelines.</param>
    /// <param name="bounds">How its accesses to buffers are checked.</param>
    public ComputePipeline(
        GpuDevice device, ShaderModule shader, IReadOnlyList<(uint Id, uint Value)> constants, int? subgroupSize, PipelineCache cache, BoundsChecks bounds = BoundsChecks.None)
    {
        Bounds = bounds;
        this.device = device;
        Shader = shader;
        LocalSize = Specialize(shader.Interface, constants);
        bufferCount = (int)shader.Interface.Bindings.Sum(b => b.Count);
        VerifyInterface(constants, subgroupSize);
        SetLayout = CreateSetLayout();
        Layout = CreateLayout();
        Handle = CreatePipeline(constants, subgroupSize, cache);
        device.Name(ObjectType.Pipeline, Handle.Handle, Name);
        Compiled = new CompiledKernel(
            Name,
            string.Join(' ', constants.OrderBy(c => c.Id).Select(c => $"{c.Id}={c.Value}")),
            device.Features.PipelineStatistics ? new KhrPipelineExecutableProperties(device.Instance.Vk.Context).Statistics(device.Handle, Handle) : []);
    }

    public string Name => Shader.Name;

    public ShaderModule Shader { get; }

    /// <summary>How its accesses to buffers are checked.</summary>
    public BoundsChecks Bounds { get; }

    /// <summary>Workgroup size after specialization.</summary>
    public (uint X, uint Y, uint Z) LocalSize { get; }

    public Pipeline Handle { get; }

    /// <summary>What the driver's compiler says of it.</summary>
    public CompiledKernel Compiled { get; }

    public PipelineLayout Layout { get; }

    public DescriptorSetLayout SetLayout { get; }

    /// <summary>Refuses arguments that do not fit the shader; the driver would not notice.</summary>
    /// <exception cref="ArgumentException">Count, alignment or size is wrong.</exception>
    public void Verify(ReadOnlySpan<BufferRange> buffers, int pushBytes)
    {
        if (buffers.Length != bufferCount)
            throw new ArgumentException($"{Name} binds {bufferCount} buffers, {buffers.Length} were given");
        if (pushBytes != Shader.Interface.PushBytes)
            throw new ArgumentException($"{Name} has {Shader.Interface.PushBytes} bytes of push constants, {pushBytes} were given");
        for (int i = 0; i < buffers.Length; i++)
        {
            if (buffers[i].Offset % DeviceHeap.Alignment != 0 || buffers[i].Size == 0 || buffers[i].Size > (ulong)device.Features.MaxStorageBufferRange)
            {
                throw new ArgumentException(
                    $"{Name}, buffer {i}: offset {buffers[i].Offset}, size {buffers[i].Size}; the offset must be a multiple of {DeviceHeap.Alignment}, "
                    + $"the size within 1..{device.Features.MaxStorageBufferRange}");
            }
        }
    }

    public void Dispose()
    {
        device.Vk.DestroyPipeline(device.Handle, Handle, null);
        device.Vk.DestroyPipelineLayout(device.Handle, Layout, null);
        device.Vk.DestroyDescriptorSetLayout(device.Handle, SetLayout, null);
    }

    private static (uint X, uint Y, uint Z) Specialize(SpirvInterface shader, IReadOnlyList<(uint Id, uint Value)> constants)
    {
        (uint x, uint y, uint z) = shader.LocalSize;
        foreach ((uint id, uint value) in constants)
        {
            x = id == shader.LocalSizeIds.X ? value : x;
            y = id == shader.LocalSizeIds.Y ? value : y;
            z = id == shader.LocalSizeIds.Z ? value : z;
        }

        return (x, y, z);
    }

    private void VerifyInterface(IReadOnlyList<(uint Id, uint Value)> constants, int? subgroupSize)
    {
        SpirvInterface shader = Shader.Interface;
        (uint maxX, uint maxY, uint maxZ) = device.Features.MaxWorkgroupSize;
        ulong invocations = (ulong)LocalSize.X * LocalSize.Y * LocalSize.Z;
        Require(constants.All(c => shader.Constants.Any(s => s.Id == c.Id)), "is given a specialization constant that it does not have");
        Require(shader.Bindings.All(b => b.Set == 0), "uses a descriptor set other than 0");
        Require(bufferCount <= device.Features.MaxStorageBuffers, $"binds {bufferCount} buffers, and the device allows {device.Features.MaxStorageBuffers}");
        Require(shader.PushBytes <= device.Features.MaxPushConstantBytes, $"has {shader.PushBytes} bytes of push constants");
        Require(
            invocations >= 1 && invocations <= (ulong)device.Features.MaxWorkgroupInvocations && LocalSize.X <= maxX && LocalSize.Y <= maxY && LocalSize.Z <= maxZ,
            $"has workgroups of {LocalSize}, and the device allows {device.Features.MaxWorkgroupInvocations} invocations within {device.Features.MaxWorkgroupSize}");
        Require(
            subgroupSize is null || (device.Features.SubgroupSizeControl && subgroupSize >= device.Features.MinSubgroupSize && subgroupSize <= device.Features.MaxSubgroupSize),
            $"asks for subgroups of {subgroupSize}, and the device has {device.Features.MinSubgroupSize}..{device.Features.MaxSubgroupSize}");
    }

    private void Require(bool holds, string what)
    {
        if (!holds)
            throw new ArgumentException($"kernel {Name} {what}");
    }

    private DescriptorSetLayout CreateSetLayout()
    {
        IReadOnlyList<ShaderBinding> bindings = Shader.Interface.Bindings;
        DescriptorSetLayoutBinding* layouts = stackalloc DescriptorSetLayoutBinding[bindings.Count];
        for (int i = 0; i < bindings.Count; i++)
        {
            layouts[i] = new DescriptorSetLayoutBinding
            {
                Binding = bindings[i].Number,
                DescriptorType = DescriptorType.StorageBuffer,
                DescriptorCount = bindings[i].Count,
                StageFlags = ShaderStageFlags.ComputeBit,
            };
        }

        DescriptorSetLayoutCreateInfo info = new()
        {
            SType = StructureType.DescriptorSetLayoutCreateInfo,
            BindingCount = (uint)bindings.Count,
            PBindings = layouts,
        };
        DescriptorSetLayout layout;
        device.Vk.CreateDescriptorSetLayout(device.Handle, &info, null, &layout).Check($"preparing kernel {Name}", device.Info.Name);
        return layout;
    }

    private PipelineLayout CreateLayout()
    {
        DescriptorSetLayout set = SetLayout;
        PushConstantRange push = new() { StageFlags = ShaderStageFlags.ComputeBit, Offset = 0, Size = (uint)Shader.Interface.PushBytes };
        PipelineLayoutCreateInfo info = new()
        {
            SType = StructureType.PipelineLayoutCreateInfo,
            SetLayoutCount = 1,
            PSetLayouts = &set,
            PushConstantRangeCount = push.Size > 0 ? 1u : 0u,
            PPushConstantRanges = &push,
        };
        PipelineLayout layout;
        device.Vk.CreatePipelineLayout(device.Handle, &info, null, &layout).Check($"preparing kernel {Name}", device.Info.Name);
        return layout;
    }

    private Pipeline CreatePipeline(IReadOnlyList<(uint Id, uint Value)> constants, int? subgroupSize, PipelineCache cache)
    {
        Silk.NET.Vulkan.ShaderModule module;
        fixed (uint* code = Shader.Words)
        {
            ShaderModuleCreateInfo moduleInfo = new()
            {
                SType = StructureType.ShaderModuleCreateInfo,
                CodeSize = (nuint)Shader.Words.Length * sizeof(uint),
                PCode = code,
            };
            device.Vk.CreateShaderModule(device.Handle, &moduleInfo, null, &module).Check($"loading kernel {Name}", device.Info.Name);
        }

        SpecializationMapEntry* entries = stackalloc SpecializationMapEntry[constants.Count];
        uint* values = stackalloc uint[constants.Count];
        for (int i = 0; i < constants.Count; i++)
        {
            entries[i] = new SpecializationMapEntry { ConstantID = constants[i].Id, Offset = (uint)i * sizeof(uint), Size = sizeof(uint) };
            values[i] = constants[i].Value;
        }

        SpecializationInfo specialization = new()
        {
            MapEntryCount = (uint)constants.Count,
            PMapEntries = entries,
            DataSize = (nuint)constants.Count * sizeof(uint),
            PData = values,
        };
        PipelineShaderStageRequiredSubgroupSizeCreateInfo subgroup = new()
        {
            SType = StructureType.PipelineShaderStageRequiredSubgroupSizeCreateInfo,
            RequiredSubgroupSize = (uint)(subgroupSize ?? 0),
        };
        PipelineRobustnessCreateInfoEXT robustness = new()
        {
            SType = StructureType.PipelineRobustnessCreateInfoExt,
            StorageBuffers = Bounds == BoundsChecks.StrictPipelines ? PipelineRobustnessBufferBehavior.RobustBufferAccess2 : PipelineRobustnessBufferBehavior.RobustBufferAccess,
        };
        ReadOnlySpan<byte> main = "main\0"u8;
        fixed (byte* entry = main)
        {
            ComputePipelineCreateInfo info = new() { SType = StructureType.ComputePipelineCreateInfo };
            info.Flags = device.Features.PipelineStatistics ? PipelineCreateFlags.CreateCaptureStatisticsBitKhr : 0;
            info.PNext = Bounds is BoundsChecks.Pipelines or BoundsChecks.StrictPipelines ? &robustness : null;
            info.Layout = Layout;
            info.Stage = new PipelineShaderStageCreateInfo { SType = StructureType.PipelineShaderStageCreateInfo };
            info.Stage.PNext = subgroupSize is null ? null : &subgroup;
            info.Stage.Stage = ShaderStageFlags.ComputeBit;
            info.Stage.Module = module;
            info.Stage.PName = entry;
            info.Stage.PSpecializationInfo = &specialization;
            Pipeline pipeline;
            Result result = device.Vk.CreateComputePipelines(device.Handle, cache, 1, &info, null, &pipeline);
            device.Vk.DestroyShaderModule(device.Handle, module, null);
            result.Check($"compiling kernel {Name}", device.Info.Name);
            return pipeline;
        }
    }
}
