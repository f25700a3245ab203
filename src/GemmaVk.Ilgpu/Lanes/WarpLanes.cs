using System;
using ILGPU;

namespace GemmaVk.Ilgpu.Lanes;

/// <summary>A group of whole warps: values are shuffled within a warp, and one value per warp goes through shared memory. CUDA.</summary>
internal readonly struct WarpLanes : ILanes
{
    public static int Index => Group.IdxX;

    public static int Count => Group.DimX;

    public static float Sum(float value, ArrayView<float> shared)
    {
        for (int step = Warp.WarpSize / 2; step > 0; step /= 2)
        {
            value += Warp.ShuffleXor(value, step);
        }

        if (Warp.LaneIdx == 0)
        {
            shared[Group.IdxX / Warp.WarpSize] = value;
        }

        Group.Barrier();
        value = 0;
        for (int warp = 0; warp < Group.DimX / Warp.WarpSize; warp++)
        {
            value += shared[warp];
        }

        Group.Barrier();
        return value;
    }

    public static long Sum(long value, ArrayView<long> shared)
    {
        for (int step = Warp.WarpSize / 2; step > 0; step /= 2)
        {
            value += Warp.ShuffleXor(value, step);
        }

        if (Warp.LaneIdx == 0)
        {
            shared[Group.IdxX / Warp.WarpSize] = value;
        }

        Group.Barrier();
        value = 0;
        for (int warp = 0; warp < Group.DimX / Warp.WarpSize; warp++)
        {
            value += shared[warp];
        }

        Group.Barrier();
        return value;
    }

    public static float Largest(float value, ArrayView<float> shared)
    {
        for (int step = Warp.WarpSize / 2; step > 0; step /= 2)
        {
            value = MathF.Max(value, Warp.ShuffleXor(value, step));
        }

        if (Warp.LaneIdx == 0)
        {
            shared[Group.IdxX / Warp.WarpSize] = value;
        }

        Group.Barrier();
        value = float.NegativeInfinity;
        for (int warp = 0; warp < Group.DimX / Warp.WarpSize; warp++)
        {
            value = MathF.Max(value, shared[warp]);
        }

        Group.Barrier();
        return value;
    }

    public static void Wait() => Group.Barrier();
}
