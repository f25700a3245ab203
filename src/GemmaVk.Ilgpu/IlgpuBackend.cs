using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GemmaVk.Ilgpu.Devices;
using GemmaVk.Ilgpu.Kernels;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace GemmaVk.Ilgpu;

/// <summary>
/// Kernels in plain C#, which ILGPU compiles while the program runs: for NVIDIA's driver, for OpenCL, or for threads of the
/// processor. A recording is a list of launches with their arguments; running it queues them in order on one stream.
/// </summary>
public sealed unsafe partial class IlgpuBackend : IBackend
{
    private readonly IlgpuDeviceInfo _info;
    private readonly IlgpuOptions _options;
    private readonly Context _context;
    private readonly Accelerator _accelerator;
    private readonly AcceleratorStream _stream;
    private readonly KernelLoader _loader;
    private readonly IlgpuKernels _kernels;
    private readonly ConcurrentDictionary<string, TimeSpan>? _times;
    private readonly List<KernelSpan> _spans = [];
    private bool _disposed;

    private IlgpuBackend(IlgpuDeviceInfo info, IlgpuOptions options)
    {
        (_info, _options) = (info, options);
        _times = options.Timing ? new() : null;
        int threads = CpuThreads.Of(options);
        (_context, _accelerator) = IlgpuDevices.Open(info, threads);
        _stream = _accelerator.DefaultStream;
        _loader = new KernelLoader(_accelerator);
        _kernels = new IlgpuKernels(_loader);
        Device = new DeviceDescription("ilgpu", info.Name, info.Driver, options.MemoryBytes ?? info.MemoryBytes, [.. Details(threads)]);
    }

    /// <inheritdoc/>
    public DeviceDescription Device { get; }

    /// <inheritdoc/>
    public MemoryLedger Ledger { get; } = new();

    /// <inheritdoc/>
    public DeviceMemory Memory => MemoryOf(_info, _options) is var memory && _accelerator is CudaAccelerator cuda && _options.MemoryBytes is null
        ? memory with { AvailableBytes = cuda.GetFreeMemory(), Source = "free memory, as the driver tells it" }
        : MemoryOf(_info, _options);

    /// <inheritdoc/>
    /// <remarks>Compiles every kernel that is not compiled yet, to say how long that takes.</remarks>
    public IReadOnlyList<KernelVariant> Variants => Compiled();

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TimeSpan> KernelTimes => _times ?? (IReadOnlyDictionary<string, TimeSpan>)ReadOnlyDictionary<string, TimeSpan>.Empty;

    /// <inheritdoc/>
    public IReadOnlyList<KernelSpan> LastRun => [.. _spans];

    /// <summary>Opens a device that <see cref="IlgpuDevices.Choose(string, out string)"/> found.</summary>
    /// <exception cref="GemmaVkException">It does not open.</exception>
    public static IlgpuBackend Open(IlgpuDeviceInfo info, IlgpuOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(info);
        return new IlgpuBackend(info, options ?? new IlgpuOptions());
    }

    /// <summary>A device's memory, without opening it.</summary>
    public static DeviceMemory MemoryOf(IlgpuDeviceInfo info, IlgpuOptions options)
    {
        ArgumentNullException.ThrowIfNull(info);
        ArgumentNullException.ThrowIfNull(options);
        bool cpu = info.Kind == IlgpuKind.Cpu;
        return new DeviceMemory
        {
            Name = info.Name,
            TotalBytes = options.MemoryBytes ?? info.MemoryBytes,
            AvailableBytes = options.MemoryBytes ?? info.MemoryBytes,
            Source = options.MemoryBytes is null ? "size of the device's memory" : "--device-memory",
            Alignment = cpu ? 1 : 256,
            MaxBufferBytes = info.MaxBufferBytes,
            ReadsMappedFiles = cpu && !options.AlwaysCopy,
            IsHostMemory = !info.IsGpu,
            IsSoftware = cpu,
            ReserveBytes = cpu ? ReserveOfIlgpu : ReserveOfDriver,
            MeasuringBytes = ReadBandwidthIlgpu.BytesFor(info.IsGpu) + ReadBandwidthIlgpu.SinkBytes(info.IsGpu),
        };
    }

    /// <inheritdoc/>
    public void Prepare(IReadOnlyList<BufferSize> buffers, long scratchBytes)
    {
        // Kernels take nothing for themselves, and each buffer is one allocation.
    }

