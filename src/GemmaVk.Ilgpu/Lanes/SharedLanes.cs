using System;
using ILGPU;

namespace GemmaVk.Ilgpu.Lanes;

/// <summary>
/// A group of a power of two of threads that meet in shared memory: OpenCL, where ILGPU knows the shuffles of two makers alone.
/// </summary>
internal readonly struct SharedLanes : ILanes
{
    public static int Index => Group.IdxX;

    public static int Count => Group.DimX;

    public static float Sum(float value, ArrayView<float> shared)
    {
        int lane = Group.IdxX;
        shared[lane] = value;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (lane < half)
            {
                shared[lane] += shared[lane + half];
            }

            Group.Barrier();
        }

        value = shared[0];
        Group.Barrier();
        return value;
    }

    public static long Sum(long value, ArrayView<long> shared)
    {
        int lane = Group.IdxX;
        shared[lane] = value;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (lane < half)
            {
                shared[lane] += shared[lane + half];
            }

            Group.Barrier();
        }

        value = shared[0];
        Group.Barrier();
        return value;
    }

    public static float Largest(float value, ArrayView<float> shared)
    {
        int lane = Group.IdxX;
        shared[lane] = value;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (lane < half)
            {
                shared[lane] = MathF.Max(shared[lane], shared[lane + half]);
            }

            Group.Barrier();
        }

        value = shared[0];
        Group.Barrier();
        return value;
    }

    public static void Wait() => Group.Barrier();
}
