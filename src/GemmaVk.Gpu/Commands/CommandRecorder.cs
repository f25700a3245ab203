using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using GemmaVk.Gpu.Driver;
using GemmaVk.Gpu.Memory;
using GemmaVk.Gpu.Pipelines;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu.Commands;

/// <summary>
/// Records dispatches and copies. Barriers between them follow from what each one reads and writes, which for a dispatch
/// is what its shader declares (readonly, writeonly). <see cref="Finish"/> yields the recording.
/// </summary>
internal sealed unsafe class CommandRecorder : IDisposable
{
    private const PipelineStageFlags Work = PipelineStageFlags.ComputeShaderBit | PipelineStageFlags.TransferBit;
    private const AccessFlags WorkWrites = AccessFlags.ShaderWriteBit | AccessFlags.TransferWriteBit;
    private const AccessFlags WorkAll = WorkWrites | AccessFlags.ShaderReadBit | AccessFlags.TransferReadBit;

    private readonly GpuDevice device;
    private readonly string name;
    private readonly CommandPool pool;
    private readonly List<CommandBuffer> parts = [];
    private readonly DescriptorSets descriptors;
    private readonly Timestamps? timestamps;
    private readonly Hazards hazards = new();
    private readonly List<string> kernels = [];
    private CommandBuffer commands;
    private ComputePipeline? bound;
    private bool finished;

    /// <param name="device">Device that will run the recording.</param>
    /// <param name="name">Name for timings and device-loss messages.</param>
    /// <param name="timed">Take the time of every command; needs a queue with timestamps.</param>
    public CommandRecorder(GpuDevice device, string name, bool timed = false)
    {
        this.device = device;
        this.name = name;
        CommandPoolCreateInfo poolInfo = new() { SType = StructureType.CommandPoolCreateInfo, QueueFamilyIndex = device.QueueFamily };
        CommandPool createdPool;
        device.Vk.CreateCommandPool(device.Handle, &poolInfo, null, &createdPool).Check($"preparing to record '{name}'", device.Info.Name);
        pool = createdPool;
        descriptors = new DescriptorSets(device);
        timestamps = timed && device.Features.TimestampBits > 0 ? new Timestamps(device) : null;

        BeginPart();
        timestamps?.Open(commands);
    }

    /// <summary>Commands recorded so far.</summary>
    public int CommandCount => kernels.Count;

    /// <summary>Barriers recorded so far between commands. For tests and for judging a schedule.</summary>
    public int BarrierCount { get; private set; }

    /// <summary>Records a kernel.</summary>
    /// <param name="pipeline">What to run.</param>
    /// <param name="buffers">Buffers in the order of binding numbers (an array binding takes as many as its length).</param>
    /// <param name="push">Push constants; its size must be that of the shader's block.</param>
    /// <param name="x">Workgroups in x; more than the device takes are refused, so hosts fold them into y or stride.</param>
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
        (uint maxX, uint maxY, uint maxZ) = device.Features.MaxWorkgroupCount;
        if (x > maxX || y > maxY || z > maxZ)
            throw new ArgumentException($"{pipeline.Name} dispatches {x} x {y} x {z} workgroups, and the device takes {maxX} x {maxY} x {maxZ}");

        Span<BufferAccess> accesses = stackalloc BufferAccess[buffers.Length];
        // By index, here and where sets are written: an enumerator would be an object per dispatch.
        IReadOnlyList<ShaderBinding> bindings = pipeline.Shader.Interface.Bindings;
        for (int b = 0, i = 0; b < bindings.Count; b++)
        {
            ShaderBinding binding = bindings[b];
            for (uint n = 0; n < binding.Count; n++, i++)
                accesses[i] = new BufferAccess(buffers[i], !binding.WriteOnly, !binding.ReadOnly);
        }

        Before(pipeline.Name, accesses);
        if (bound != pipeline)
            device.Vk.CmdBindPipeline(commands, PipelineBindPoint.Compute, pipeline.Handle);
        bound = pipeline;
        if (buffers.Length > 0)
        {
            DescriptorSet set = descriptors.Create(pipeline, buffers);
            device.Vk.CmdBindDescriptorSets(commands, PipelineBindPoint.Compute, pipeline.Layout, 0, 1, &set, 0, null);
        }

