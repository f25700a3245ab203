using System;
using System.Runtime.Intrinsics;
using System.Text;

namespace GemmaVk.Weights.Generated;

/// <summary>
/// The closed form of the generated checkpoint: every value is a hash of the tensor's name and the element's index.
/// <code>
/// Fnv(name)     32-bit FNV-1a of the UTF-8 name
/// H(i)          x = Fnv + i * 9E3779B1;  x ^= x >> 16; x *= 85EBCA6B; x ^= x >> 13; x *= C2B2AE35; x ^= x >> 16
/// Word(i)       H(i) with zero nibbles replaced by 8, unless i is a multiple of 64        (weight_packed)
/// linear        ((H(i) &amp; mask) * factor + offset) * 2^exponent as BF16, always exact   (everything else in BF16)
/// nibbles       n = nibble i mod 8 of H(i / 8): 0 for n = 0, else n - 8; where i is a multiple of 32: -7 for n below 8, else 7
/// </code>
/// All integer arithmetic is unsigned 32-bit and wraps around.
/// </summary>
internal abstract class GeneratedRule
{
    private const uint Golden = 0x9E3779B1;

    /// <summary>Element type as safetensors writes it.</summary>
    public abstract string DType { get; }

    /// <summary>Bytes per element.</summary>
    public abstract int ElementBytes { get; }

    /// <summary>The seed of a tensor.</summary>
    public static uint Fnv(string name)
    {
        uint hash = 0x811C9DC5;
        foreach (byte b in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ b) * 0x01000193;
        }

        return hash;
    }

    /// <summary>The hash of element <paramref name="i"/>.</summary>
    public static uint Hash(uint seed, uint i)
    {
        uint x = seed + (i * Golden);
        x ^= x >> 16;
        x *= 0x85EBCA6B;
        x ^= x >> 13;
        x *= 0xC2B2AE35;
        return x ^ (x >> 16);
    }

    /// <summary>Writes elements <paramref name="first"/> .. of a tensor.</summary>
    /// <param name="seed">Its seed.</param>
    /// <param name="first">First element, a multiple of 64.</param>
    /// <param name="bytes">Whole elements.</param>
    public abstract void Fill(uint seed, long first, Span<byte> bytes);

    /// <summary>Hashes of elements i .. i + 7.</summary>
    private protected static Vector256<uint> Hash8(uint seed, uint i)
    {
        Vector256<uint> x = Vector256.Create(seed + (i * Golden)) + (Vector256<uint>.Indices * Golden);
        x ^= x >> 16;
        x *= 0x85EBCA6B;
        x ^= x >> 13;
        x *= 0xC2B2AE35;
        return x ^ (x >> 16);
    }
}
