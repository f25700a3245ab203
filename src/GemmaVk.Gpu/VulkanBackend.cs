using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Gpu.Matrices;
using GemmaVk.Gpu.Memory;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu;

/// <summary>
/// Kernels on a Vulkan device. A pass is recorded once, with the barriers that its reads and writes ask for, and run as
/// one submission. Buffers that the host writes before each run are mapped, so a run needs nothing else.
/// </summary>
/// <remarks>Throws <see cref="DeviceLostException"/> when the device stops answering, until <see cref="Reopen"/> has opened it anew.</remarks>
public sealed partial class VulkanBackend : IBackend
{
    private readonly GpuInstance? ownedInstance;
    private readonly bool? integerDot;
    private readonly bool? software;
    private GpuDevice device;
    private GpuKernels kernels;
    private readonly Dictionary<string, string> kernelOf;
    private readonly ConcurrentDictionary<string, TimeSpan> times = new();
    private IReadOnlyList<KernelSpan> lastRun = [];

    /// <summary>Takes a device over: it is disposed with the backend.</summary>
    /// <param name="device">An open device.</param>
    /// <param name="integerDot">Use the integer dot product, or null for what the device says. For tests.</param>
    /// <param name="software">Choose variants as for a software driver, or as for a GPU, or null for what the device is. For tests.</param>
    internal VulkanBackend(GpuDevice device, bool? integerDot = null, bool? software = null)
    {
        this.device = device;
        this.integerDot = integerDot ?? device.Options.IntegerDot;
        this.software = software ?? device.Options.AsSoftware;
        kernels = new GpuKernels(new KernelSettings(device, this.integerDot, this.software, tuning));
        tuningFile = new TuningFile(device.Pipelines.Folder, device.Pipelines.Identity, device.Options.Log);
        if (device.Options.Tuning)
            tuningFile.ReadInto(tuning);
        kernelOf = kernels.All.SelectMany(k => k.Interface.Modules.Select(m => (Module: m, k.Interface.Kernel))).ToDictionary(p => p.Module, p => p.Kernel);
        try
        {
            OwnKernels.Check(device, kernels);
        }
        catch
        {
            kernels.Dispose();
            device.Dispose();
            throw;
        }

        Device = Describe(device);
    }

    private VulkanBackend(GpuInstance instance, int? index)
        : this(instance.Open(index)) => ownedInstance = instance;

    /// <inheritdoc/>
    public DeviceDescription Device { get; }

    /// <inheritdoc/>
    public IReadOnlyList<KernelVariant> Variants => [.. kernels.Passes.Select(kernel => WithFigures(kernel.Variant))];

    /// <summary>The device lists products of matrices that kernels can use, whether or not they do.</summary>
    public bool HasMatrixUnits => MatrixUnits.Of(device.Features) != MatrixUnits.None;

    /// <inheritdoc/>
    public bool AttendsInHalves => kernels.AttentionPrefill.InHalves;

    /// <inheritdoc/>
    public bool MultipliesInHalves => kernels.MatMul.InHalves;

    /// <inheritdoc/>
    /// <remarks>On with <see cref="GpuOptions.Timing"/>; every run is then waited for.</remarks>
    public IReadOnlyDictionary<string, TimeSpan> KernelTimes => times;

    /// <inheritdoc/>
    public IReadOnlyList<KernelSpan> LastRun => lastRun;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> OwnKernelsRun => device.Pipelines.OwnRun;

    /// <inheritdoc/>
    public void ForgetOwnKernelsRun() => device.Pipelines.ForgetOwnRun();

    /// <inheritdoc/>
    /// <remarks>With <see cref="GpuOptions.Statistics"/>, where the driver has VK_KHR_pipeline_executable_properties.</remarks>
    public IReadOnlyList<CompiledKernel> Compiled => device.Pipelines.Compiled;

    /// <summary>Whether shaders of the user's run in place of embedded ones.</summary>
    internal bool TakesOwnKernels { get; private set; } = true;

    /// <summary>Names of the modules that kernels of the model are made of, such as <c>mat_vec_q4_dot4</c>.</summary>
    public static IReadOnlyList<string> Modules { get; } = [.. Pipelines.ShaderModule.Embedded.Where(module => !PeakGpu.IsYardstick(module))];

