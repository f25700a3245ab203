using System;
using System.Linq;
using GemmaVk.Kernels.Tests;
using Xunit;

namespace GemmaVk.Tensors.Tests;

/// <summary>Every bit pattern of the small float types against the published conversions.</summary>
public class ElementTypesTests
{
    private static readonly GoldenFile _golden = GoldenFile.Open("ops/types.safetensors");

    [Fact]
    public void EveryBFloat16Widens() => Same(_golden.Floats("bf16"), bits => BFloat16.ToSingle((ushort)bits));

    [Fact]
    public void EveryFloat8Widens() => Same(_golden.Floats("fp8_e4m3"), bits => Float8.ToSingle((byte)bits));

    [Fact]
    public void EveryHalfWidens() => Same(_golden.Floats("fp16"), bits => (float)BitConverter.UInt16BitsToHalf((ushort)bits));

    [Fact]
    public void FloatsRoundToNearestEven()
    {
        float[] values = _golden.Floats("float32");
        ushort[] bfloat16 = _golden.Values<ushort>("to_bf16");
        ushort[] half = _golden.Values<ushort>("to_fp16");
        Assert.NotEmpty(values);
        for (int i = 0; i < values.Length; i++)
        {
            if (float.IsNaN(values[i]))
            {
                Assert.True(float.IsNaN(BFloat16.ToSingle(BFloat16.FromSingle(values[i]))), $"NaN at {i}");
                continue;
            }

            Assert.True(bfloat16[i] == BFloat16.FromSingle(values[i]), $"{values[i]:R}: expected bits {bfloat16[i]:X4}, actual {BFloat16.FromSingle(values[i]):X4}");
            Assert.Equal(half[i], BitConverter.HalfToUInt16Bits((Half)values[i]));
        }
    }

    [Fact]
    public void RoundingUndoesWidening()
    {
        for (int bits = 0; bits < 65536; bits++)
        {
            float value = BFloat16.ToSingle((ushort)bits);
            Assert.True(float.IsNaN(value) || BFloat16.FromSingle(value) == bits, $"{bits:X4}");
        }
    }

    private static void Same(float[] expected, Func<int, float> widen)
    {
        Assert.NotEmpty(expected);
        foreach ((float value, int bits) in expected.Select((value, bits) => (value, bits)))
        {
            float actual = widen(bits);
            Assert.True(
                float.IsNaN(value) ? float.IsNaN(actual) : BitConverter.SingleToInt32Bits(value) == BitConverter.SingleToInt32Bits(actual),
                $"{bits:X4}: expected {value:R}, actual {actual:R}");
        }
    }
}
