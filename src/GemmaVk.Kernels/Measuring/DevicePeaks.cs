namespace GemmaVk.Kernels.Measuring;

/// <summary>What a device was measured to give, by small loops that do nothing else.</summary>
/// <param name="BytesPerSecond">Reading memory.</param>
/// <param name="F32">Additions and multiplications of floats per second; null where it is not measured.</param>
/// <param name="F16">The same in halves; null where the device has none.</param>
/// <param name="Int8">The same for dot products of bytes.</param>
/// <param name="DispatchSeconds">A call that does nothing, among others in one run.</param>
/// <param name="MatrixF16">Matrix units that multiply halves and add floats; null where there are none, or kernels do not use them.</param>
/// <param name="MatrixInt8">Matrix units that multiply bytes; null likewise.</param>
public sealed record DevicePeaks(
    double BytesPerSecond, double? F32, double? F16, double? Int8, double? DispatchSeconds, double? MatrixF16 = null, double? MatrixInt8 = null)
{
    /// <summary>
    /// The limit that binds a call which takes <paramref name="seconds"/>, and how much of it was reached. What is read faster than memory
    /// gives it comes from a cache, whose limit nothing here has measured: its share is no number.
    /// </summary>
    /// <param name="cost">Bytes and operations.</param>
    /// <param name="seconds">Time of the call.</param>
    /// <param name="dispatches">Dispatches that it takes.</param>
    public (Limit Limit, double Share) Binding(in KernelCost cost, double seconds, int dispatches = 1)
    {
        double memory = cost.Bytes / BytesPerSecond;
        if (memory > seconds)
            return (Limit.Cache, double.NaN);
        double arithmetic = Of(cost.Arithmetic) is > 0 and { } peak ? cost.Operations / peak : 0;
        double dispatch = dispatches * (DispatchSeconds ?? 0);
        (Limit Limit, double Seconds) least = (Limit.Memory, memory);
        least = arithmetic > least.Seconds ? (Limit.Arithmetic, arithmetic) : least;
        least = dispatch > least.Seconds ? (Limit.Dispatch, dispatch) : least;
        return (least.Limit, least.Seconds / seconds);
    }

    /// <summary>Operations per second of some units, or null.</summary>
    public double? Of(Arithmetic arithmetic) => arithmetic switch
    {
        Arithmetic.Int8 => Int8,
        Arithmetic.MatrixF16 => MatrixF16,
        Arithmetic.MatrixInt8 => MatrixInt8,
        _ => F32,
    };
}

/// <summary>What keeps a kernel from being faster.</summary>
public enum Limit
{
    /// <summary>Bytes per second.</summary>
    Memory,

    /// <summary>Bytes per second of a cache that holds the operands.</summary>
    Cache,

    /// <summary>Operations per second.</summary>
    Arithmetic,

    /// <summary>The start of a dispatch.</summary>
    Dispatch,
}
