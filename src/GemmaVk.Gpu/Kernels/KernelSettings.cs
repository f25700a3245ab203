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
/// <param name="integerDot">Use the integer dot product where the driver has it; null where it is hardware. For tests.</param>
/// <param name="software">Choose as for a software driver, or as for a GPU; null for what the device is. For tests.</param>
/// <param name="tuning">Forms that were measured; none for the usual ones.</param>
internal sealed class KernelSettings(GpuDevice device, bool? integerDot = null, bool? software = null, TuningTable? tuning = null) : IDisposable
{
    /// <summary>Invocations of a workgroup where nothing speaks for another number.</summary>
    public const uint UsualLocalSize = 64;

    // Four vectors each of 256 invocations: beyond that registers run out.
    private const int MostHeld = 4096;

    /// <summary>Bytes of <see cref="Counters"/>.</summary>
    public const long CounterBytes = 8 << 10;

    private readonly List<DeviceBuffer> scratch = [];
    private DeviceBuffer? counters;

    public GpuDevice Device { get; } = device;

    /// <summary>Forms that were measured to be the fastest here.</summary>
    public TuningTable Tuning { get; } = tuning ?? new TuningTable();

    /// <summary>False once the backend is disposed: its buffers and recordings are then gone already.</summary>
    public bool Open { get; private set; } = true;

    /// <summary>A driver that computes on the CPU: few wide workers, barriers and idle workgroups are dear.</summary>
    public bool Software { get; } = software ?? device.Info.Type == GpuDeviceType.Software;

    /// <summary>As <see cref="UsualLocalSize"/>.</summary>
    public uint LocalSize => UsualLocalSize;

    /// <summary>Products of INT8 rows go through the device's integer dot product: where it is hardware, since pairs of products cost less than what a driver makes of it.</summary>
    public bool IntegerDot { get; } = device.Features.IntegerDotProduct && (integerDot ?? device.Features.IntegerDotProductAccelerated);

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
        (false, true, true) => "integer dot product not asked for",
        (false, true, false) => "two products in a multiplication, since the driver only expands the integer dot product",
        _ => "no integer dot product: two products in a multiplication instead",
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

    /// <summary>Vectors of four columns of a row that an invocation holds in registers; 0 where the row is too wide for that, or no whole vectors.</summary>
    public uint RowHeld(int D) => D % 4 != 0 || D > MostHeld ? 0u : (((uint)D / 4) + RowSize(D) - 1) / RowSize(D);

    /// <summary>
    /// Memory that lives within one kernel, between its stages. Recordings keep ranges of it, so it is freed with the
    /// backend only; later kernels of a pass reuse it, in the order that barriers give.
    /// </summary>
    public BufferRange Scratch(long bytes)
    {
        if (scratch.Count == 0 || scratch[^1].Bytes < bytes)
            scratch.Add(DeviceBuffer.Allocate(Device, "scratch", bytes));
        // As much as was asked for: a binding spans no more than that, however large the memory is.
        BufferRange whole = scratch[^1].Range;
        return whole.Slice(0, Math.Min((long)whole.Size, DeviceMemory.RoundUp(bytes, BufferChunk.BindingGrain)));
    }

    /// <summary>Counters that are zero between kernels: they count the workgroups that have ended.</summary>
    public BufferRange Counters
    {
        get
        {
            if (counters is null)
            {
                counters = DeviceBuffer.Allocate(Device, "scratch", CounterBytes);
                counters.Write(new byte[CounterBytes]);
            }

            return counters.Range;
        }
    }

    /// <summary>Takes what a plan counts as scratch: <see cref="Counters"/>, and the rest for <see cref="Scratch"/>.</summary>
    public void Reserve(long bytes)
    {
        _ = Counters;
        if (bytes > CounterBytes)
            _ = Scratch(bytes - CounterBytes);
    }

    /// <summary>Bytes taken for <see cref="Scratch"/>.</summary>
    public long ScratchBytes => scratch.Sum(s => s.Bytes) + (counters?.Bytes ?? 0);

    public void Dispose()
    {
        Open = false;
        scratch.ForEach(s => s.Dispose());
        scratch.Clear();
        counters?.Dispose();
        counters = null;
    }
}
