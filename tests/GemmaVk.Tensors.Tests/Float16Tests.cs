using System;
using Xunit;

namespace GemmaVk.Tensors.Tests;

public class Float16Tests
{
    [Fact]
    public void EveryCodeIsTheRuntimesAndComesBack()
    {
        for (int code = 0; code <= ushort.MaxValue; code++)
        {
            Half half = BitConverter.UInt16BitsToHalf((ushort)code);
            float value = Float16.ToSingle((ushort)code);
            Assert.Equal((float)half, value);
            Assert.Equal(Half.IsNaN(half), Half.IsNaN(BitConverter.UInt16BitsToHalf(Float16.FromSingle(value))));
            if (!Half.IsNaN(half))
            {
                Assert.Equal((ushort)code, Float16.FromSingle(value));
            }
        }
    }

    [Fact]
    public void FloatsAroundEveryTieRoundAsTheRuntimesDo()
    {
        for (int code = 0; code < 0x7C00; code++)
        {
            // Halfway to the next code, and the floats beside it.
            float middle = (float)(((double)Float16.ToSingle((ushort)code) + (code == 0x7BFF ? 65536 : Float16.ToSingle((ushort)(code + 1)))) / 2);
            foreach (float value in (float[])[middle, MathF.BitIncrement(middle), MathF.BitDecrement(middle), -middle])
            {
                Assert.Equal(BitConverter.HalfToUInt16Bits((Half)value), Float16.FromSingle(value));
            }
        }
    }
}