    /// <summary>What compiles a user's shaders here, and why not another.</summary>
    public static string ShaderCompiler => Pipelines.ShaderCompiler.Which;

    /// <summary>What the validation layer has said; empty without it.</summary>
    public IReadOnlyList<string> ValidationMessages => device.ValidationMessages;

    /// <summary>Opens a device of <paramref name="instance"/>, which must outlive the backend.</summary>
    /// <param name="instance">Vulkan, as opened.</param>
    /// <param name="index">Index among its devices, or null for the fastest kind.</param>
    /// <exception cref="GemmaVkException">There is no such device, or it lacks something that kernels need.</exception>
    public static VulkanBackend Open(GpuInstance instance, int? index = null)
    {
        ArgumentNullException.ThrowIfNull(instance);
        return new VulkanBackend(instance.Open(index));
    }

    /// <summary>Opens Vulkan and a device; both are disposed with the backend.</summary>
    /// <exception cref="GemmaVkException">There is no Vulkan here, no such device, or it lacks something that kernels need.</exception>
    public static VulkanBackend Create(GpuOptions options, int? index = null)
    {
        GpuInstance instance = GpuInstance.Create(options);
        try
        {
            return new VulkanBackend(instance, index);
        }
        catch
        {
            instance.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public DeviceMemory Memory => device.Memory;

    /// <inheritdoc/>
    public MemoryLedger Ledger => device.Ledger;

    /// <summary>Bytes taken from the driver, for the device and for the host's side.</summary>
    public long ReservedBytes => device.Heap.ReservedBytes + device.Heap.HostReservedBytes;

    /// <inheritdoc/>
    public void Prepare(IReadOnlyList<BufferSize> buffers, long scratchBytes)
    {
        prepared = (buffers, scratchBytes);
        long limit = DeviceBuffer.BindingLimit(device.Features.MaxStorageBufferRange, device.Heap.MaxAllocation, device.Options);
        IEnumerable<(long Bytes, MemoryKind Kind)> pieces = buffers.SelectMany(
            buffer => BufferSize.Pieces(buffer.Bytes, buffer.RowBytes, limit).Select(piece => (piece, KindOf(buffer.Use))));
        device.Heap.Prepare(scratchBytes > 0 ? pieces.Concat(Scratch(scratchBytes)) : pieces);
        if (scratchBytes > 0)
            kernels.Settings.Reserve(scratchBytes);
    }

    private static IEnumerable<(long Bytes, MemoryKind Kind)> Scratch(long bytes)
    {
        yield return (KernelSettings.CounterBytes, MemoryKind.Device);
        if (bytes > KernelSettings.CounterBytes)
            yield return (bytes - KernelSettings.CounterBytes, MemoryKind.Device);
    }

    /// <inheritdoc/>
    public BufferHandle Allocate(string name, DType dtype, Shape shape, BufferUse use = BufferUse.Device)
    {
        // A buffer of vectors is bound whole; only rows of matrices and caches may lie in several chunks.
        long rowBytes = Math.Max(1, QuantBlocks.RowBytes(dtype, shape[Math.Max(0, shape.Rank - 1)]));
        long bytes = QuantBlocks.RowBytes(dtype, shape.Count);
        return NewBuffer(name, dtype, shape, on => DeviceBuffer.Allocate(on, name, bytes, rowBytes, KindOf(use)));
    }

    private static MemoryKind KindOf(BufferUse use) => use switch
    {
        BufferUse.Step => MemoryKind.Input,
        BufferUse.Result => MemoryKind.Host,
        _ => MemoryKind.Device,
    };

    /// <inheritdoc/>
    public void Write<T>(BufferHandle buffer, ReadOnlySpan<T> data, long first = 0)
        where T : unmanaged =>
        Own(buffer).Memory.Write(MemoryMarshal.AsBytes(data), first * SizeOf<T>());

    /// <inheritdoc/>
    public void Read<T>(BufferHandle buffer, Span<T> data, long first = 0)
        where T : unmanaged =>
        Own(buffer).Memory.Read(MemoryMarshal.AsBytes(data), first * SizeOf<T>());

    /// <inheritdoc/>
    public void Copy(BufferHandle source, BufferHandle destination)
    {
        DeviceBuffer from = Own(source).Memory;
        DeviceBuffer to = Own(destination).Memory;
        if (from.Bytes != to.Bytes)
            throw new ArgumentException($"a copy of '{source.Name}', {from.Bytes} bytes, to '{destination.Name}', {to.Bytes} bytes");
        using CommandRecorder recorder = new(device, $"copy {source.Name}");
        foreach (BufferChunk a in from.Chunks)
        {
            foreach (BufferChunk b in to.Chunks)
            {
                long begin = Math.Max(a.Offset, b.Offset);
                long bytes = Math.Min(a.Offset + a.Bytes, b.Offset + b.Bytes) - begin;
                if (bytes > 0)
                    recorder.Copy(a.Range.Slice(begin - a.Offset, bytes), b.Range.Slice(begin - b.Offset, bytes));
            }
        }

        using Recording recording = recorder.Finish();
        recording.Submit();
        recording.Wait();
    }

    /// <inheritdoc/>
    public IRecording Record(string name, Action<IPass> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        VulkanRecording recording = new(this, name, body);
        Record(recording);
        recordings.Add(recording);
        return recording;
    }

    /// <inheritdoc/>
    public void Run(IRecording recording)
    {
        VulkanRecording own = (VulkanRecording)recording;
        if (own.Commands is null || own.IsOff(device.Pace))
            Record(own);
        Recording commands = own.Commands!;
        commands.Submit();
        if (!device.Options.Timing)
            return;
        // Now, because the recording may be gone when somebody asks.
        lastRun = own.Spans(device.Pipelines.CodeOf);
        foreach ((string module, TimeSpan time) in commands.Times())
        {
            string kernel = kernelOf.GetValueOrDefault(module, module);
            times[kernel] = times.GetValueOrDefault(kernel) + time;
        }
    }

    /// <inheritdoc/>
    public void TakeOwnKernels(bool own)
    {
        RequireOpen();
        TakesOwnKernels = device.Pipelines.TakesOwn = own;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        Close();
        ownedInstance?.Dispose();
    }

    /// <summary>Gives back what kernels hold, for tests that own the device.</summary>
    internal void ReleaseKernels() => kernels.Dispose();

    private void Record(VulkanRecording recording)
    {
        RequireOpen();
        using CommandRecorder recorder = new(device, recording.Name, device.Options.Timing);
        CommandCalls? calls = device.Options.Timing ? new CommandCalls(recorder) : null;
        SubmissionCuts cuts = new(recorder, device.Pace, calls);
        recording.Body(new ObservedPass(new VulkanPass(kernels, recorder), cuts));
        recording.Take(recorder.Finish(cuts.Work), cuts, calls?.Calls ?? []);
    }

    private static unsafe int SizeOf<T>()
        where T : unmanaged => sizeof(T);

    private VulkanBuffer Own(BufferHandle buffer) =>
        buffer is VulkanBuffer own && own.Owner == device ? own : throw new ArgumentException($"'{buffer.Name}' was not made by this backend");

    private static DeviceDescription Describe(GpuDevice device)
    {
        GpuFeatures f = device.Features;
        return new DeviceDescription(
            "vulkan",
            device.Info.Name,
            $"{device.Info.Driver} {device.Info.DriverInfo}",
            // Software drivers report what they like; what they have is the machine's memory.
            device.Info.Type == GpuDeviceType.Software
                ? Math.Max(device.Heap.BudgetBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
                : device.Heap.BudgetBytes,
            [
                $"Vulkan {f.ApiVersion}, {device.Info.Type.ToString().ToLowerInvariant()} device",
                $"subgroups of {f.SubgroupSize} ({f.MinSubgroupSize} to {f.MaxSubgroupSize})",
                $"one binding spans at most {f.MaxStorageBufferRange >> 20} MiB",
                $"integer dot product: {(f.IntegerDotProductAccelerated ? "in hardware" : f.IntegerDotProduct ? "expanded by the driver" : "no")}",
                $"cooperative matrices: {(f.CooperativeMatrices.Count > 0 ? $"{f.CooperativeMatrices.Count} shapes; {MatrixUnits.Of(f)}" : "no")}",
                $"device memory visible to the host: {(f.HostVisibleDeviceMemory ? "all" : "no, uploads are staged")}",
                .. device.Options.Pretend.Text is { Length: > 0 } pretended ? (string[])[$"pretended, by GEMMAVK_PRETEND: {pretended}"] : [],
            ]);
    }
}
