using System.Runtime.CompilerServices;
using ILGPU;

namespace GemmaVk.Ilgpu.Lanes;

/// <summary>
/// A thread alone with its row: ILGPU's CPU accelerator, where a group is made of threads of the system and a barrier costs
/// as much as a short row.
/// </summary>
internal readonly struct OneLane : ILanes
{
    public static int Index => 0;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(float value, ArrayView<float> shared) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Sum(long value, ArrayView<long> shared) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(float value, ArrayView<float> shared) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Wait()
    {
    }
}
