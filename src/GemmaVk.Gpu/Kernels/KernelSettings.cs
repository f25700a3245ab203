using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Gpu.Matrices;
using GemmaVk.Gpu.Memory;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>What kernels take from the device: sizes of workgroups, which variants run, and memory between stages.</summary>
/// <param name="device">The device.</param>
/// <param name="integerDot">Use the integer dot product; null for what the device says. For tests.</param>
/// <param name="software">Choose as for a software driver, or as for a GPU; null for what the device is. For tests.</param>
/// <param name="tuning">Forms that were measured; none for the usual ones.</param>
internal sealed class KernelSettings(GpuDevice device, bool? integerDot = null, bool? software = null, TuningTable? tuning = null) : IDisposable
{
    /// <summary>Invocations of a workgroup where nothing speaks for another number.</summary>
    public const uint UsualLocalSize = 64;

    /// <summary>Bytes of <see cref="Counters"/>.</summary>
    public const long CounterBytes = 64 << 10;

    private readonly List<DeviceBuffer> scratch = [];

    public GpuDevice Device { get; } = device;

    /// <summary>Forms that were measured to be the fastest here.</summary>
    public TuningTable Tuning { get; } = tuning ?? new TuningTable();

    /// <summary>False once the backend is disposed: its buffers and recordings are then gone already.</summary>
    public bool Open { get; private set; } = true;

    /// <summary>A driver that computes on the CPU: few wide workers, barriers and idle workgroups are dear.</summary>
    public bool Software { get; } = software ?? device.Info.Type == GpuDeviceType.Software;

    /// <summary>As <see cref="UsualLocalSize"/>.</summary>
    public uint LocalSize => UsualLocalSize;

    /// <summary>Products of INT8 rows go through the device's integer dot product.</summary>
    public bool IntegerDot { get; } = integerDot ?? device.Features.IntegerDotProduct;

    /// <summary>
    /// Shapes of products that matrix units do. Software drivers have them for tests: there they are slower than other forms, so they must be asked for.
    /// </summary>
    public MatrixUnits Matrices { get; } =
        device.Options.Matrices ?? !(software ?? device.Info.Type == GpuDeviceType.Software) ? MatrixUnits.Of(device.Features) : MatrixUnits.None;

    /// <summary>Why <see cref="IntegerDot"/> is as it is.</summary>
    public string IntegerDotReason => (IntegerDot, Device.Features.IntegerDotProduct, Device.Features.IntegerDotProductAccelerated) switch
    {
        (true, _, true) => "integer dot product in hardware",
        (true, _, false) => "integer dot product, which the driver expands",
        (false, true, _) => "integer dot product not asked for",
        _ => "no integer dot product: four multiplications instead",
    };

    /// <summary>
    /// Subgroup size to insist on. Where a driver may choose per pipeline, variants of one kernel could add in different
    /// orders, and a row's result would depend on how many rows run beside it.
    /// </summary>
    public int? RequiredSubgroupSize =>
        Device.Features.SubgroupSizeControl && Device.Features.MinSubgroupSize != Device.Features.MaxSubgroupSize ? Device.Features.SubgroupSize : null;

    /// <summary>
    /// Most activation rows of a tile of a product: eight read a weight once for all that a verifying pass has. Software
    /// drivers gain nothing beyond four, and compile twice as long.
    /// </summary>
    public uint MaxCols => Software ? 4u : 8u;

    /// <summary>Invocations that share one row of a norm: heads are narrow, hidden rows are wide.</summary>
    public uint RowSize(int D) => D >= 1024 && !Software ? 256u : 64u;

    /// <summary>
    /// Memory that lives within one kernel, between its stages. Recordings keep ranges of it, so it is freed with the
    /// backend only; later kernels of a pass reuse it, in the order that barriers give.
    /// </summary>
    public BufferRange Scratch(long bytes)
    {
        Reserve(CounterBytes + bytes);
        // As much as was asked for: a binding spans no more than that, however large the memory is.
        BufferRange all = scratch[^1].Range;
        return all.Slice(CounterBytes, Math.Min((long)all.Size - CounterBytes, DeviceMemory.RoundUp(Math.Max(bytes, 1), BufferChunk.BindingGrain)));
    }

    /// <summary>Counters that are zero between kernels: they count the workgroups that have ended.</summary>
    public BufferRange Counters
    {
        get
        {
            Reserve(CounterBytes);
            return scratch[^1].Range.Slice(0, CounterBytes);
        }
    }

    /// <summary>Takes memory for <see cref="Counters"/> and <see cref="Scratch"/> where there is less than so many bytes.</summary>
    public void Reserve(long bytes)
    {
        if (scratch.Count > 0 && scratch[^1].Bytes >= bytes)
            return;
        scratch.Add(DeviceBuffer.Allocate(Device, "scratch", bytes));
        scratch[^1].Write(new byte[Math.Min(bytes, CounterBytes)]);
    }

    /// <summary>Bytes taken for <see cref="Scratch"/>.</summary>
    public long ScratchBytes => scratch.Sum(s => s.Bytes);

    public void Dispose()
    {
        Open = false;
        scratch.ForEach(s => s.Dispose());
        scratch.Clear();
    }
}