        if (push.Length > 0)
        {
            fixed (byte* p = push)
                device.Vk.CmdPushConstants(commands, pipeline.Layout, ShaderStageFlags.ComputeBit, 0, (uint)push.Length, p);
        }

        device.Vk.CmdDispatch(commands, (uint)x, (uint)y, (uint)z);
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
        BufferCopy region = new() { SrcOffset = source.Offset, DstOffset = destination.Offset, Size = source.Size };
        device.Vk.CmdCopyBuffer(commands, source.Buffer, destination.Buffer, 1, &region);
        After("copy");
    }

    /// <summary>Records filling a range with a repeated value; its offset and size are multiples of 4.</summary>
    public void Fill(BufferRange destination, uint value)
    {
        Before("fill", [new BufferAccess(destination, false, true)]);
        device.Vk.CmdFillBuffer(commands, destination.Buffer, destination.Offset, destination.Size, value);
        After("fill");
    }

    /// <summary>What is recorded from here on is a submission of its own, after what was recorded before.</summary>
    public void Cut()
    {
        ObjectDisposedException.ThrowIf(finished, this);
        EndPart();
        BeginPart();
        bound = null;
    }

    /// <summary>Ends recording. The recording owns everything from here on.</summary>
    /// <param name="work">What its kernels cost (<see cref="SubmissionPace.Work"/>); 0 where that is not known.</param>
    public Recording Finish(double work = 0)
    {
        // A fence alone does not make shader writes visible to host reads of mapped memory.
        Barrier(Work, WorkWrites, PipelineStageFlags.HostBit, AccessFlags.HostReadBit);
        EndPart();
        finished = true;
        return new Recording(device, name, pool, [.. parts], descriptors, timestamps, kernels, work);
    }

    /// <summary>Throws an unfinished recording away; does nothing after <see cref="Finish"/>.</summary>
    public void Dispose()
    {
        if (finished)
            return;
        finished = true;
        timestamps?.Dispose();
        descriptors.Dispose();
        device.Vk.DestroyCommandPool(device.Handle, pool, null);
    }

    private void BeginPart()
    {
        CommandBufferAllocateInfo allocate = new()
        {
            SType = StructureType.CommandBufferAllocateInfo,
            CommandPool = pool,
            CommandBufferCount = 1,
        };
        CommandBuffer allocated;
        device.Vk.AllocateCommandBuffers(device.Handle, &allocate, &allocated).Check($"preparing to record '{name}'", device.Info.Name);
        commands = allocated;
        parts.Add(commands);
        CommandBufferBeginInfo begin = new() { SType = StructureType.CommandBufferBeginInfo };
        device.Vk.BeginCommandBuffer(commands, &begin).Check($"recording '{name}'", device.Info.Name);
        // What the host wrote and what earlier recordings did has to be visible here.
        Barrier(Work | PipelineStageFlags.HostBit, WorkWrites | AccessFlags.HostWriteBit, Work, WorkAll);
    }

    private void EndPart() => device.Vk.EndCommandBuffer(commands).Check($"recording '{name}'", device.Info.Name);

    private void Before(string kernel, ReadOnlySpan<BufferAccess> accesses)
    {
        ObjectDisposedException.ThrowIf(finished, this);
        if (hazards.Declare(accesses))
        {
            Barrier(Work, WorkWrites, Work, WorkAll);
            BarrierCount++;
        }

        kernels.Add(kernel);
        timestamps?.Begin(commands);
        if (device.Debugging is not { } debug)
            return;
        fixed (byte* text = VkText.Write(kernel))
        {
            DebugUtilsLabelEXT label = new() { SType = StructureType.DebugUtilsLabelExt, PLabelName = text };
            debug.CmdBeginDebugUtilsLabel(commands, &label);
        }
    }

    private void After(string kernel)
    {
        device.Debugging?.CmdEndDebugUtilsLabel(commands);
        timestamps?.End(commands, kernel);
    }

    private void Barrier(PipelineStageFlags before, AccessFlags made, PipelineStageFlags after, AccessFlags used)
    {
        MemoryBarrier barrier = new() { SType = StructureType.MemoryBarrier, SrcAccessMask = made, DstAccessMask = used };
        device.Vk.CmdPipelineBarrier(commands, before, after, 0, 1, &barrier, 0, null, 0, null);
    }
}
