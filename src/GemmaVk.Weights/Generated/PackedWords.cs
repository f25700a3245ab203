using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GemmaVk.Weights.Generated;

/// <summary>Words of eight nibbles: <c>weight_packed</c>.</summary>
internal sealed class PackedWords : GeneratedRule
{
    public override string DType => "I32";

    public override int ElementBytes => sizeof(uint);

    public override void Fill(uint seed, long first, Span<byte> bytes)
    {
        Span<uint> words = MemoryMarshal.Cast<byte, uint>(bytes);
        int i = 0;
        for (; i + Vector256<uint>.Count <= words.Length; i += Vector256<uint>.Count)
        {
            WithoutZeros(Hash8(seed, (uint)(first + i))).CopyTo(words[i..]);
        }

        for (; i < words.Length; i++)
        {
            words[i] = WithoutZeros(Vector256.Create(Hash(seed, (uint)(first + i)))).ToScalar();
        }

        for (i = 0; i < words.Length; i += 64)
        {
            words[i] = Hash(seed, (uint)(first + i));
        }
    }

    private static Vector256<uint> WithoutZeros(Vector256<uint> w) =>
        w | ((~(w | (w >> 1) | (w >> 2) | (w >> 3)) & Vector256.Create(0x11111111u)) << 3);
}
