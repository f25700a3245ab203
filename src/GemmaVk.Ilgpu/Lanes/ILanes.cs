using ILGPU;

namespace GemmaVk.Ilgpu.Lanes;

/// <summary>
/// The threads of a group that share one row, and how they bring their parts together. A type argument of every kernel that
/// owns rows, so that a device without groups pays for none. The order of a sum depends on the number of lanes alone.
/// </summary>
internal interface ILanes
{
    /// <summary>This thread among the lanes.</summary>
    static abstract int Index { get; }

    /// <summary>How many lanes there are.</summary>
    static abstract int Count { get; }

    /// <summary>Sum over all lanes, the same bits in each. Every lane must call it.</summary>
    /// <param name="value">This lane's part.</param>
    /// <param name="shared">One float per lane; free again on return.</param>
    static abstract float Sum(float value, ArrayView<float> shared);

    /// <summary>As the sum of floats; integers do not care for order.</summary>
    static abstract long Sum(long value, ArrayView<long> shared);

    /// <summary>The largest value of all lanes. Every lane must call it.</summary>
    static abstract float Largest(float value, ArrayView<float> shared);

    /// <summary>Waits until all lanes are here and see what the others wrote.</summary>
    static abstract void Wait();
}
