using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using GemmaVk.Gpu.Memory;
using GemmaVk.Gpu.Pipelines;
using GemmaVk.Vulkan;

namespace GemmaVk.Gpu.Commands;

/// <summary>
/// Records dispatches and copies. Barriers between them follow from what each one reads and writes, which for a dispatch
/// is what its shader declares (readonly, writeonly). <see cref="Finish"/> yields the recording.
/// </summary>
internal sealed unsafe class CommandRecorder : IDisposable
{
    private const VkPipelineStageFlags Work = VkPipelineStageFlags.ComputeShader | VkPipelineStageFlags.Transfer;
    private const VkAccessFlags WorkWrites = VkAccessFlags.ShaderWrite | VkAccessFlags.TransferWrite;
    private const VkAccessFlags WorkAll = WorkWrites | VkAccessFlags.ShaderRead | VkAccessFlags.TransferRead;

    private readonly GpuDevice device;
    private readonly string name;
    private readonly VkCommandPool pool;
    private readonly VkCommandBuffer commands;
    private readonly DescriptorSets descriptors;
    private readonly Timestamps? timestamps;
    private readonly Hazards hazards = new();
    private readonly List<string> kernels = [];
    private ComputePipeline? bound;
    private bool finished;

    /// <param name="device">Device that will run the recording.</param>
    /// <param name="name">Name for timings and device-loss messages.</param>
    /// <param name="timed">Take the time of every command; needs a queue with timestamps.</param>
    public CommandRecorder(GpuDevice device, string name, bool timed = false)
    {
        this.device = device;
        this.name = name;
        VkCommandPoolCreateInfo poolInfo = VkCommandPoolCreateInfo.New;
        poolInfo.queueFamilyIndex = device.QueueFamily;
        VkCommandPool createdPool;
        device.Vk.vkCreateCommandPool(device.Handle, &poolInfo, null, &createdPool).Check($"preparing to record '{name}'", device.Info.Name);
        pool = createdPool;
        VkCommandBufferAllocateInfo allocate = VkCommandBufferAllocateInfo.New;
        allocate.commandPool = pool;
        allocate.commandBufferCount = 1;
        VkCommandBuffer allocated;
        device.Vk.vkAllocateCommandBuffers(device.Handle, &allocate, &allocated).Check($"preparing to record '{name}'", device.Info.Name);
        commands = allocated;
        descriptors = new DescriptorSets(device);
        timestamps = timed && device.Features.TimestampBits > 0 ? new Timestamps(device) : null;

        VkCommandBufferBeginInfo begin = VkCommandBufferBeginInfo.New;
        device.Vk.vkBeginCommandBuffer(commands, &begin).Check($"recording '{name}'", device.Info.Name);
        // What the host wrote and what earlier recordings did has to be visible here.
        Barrier(Work | VkPipelineStageFlags.Host, WorkWrites | VkAccessFlags.HostWrite, Work, WorkAll);
        timestamps?.Mark(commands, "");
    }

    /// <summary>Barriers recorded so far between commands. For tests and for judging a schedule.</summary>
    public int BarrierCount { get; private set; }

    /// <summary>Records a kernel.</summary>
    /// <param name="pipeline">What to run.</param>
    /// <param name="buffers">Buffers in the order of binding numbers (an array binding takes as many as its length).</param>
    /// <param name="push">Push constants; its size must be that of the shader's block.</param>
    /// <param name="x">Workgroups in x. A dispatch larger than the device takes at once is split; kernels that stride by
    /// gl_NumWorkGroups must keep below that.</param>
    /// <param name="y">Workgroups in y.</param>
    /// <param name="z">Workgroups in z.</param>
    public void Dispatch<TPush>(ComputePipeline pipeline, ReadOnlySpan<BufferRange> buffers, in TPush push, long x, long y = 1, long z = 1)
        where TPush : unmanaged =>
        Dispatch(pipeline, buffers, MemoryMarshal.AsBytes(new ReadOnlySpan<TPush>(in push)), x, y, z);

