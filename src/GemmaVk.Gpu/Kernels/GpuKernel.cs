using System;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Gpu.Pipelines;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of a kernel: from arguments to bindings, push constants and a number of workgroups.</summary>
/// <typeparam name="TArgs">The kernel's arguments.</typeparam>
/// <typeparam name="TPush">The shader's push-constant block, field by field.</typeparam>
internal abstract class GpuKernel<TArgs, TPush>(KernelSettings settings) : IGpuKernel
    where TPush : unmanaged
{
    // Most workgroups per axis that every device allows.
    private const long MaxGroups = 65535;

    /// <summary>What this class believes about its shader.</summary>
    public abstract KernelInterface Interface { get; }

    /// <summary>Which module runs on this device, and why.</summary>
    public virtual KernelVariant Variant =>
        new(Interface.Kernel, Interface.Modules[0], Interface.Modules.Count == 1 ? "one form for all devices" : "one form for all devices, a module per format");

    protected KernelSettings Settings { get; } = settings;

    /// <summary>Records the kernel.</summary>
    public abstract void Record(CommandRecorder recorder, in TArgs args);

    /// <summary>Whether the device binds as many buffers at once as a module may have; kernels of one step each need fewer.</summary>
    protected bool Fits => Settings.Device.Features.MaxStorageBuffers >= Interface.Bindings.Count;

    /// <summary>Records one dispatch.</summary>
    /// <param name="recorder">Where to.</param>
    /// <param name="module">Variant.</param>
    /// <param name="constants">Values of the specialization constants, by id.</param>
    /// <param name="buffers">Buffers by binding number; those that the variant lacks are left out.</param>
    /// <param name="push">Push constants.</param>
    /// <param name="x">Workgroups; y and z likewise.</param>
    protected void Dispatch(
        CommandRecorder recorder, string module, ReadOnlySpan<uint> constants, ReadOnlySpan<BufferRange> buffers, in TPush push, long x, long y = 1, long z = 1)
    {
        (uint Id, uint Value)[] values = new (uint, uint)[constants.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = ((uint)i, constants[i]);
        ComputePipeline pipeline = Settings.Device.Pipelines.Get(module, values, Settings.RequiredSubgroupSize);
        Span<BufferRange> bound = stackalloc BufferRange[pipeline.Shader.Interface.Bindings.Count];
        int count = 0;
        foreach (ShaderBinding binding in pipeline.Shader.Interface.Bindings)
            bound[count++] = buffers[(int)binding.Number];
        recorder.Dispatch(pipeline, bound, push, x, y, z);
    }

    /// <summary>Records one dispatch of flat workgroups, folded into y where x alone cannot hold them.</summary>
    protected void DispatchFlat(
        CommandRecorder recorder, string module, ReadOnlySpan<uint> constants, ReadOnlySpan<BufferRange> buffers, in TPush push, long groups)
    {
        long y = (groups + MaxGroups - 1) / MaxGroups;
        Dispatch(recorder, module, constants, buffers, push, y == 0 ? 0 : (groups + y - 1) / y, y);
    }

    /// <summary>Invocations of a workgroup where they know nothing of each other: any number gives the same bits, so it may be measured.</summary>
    protected uint FlatSize(string module) => Settings.Tuning.Of(module, 1, new(1, Settings.LocalSize)).LocalSize;

    /// <summary>Workgroups of <paramref name="size"/> for <paramref name="items"/> invocations.</summary>
    protected static long Groups(long items, uint size) => (items + size - 1) / size;

    /// <summary>Workgroups of the usual size for <paramref name="items"/> invocations.</summary>
    protected long Groups(long items) => (items + Settings.LocalSize - 1) / Settings.LocalSize;

    /// <summary>The memory of a buffer in one piece.</summary>
    /// <exception cref="ArgumentException">It is another backend's, or smaller than the kernel will touch.</exception>
    protected BufferRange Range(BufferHandle handle, long elements) => Buffer(handle, elements).Memory.Range;

    /// <summary>Buffers of INT8 rows that a kernel writes, at least <paramref name="count"/> values.</summary>
    /// <exception cref="ArgumentException">They are none, or a buffer is too small.</exception>
    protected (BufferRange Data, BufferRange Scale, BufferRange Sum) Int8Rows(in Activations rows, long count)
    {
        if (!rows.Quantised || rows.Scale is null || rows.Sum is null || count % QuantBlocks.GroupSize != 0)
            throw new ArgumentException($"{Interface.Kernel}: INT8 rows need whole groups of {QuantBlocks.GroupSize} and buffers for scale and sum");
        long groups = count / QuantBlocks.GroupSize;
        return (Range(rows.Data, count), Range(rows.Scale, groups), Range(rows.Sum, groups));
    }

    /// <summary>Value of a shader's EvenOdd for rows that weights of a format will meet.</summary>
    protected static uint EvenOdd(DType forFormat) => QuantBlocks.HasNibbles(forFormat) ? 1u : 0u;

    /// <summary>A buffer with at least <paramref name="elements"/> elements.</summary>
    protected VulkanBuffer Buffer(BufferHandle handle, long elements)
    {
        if (handle is not VulkanBuffer buffer || buffer.Owner != Settings.Device)
            throw new ArgumentException($"{Interface.Kernel}: '{handle.Name}' was not made by this backend");
        if (handle.Shape.Count < elements)
            throw new ArgumentException($"{Interface.Kernel}: '{handle.Name}' is {handle.Shape}, but {elements} elements are needed");
        return buffer;
    }
}

/// <summary>What a kernel shows regardless of its types.</summary>
internal interface IGpuKernel
{
    KernelInterface Interface { get; }

    KernelVariant Variant { get; }
}
