using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GemmaVk.Cpu.Kernels;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu;

/// <summary>
/// Runs the kernels as SIMD code on the processor's cores. Matrices whose file is mapped in kernel layout are read there,
/// without a copy. A row's results depend on the vector width and on nothing else: not on the threads, not on the rows
/// beside it.
/// </summary>
public sealed unsafe class CpuBackend : IBackend
{
    private readonly RowPartition _pool;
    private readonly Scratch _scratch;
    private readonly IPass _pass;
    private readonly CpuSpans? _spans;
    private readonly ConcurrentDictionary<string, TimeSpan> _times = new();
    private readonly CpuDescription _description;
    private readonly CpuOptions _options;

    /// <summary>Starts the threads.</summary>
    /// <exception cref="GemmaVkException">GEMMAVK_THREADS or an option asks for what this machine does not have.</exception>
    public CpuBackend(CpuOptions? options = null)
    {
        _options = options ??= new CpuOptions();
        _scratch = new Scratch(Ledger);
        _description = CpuDescription.Choose(options);
        _pool = new RowPartition(_description.Threads);
        ConcurrentDictionary<string, TimeSpan>? times = options.Timing ? _times : null;
        IPass pass = _description.Instructions switch
        {
            InstructionSet.Avx512 => new CpuPass<Lanes512, Vector512<float>, Vector512<byte>>(_pool, _scratch, times, _description.Code),
            InstructionSet.Avx2 => new CpuPass<Lanes256, Vector256<float>, Vector256<byte>>(_pool, _scratch, times, _description.Code),
            _ => new CpuPass<Lanes128, Vector128<float>, Vector128<byte>>(_pool, _scratch, times, _description.Code),
        };
        _spans = options.Timing ? new CpuSpans(Device.Driver) : null;
        _pass = _spans is null ? pass : new ObservedPass(pass, _spans);
    }

    /// <inheritdoc/>
    public DeviceDescription Device => _description.Device;

    /// <inheritdoc/>
    public IReadOnlyList<KernelVariant> Variants => _description.Variants;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TimeSpan> KernelTimes => _times;

    /// <inheritdoc/>
    public IReadOnlyList<KernelSpan> LastRun => _spans?.Spans ?? [];

    /// <inheritdoc/>
    public MemoryLedger Ledger { get; } = new();

    /// <inheritdoc/>
    public DeviceMemory Memory => CpuDescription.Memory(_options, Device.Name, _description.Threads);

    /// <summary>The machine's memory, without starting threads.</summary>
    /// <exception cref="GemmaVkException">GEMMAVK_THREADS is no number.</exception>
    public static DeviceMemory MemoryOf(CpuOptions options) => CpuDescription.Memory(options);

    /// <summary>Threads that share each kernel.</summary>
    public int Threads => _pool.Threads;

    /// <inheritdoc/>
    public bool AttendsInWholeNumbers => _description.Code?.Attention is not null;

    /// <inheritdoc/>
    public int HalvesInWholeNumbersFrom => AttendsInWholeNumbers ? AttentionDecodeCpu.WordsFrom : int.MaxValue;

    /// <summary>Whether products of INT8 rows run in machine code of our own.</summary>
    public bool MachineCode => _description.Code is not null;

    /// <summary>The SIMD variant in use.</summary>
    public InstructionSet Instructions => _description.Instructions;

    /// <inheritdoc/>
    public void Prepare(IReadOnlyList<BufferSize> buffers, long scratchBytes) => _scratch.Reserve(scratchBytes);

    /// <inheritdoc/>
    public BufferHandle Allocate(string name, DType dtype, Shape shape, BufferUse use = BufferUse.Device)
    {
        long bytes = QuantBlocks.RowBytes(dtype, shape.Count);
        if (bytes > Device.MemoryBytes - Ledger.HeldBytes)
        {
            throw OutOfMemory(name, bytes);
        }

        try
        {
            return new CpuBuffer(Ledger, name, dtype, shape);
        }
        catch (OutOfMemoryException)
        {
            throw OutOfMemory(name, bytes);
        }
    }