    /// <inheritdoc cref="Dispatch{TPush}"/>
    public void Dispatch(ComputePipeline pipeline, ReadOnlySpan<BufferRange> buffers, ReadOnlySpan<byte> push, long x, long y = 1, long z = 1)
    {
        pipeline.Verify(buffers, push.Length);
        if (x <= 0 || y <= 0 || z <= 0)
            return;

        Span<BufferAccess> accesses = stackalloc BufferAccess[buffers.Length];
        int i = 0;
        foreach (ShaderBinding binding in pipeline.Shader.Interface.Bindings)
        {
            for (uint n = 0; n < binding.Count; n++, i++)
                accesses[i] = new BufferAccess(buffers[i], !binding.WriteOnly, !binding.ReadOnly);
        }

        Before(pipeline.Name, accesses);
        if (bound != pipeline)
            device.Vk.vkCmdBindPipeline(commands, VkPipelineBindPoint.Compute, pipeline.Handle);
        bound = pipeline;
        if (buffers.Length > 0)
        {
            VkDescriptorSet set = descriptors.Create(pipeline, buffers);
            device.Vk.vkCmdBindDescriptorSets(commands, VkPipelineBindPoint.Compute, pipeline.Layout, 0, 1, &set, 0, null);
        }

        if (push.Length > 0)
        {
            fixed (byte* p = push)
                device.Vk.vkCmdPushConstants(commands, pipeline.Layout, VkShaderStageFlags.Compute, 0, (uint)push.Length, p);
        }

        DispatchParts(x, y, z);
        After(pipeline.Name);
    }

    /// <summary>Records a copy between two ranges of the same size.</summary>
    public void Copy(BufferRange source, BufferRange destination)
    {
        if (source.Size != destination.Size)
            throw new ArgumentException($"a copy from {source.Size} bytes to {destination.Size} bytes");
        if (source.Size == 0)
            return;
        Before("copy", [new BufferAccess(source, true, false), new BufferAccess(destination, false, true)]);
        VkBufferCopy region = new() { srcOffset = source.Offset, dstOffset = destination.Offset, size = source.Size };
        device.Vk.vkCmdCopyBuffer(commands, source.Buffer, destination.Buffer, 1, &region);
        After("copy");
    }

    /// <summary>Records filling a range with a repeated value; its offset and size are multiples of 4.</summary>
    public void Fill(BufferRange destination, uint value)
    {
        Before("fill", [new BufferAccess(destination, false, true)]);
        device.Vk.vkCmdFillBuffer(commands, destination.Buffer, destination.Offset, destination.Size, value);
        After("fill");
    }

    /// <summary>Ends recording. The recording owns everything from here on.</summary>
    public Recording Finish()
    {
        // A fence alone does not make shader writes visible to host reads of mapped memory.
        Barrier(Work, WorkWrites, VkPipelineStageFlags.Host, VkAccessFlags.HostRead);
        device.Vk.vkEndCommandBuffer(commands).Check($"recording '{name}'", device.Info.Name);
        finished = true;
        return new Recording(device, name, pool, commands, descriptors, timestamps, kernels);
    }

    /// <summary>Throws an unfinished recording away; does nothing after <see cref="Finish"/>.</summary>
    public void Dispose()
    {
        if (finished)
            return;
        finished = true;
        timestamps?.Dispose();
        descriptors.Dispose();
        device.Vk.vkDestroyCommandPool(device.Handle, pool, null);
    }

    private void Before(string kernel, ReadOnlySpan<BufferAccess> accesses)
    {
        ObjectDisposedException.ThrowIf(finished, this);
        if (hazards.Declare(accesses))
        {
            Barrier(Work, WorkWrites, Work, WorkAll);
            BarrierCount++;
        }

        kernels.Add(kernel);
        if (!device.Options.Validation)
            return;
        fixed (byte* text = VkText.Write(kernel))
        {
            VkDebugUtilsLabelEXT label = VkDebugUtilsLabelEXT.New;
            label.pLabelName = text;
            device.Vk.vkCmdBeginDebugUtilsLabelEXT(commands, &label);
        }
    }

    private void After(string kernel)
    {
        if (device.Options.Validation)
            device.Vk.vkCmdEndDebugUtilsLabelEXT(commands);
        timestamps?.Mark(commands, kernel);
    }

    private void DispatchParts(long x, long y, long z)
    {
        (uint maxX, uint maxY, uint maxZ) = device.Features.MaxWorkgroupCount;
        for (long z0 = 0; z0 < z; z0 += maxZ)
        {
            for (long y0 = 0; y0 < y; y0 += maxY)
            {
                for (long x0 = 0; x0 < x; x0 += maxX)
                {
                    device.Vk.vkCmdDispatchBase(
                        commands, (uint)x0, (uint)y0, (uint)z0, (uint)Math.Min(maxX, x - x0), (uint)Math.Min(maxY, y - y0), (uint)Math.Min(maxZ, z - z0));
                }
            }
        }
    }

    private void Barrier(VkPipelineStageFlags before, VkAccessFlags made, VkPipelineStageFlags after, VkAccessFlags used)
    {
        VkMemoryBarrier barrier = VkMemoryBarrier.New;
        barrier.srcAccessMask = made;
        barrier.dstAccessMask = used;
        device.Vk.vkCmdPipelineBarrier(commands, before, after, 0, 1, &barrier, 0, null, 0, null);
    }
}
