using System;
using System.Runtime.Intrinsics;
using GemmaVk.Cpu.Simd;
using Xunit;

namespace GemmaVk.Cpu.Tests;

/// <summary>The loads of halves that never multiply subnormal floats, against the runtime's own conversion, over every half there is.</summary>
public unsafe class HalfScalesTests
{
    [Fact]
    public void Of128Bits() => Check<Lanes128, Vector128<float>>();

    [Fact]
    public void Of256Bits()
    {
        if (Lanes256.IsSupported)
        {
            Check<Lanes256, Vector256<float>>();
        }
    }

    [Fact]
    public void Of512Bits()
    {
        if (Lanes512.IsSupported)
        {
            Check<Lanes512, Vector512<float>>();
        }
    }

    private static void Check<L, TF>()
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        ushort* halves = stackalloc ushort[L.Count];
        float* floats = stackalloc float[L.Count];
        for (int first = 0; first <= ushort.MaxValue; first += L.Count)
        {
            for (int i = 0; i < L.Count; i++)
            {
                halves[i] = (ushort)(first + i);
            }

            L.Store(L.LoadHalfScales(halves), floats);
            for (int i = 0; i < L.Count; i++)
            {
                float expected = (float)BitConverter.UInt16BitsToHalf(halves[i]);
                // What is no number may keep or lose the bit that makes it quiet.
                Assert.True(float.IsNaN(expected) ? float.IsNaN(floats[i]) : BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(floats[i]), $"{halves[i]:x4}: {floats[i]}");
            }
        }
    }
}