    /// <inheritdoc/>
    public WeightMatrix Place(MatrixSource source, Action<long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        (DType format, int N, int K) = (source.Format, source.Rows, source.Columns);
        if (!QuantBlocks.IsMatrix(format) || N < 1 || K < 1 || K % QuantBlocks.ColumnStep(format) != 0)
        {
            throw new ArgumentException(
                $"matrix {source.Name}: expected a format of weights with columns a multiple of {QuantBlocks.ColumnStep(format)}, but it is [{N}, {K}] {format}");
        }

        long rowScales = QuantBlocks.RowScales(format, K);
        Shape dataShape = new(N, K);
        Shape scaleShape = new(N, rowScales);
        if (source.IsMapped)
        {
            new MatrixReading(source, progress, _pool.Threads).Map();
            return new WeightMatrix(
                format,
                N,
                K,
                new CpuBuffer(Ledger, source.MappedData, source.Name, format, dataShape),
                rowScales == 0 ? null : new CpuBuffer(Ledger, source.MappedScale, source.Name, QuantBlocks.ScaleType(format), scaleShape),
                InPlace: true);
        }

        CheckFree(source.Name, QuantBlocks.MatrixBytes(format, N, K));
        BufferHandle data = Allocate(source.Name, format, dataShape);
        BufferHandle? scale = null;
        try
        {
            scale = rowScales == 0 ? null : Allocate(source.Name, QuantBlocks.ScaleType(format), scaleShape);
            new MatrixReading(source, progress, _pool.Threads)
                .Read(CpuBuffer.From(data).Data, scale == null ? null : (ushort*)CpuBuffer.From(scale).Data);
            return new WeightMatrix(format, N, K, data, scale);
        }
        catch
        {
            data.Dispose();
            scale?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Write<T>(BufferHandle buffer, ReadOnlySpan<T> data, long first = 0)
        where T : unmanaged => data.CopyTo(new Span<T>(Window<T>(buffer, data.Length, first), data.Length));

    /// <inheritdoc/>
    public void Read<T>(BufferHandle buffer, Span<T> data, long first = 0)
        where T : unmanaged => new ReadOnlySpan<T>(Window<T>(buffer, data.Length, first), data.Length).CopyTo(data);

    /// <inheritdoc/>
    public void Copy(BufferHandle source, BufferHandle destination)
    {
        CpuBuffer from = CpuBuffer.From(source);
        CpuBuffer to = CpuBuffer.From(destination);
        if (from.Bytes != to.Bytes)
        {
            throw new ArgumentException($"buffer {destination.Name} has {to.Bytes} bytes, but {source.Name} has {from.Bytes}");
        }

        NativeMemory.Copy(from.Data, to.Data, (nuint)from.Bytes);
    }

    /// <inheritdoc/>
    public IRecording Record(string name, Action<IPass> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return new CpuRecording(name, body);
    }

    /// <inheritdoc/>
    public void Run(IRecording recording)
    {
        if (recording is not CpuRecording mine)
        {
            throw new ArgumentException($"recording {recording?.Name} belongs to another backend");
        }

        // Processors may have been taken from the process, or given back, since the last run.
        _pool.Active = Affinity.Processors() ?? _pool.Threads;
        _spans?.Restart();
        mine.Body(_pass);
    }

    /// <inheritdoc/>
    public double MeasureReadBandwidth(IReadOnlyList<BufferHandle>? over = null) =>
        over is { Count: > 0 } ? ReadBandwidth.Over(over, _pool) : ReadBandwidth.Measure(_pool, Ledger, Memory.AvailableBytes);

    /// <inheritdoc/>
    public DevicePeaks MeasurePeaks()
    {
        Peaks peaks = new(_pool, _description.Instructions);
        return new DevicePeaks(MeasureReadBandwidth(), peaks.F32(), null, peaks.Int8(), peaks.Call());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pool.Dispose();
        _scratch.Dispose();
    }

    /// <summary>Bytes of the memory that kernels share.</summary>
    internal long ScratchHeld => _scratch.Bytes;

    private static T* Window<T>(BufferHandle handle, int count, long first)
        where T : unmanaged
    {
        CpuBuffer buffer = CpuBuffer.From(handle);
        long offset = first < 0 ? 0 : QuantBlocks.RowBytes(buffer.DType, first);
        if (first < 0 || offset + ((long)count * sizeof(T)) > buffer.Bytes)
        {
            throw new ArgumentException(
                $"buffer {buffer.Name}: {count} values of {sizeof(T)} bytes from element {first} on do not fit its {buffer.Bytes} bytes");
        }

        return (T*)(buffer.Data + offset);
    }

    // A system that promises more memory than it has ends the process when the promise falls due: other programs may have grown since the plan.
    private void CheckFree(string name, long bytes)
    {
        if (bytes >= HugePages.LeastBytes && _options.MemoryBytes is null && _options.Machine() is var machine && bytes > machine.AvailableBytes)
        {
            throw new GemmaVkException(string.Create(
                CultureInfo.InvariantCulture,
                $"no room for {name}: it needs {bytes:N0} bytes, and {machine.AvailableBytes:N0} of {machine.TotalBytes:N0} ({machine.Source}) are free now, "
                + $"because other programs took memory meanwhile; close some, or choose a smaller context or a smaller weight format"));
        }
    }

    private GemmaVkException OutOfMemory(string name, long bytes) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"no room for {name}: it needs {bytes:N0} bytes, and {Math.Max(0, Device.MemoryBytes - Ledger.HeldBytes):N0} of {Device.MemoryBytes:N0} are left; "
        + $"choose a smaller context or a smaller weight format"));
}
