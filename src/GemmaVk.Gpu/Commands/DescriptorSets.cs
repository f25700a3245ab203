using System;
using System.Collections.Generic;
using GemmaVk.Gpu.Memory;
using GemmaVk.Gpu.Pipelines;
using GemmaVk.Vulkan;

namespace GemmaVk.Gpu.Commands;

/// <summary>Descriptor sets of one recording. They are written once and live as long as it.</summary>
internal sealed unsafe class DescriptorSets(GpuDevice device) : IDisposable
{
    private const uint SetsPerPool = 128;
    private const uint DescriptorsPerPool = SetsPerPool * 8;

    private readonly List<VkDescriptorPool> pools = [];
    private uint setsLeft;
    private uint descriptorsLeft;

    /// <summary>A set for <paramref name="pipeline"/> with its buffers in binding order.</summary>
    public VkDescriptorSet Create(ComputePipeline pipeline, ReadOnlySpan<BufferRange> buffers)
    {
        uint needed = (uint)buffers.Length;
        if (setsLeft == 0 || descriptorsLeft < needed)
            AddPool(Math.Max(DescriptorsPerPool, needed));
        setsLeft--;
        descriptorsLeft -= needed;

        VkDescriptorPool pool = pools[^1];
        VkDescriptorSetLayout layout = pipeline.SetLayout;
        VkDescriptorSetAllocateInfo allocate = VkDescriptorSetAllocateInfo.New;
        allocate.descriptorPool = pool;
        allocate.descriptorSetCount = 1;
        allocate.pSetLayouts = &layout;
        VkDescriptorSet set;
        device.Vk.vkAllocateDescriptorSets(device.Handle, &allocate, &set).Check($"binding buffers of {pipeline.Name}", device.Info.Name);

        VkDescriptorBufferInfo* infos = stackalloc VkDescriptorBufferInfo[buffers.Length];
        VkWriteDescriptorSet* writes = stackalloc VkWriteDescriptorSet[pipeline.Shader.Interface.Bindings.Count];
        int buffer = 0;
        int write = 0;
        foreach (ShaderBinding binding in pipeline.Shader.Interface.Bindings)
        {
            writes[write] = VkWriteDescriptorSet.New;
            writes[write].dstSet = set;
            writes[write].dstBinding = binding.Number;
            writes[write].descriptorCount = binding.Count;
            writes[write].descriptorType = VkDescriptorType.StorageBuffer;
            writes[write].pBufferInfo = infos + buffer;
            write++;
            for (uint i = 0; i < binding.Count; i++, buffer++)
                infos[buffer] = new VkDescriptorBufferInfo { buffer = buffers[buffer].Buffer, offset = buffers[buffer].Offset, range = buffers[buffer].Size };
        }

        device.Vk.vkUpdateDescriptorSets(device.Handle, (uint)write, writes, 0, null);
        return set;
    }

    public void Dispose()
    {
        foreach (VkDescriptorPool pool in pools)
            device.Vk.vkDestroyDescriptorPool(device.Handle, pool, null);
        pools.Clear();
    }

    private void AddPool(uint descriptors)
    {
        VkDescriptorPoolSize size = new() { type = VkDescriptorType.StorageBuffer, descriptorCount = descriptors };
        VkDescriptorPoolCreateInfo info = VkDescriptorPoolCreateInfo.New;
        info.maxSets = SetsPerPool;
        info.poolSizeCount = 1;
        info.pPoolSizes = &size;
        VkDescriptorPool pool;
        device.Vk.vkCreateDescriptorPool(device.Handle, &info, null, &pool).Check("creating a descriptor pool", device.Info.Name);
        pools.Add(pool);
        setsLeft = SetsPerPool;
        descriptorsLeft = descriptors;
    }
}