    /// <inheritdoc/>
    public BufferHandle Allocate(string name, DType dtype, Shape shape, BufferUse use = BufferUse.Device)
    {
        long bytes = QuantBlocks.RowBytes(dtype, shape.Count);
        if (bytes > _info.MaxBufferBytes)
        {
            throw new GemmaVkException(FormattableString.Invariant(
                $"no room for {name}: it needs {bytes:N0} bytes in one piece, and {_info.Name} gives at most {_info.MaxBufferBytes:N0}; choose a smaller context or a smaller weight format"));
        }

        if (bytes > Device.MemoryBytes - Ledger.HeldBytes)
        {
            throw OutOfMemory(name, bytes);
        }

        try
        {
            return new IlgpuBuffer(Ledger, _accelerator.AllocateRaw(Math.Max(1, bytes), 1), name, dtype, shape);
        }
        catch (Exception e) when (e is OutOfMemoryException or AcceleratorException)
        {
            throw OutOfMemory(name, bytes);
        }
    }

    /// <inheritdoc/>
    public void Write<T>(BufferHandle buffer, ReadOnlySpan<T> data, long first = 0)
        where T : unmanaged
    {
        ArrayView<byte> window = Window<T>(buffer, data.Length, first);
        _stream.Synchronize();
        fixed (T* source = data)
        {
            if (_accelerator is CPUAccelerator)
            {
                data.CopyTo(new Span<T>((void*)window.LoadEffectiveAddressAsPtr(), data.Length));
            }
            else if (data.Length > 0)
            {
                window.CopyFromCPUUnsafeAsync(_stream, ref *(byte*)source, window.Length);
                _stream.Synchronize();
            }
        }
    }

    /// <inheritdoc/>
    public void Read<T>(BufferHandle buffer, Span<T> data, long first = 0)
        where T : unmanaged
    {
        ArrayView<byte> window = Window<T>(buffer, data.Length, first);
        _stream.Synchronize();
        fixed (T* destination = data)
        {
            if (_accelerator is CPUAccelerator)
            {
                new ReadOnlySpan<T>((void*)window.LoadEffectiveAddressAsPtr(), data.Length).CopyTo(data);
            }
            else if (data.Length > 0)
            {
                window.CopyToCPUUnsafeAsync(_stream, ref *(byte*)destination, window.Length);
                _stream.Synchronize();
            }
        }
    }

    /// <inheritdoc/>
    public void Copy(BufferHandle source, BufferHandle destination)
    {
        (IlgpuBuffer from, IlgpuBuffer to) = (IlgpuBuffer.From(source), IlgpuBuffer.From(destination));
        if (from.Bytes != to.Bytes)
        {
            throw new ArgumentException($"buffer {destination.Name} has {to.Bytes} bytes, but {source.Name} has {from.Bytes}");
        }

        if (from.Bytes > 0)
        {
            from.View.CopyTo(_stream, to.View);
            _stream.Synchronize();
        }
    }

    /// <inheritdoc/>
    public IRecording Record(string name, Action<IPass> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        LaunchList launches = new(name);
        IlgpuPass pass = new(_kernels, launches);
        body(_times is null ? pass : new ObservedPass(pass, launches));
        return launches;
    }

    /// <inheritdoc/>
    public void Run(IRecording recording)
    {
        if (recording is not LaunchList launches)
        {
            throw new ArgumentException($"recording {recording?.Name} belongs to another backend");
        }

        _spans.Clear();
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < launches.Count; i++)
        {
            long start = Stopwatch.GetTimestamp();
            launches[i].Run();
            if (_times is not null)
            {
                _stream.Synchronize();
                _times[launches[i].Kernel] = _times.GetValueOrDefault(launches[i].Kernel) + Stopwatch.GetElapsedTime(start);
                _spans.Add(new KernelSpan(launches.Calls[i], launches[i].Kernel, "", Stopwatch.GetElapsedTime(begin, start), Stopwatch.GetElapsedTime(begin)));
            }
        }
    }

    /// <inheritdoc/>
    public double MeasureReadBandwidth(IReadOnlyList<BufferHandle>? over = null) => _kernels.ReadBandwidth.Measure(this, _info.IsGpu, over);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _accelerator.Dispose();
            _context.Dispose();
        }
    }

    private static ArrayView<byte> Window<T>(BufferHandle handle, int count, long first)
        where T : unmanaged
    {
        IlgpuBuffer buffer = IlgpuBuffer.From(handle);
        long offset = first < 0 ? 0 : QuantBlocks.RowBytes(buffer.DType, first);
        long bytes = (long)count * sizeof(T);
        if (first < 0 || offset + bytes > buffer.Bytes)
        {
            throw new ArgumentException(
                $"buffer {buffer.Name}: {count} values of {sizeof(T)} bytes from element {first} on do not fit its {buffer.Bytes} bytes");
        }

        return buffer.View.SubView(offset, bytes);
    }

    private GemmaVkException OutOfMemory(string name, long bytes) => new(FormattableString.Invariant(
        $"no room for {name}: it needs {bytes:N0} bytes, and {Math.Max(0, Device.MemoryBytes - Ledger.HeldBytes):N0} of {Device.MemoryBytes:N0} are left; choose a smaller context or a smaller weight format"));
}
