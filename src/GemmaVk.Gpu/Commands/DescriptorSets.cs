using System;
using System.Collections.Generic;
using GemmaVk.Gpu.Driver;
using GemmaVk.Gpu.Memory;
using GemmaVk.Gpu.Pipelines;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu.Commands;

/// <summary>Descriptor sets of one recording. They are written once and live as long as it.</summary>
internal sealed unsafe class DescriptorSets(GpuDevice device) : IDisposable
{
    private const uint SetsPerPool = 128;
    private const uint DescriptorsPerPool = SetsPerPool * 8;

    private readonly List<DescriptorPool> pools = [];
    private uint setsLeft;
    private uint descriptorsLeft;

    /// <summary>A set for <paramref name="pipeline"/> with its buffers in binding order.</summary>
    public DescriptorSet Create(ComputePipeline pipeline, ReadOnlySpan<BufferRange> buffers)
    {
        uint needed = (uint)buffers.Length;
        if (setsLeft == 0 || descriptorsLeft < needed)
            AddPool(Math.Max(DescriptorsPerPool, needed));
        setsLeft--;
        descriptorsLeft -= needed;

        DescriptorPool pool = pools[^1];
        DescriptorSetLayout layout = pipeline.SetLayout;
        DescriptorSetAllocateInfo allocate = new()
        {
            SType = StructureType.DescriptorSetAllocateInfo,
            DescriptorPool = pool,
            DescriptorSetCount = 1,
            PSetLayouts = &layout,
        };
        DescriptorSet set;
        Result result = device.Vk.AllocateDescriptorSets(device.Handle, &allocate, &set);
        // The sentence is made only where it is needed: this runs once per dispatch.
        if (result != Result.Success)
            result.Check($"binding buffers of {pipeline.Name}", device.Info.Name);

        DescriptorBufferInfo* infos = stackalloc DescriptorBufferInfo[buffers.Length];
        IReadOnlyList<ShaderBinding> bindings = pipeline.Shader.Interface.Bindings;
        WriteDescriptorSet* writes = stackalloc WriteDescriptorSet[bindings.Count];
        for (int b = 0, buffer = 0; b < bindings.Count; b++)
        {
            ShaderBinding binding = bindings[b];
            writes[b] = new WriteDescriptorSet
            {
                SType = StructureType.WriteDescriptorSet,
                DstSet = set,
                DstBinding = binding.Number,
                DescriptorCount = binding.Count,
                DescriptorType = DescriptorType.StorageBuffer,
                PBufferInfo = infos + buffer,
            };
            for (uint i = 0; i < binding.Count; i++, buffer++)
                infos[buffer] = new DescriptorBufferInfo { Buffer = buffers[buffer].Buffer, Offset = buffers[buffer].Offset, Range = buffers[buffer].Size };
        }

        device.Vk.UpdateDescriptorSets(device.Handle, (uint)bindings.Count, writes, 0, null);
        return set;
    }

    public void Dispose()
    {
        foreach (DescriptorPool pool in pools)
            device.Vk.DestroyDescriptorPool(device.Handle, pool, null);
        pools.Clear();
    }

    private void AddPool(uint descriptors)
    {
        DescriptorPoolSize size = new() { Type = DescriptorType.StorageBuffer, DescriptorCount = descriptors };
        DescriptorPoolCreateInfo info = new()
        {
            SType = StructureType.DescriptorPoolCreateInfo,
            MaxSets = SetsPerPool,
            PoolSizeCount = 1,
            PPoolSizes = &size,
        };
        DescriptorPool pool;
        device.Vk.CreateDescriptorPool(device.Handle, &info, null, &pool).Check("creating a descriptor pool", device.Info.Name);
        pools.Add(pool);
        setsLeft = SetsPerPool;
        descriptorsLeft = descriptors;
    }
}
