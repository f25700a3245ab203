using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Products;

/// <summary>Headers of <see cref="KBlocks"/> as floats, eight groups at once.</summary>
internal static unsafe class KHeaders
{
    /// <summary>Of Q4K and Q5K: what the integers of each group are multiplied by, and what is taken off, negated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Affine(ushort* header, out Vector256<float> steps, out Vector256<float> leasts)
    {
        uint* words = (uint*)header;
        uint scales = words[1], minima = words[2], rest = words[3];
        ulong scale = (scales & 0x3F3F3F3F) | ((ulong)((rest & 0x0F0F0F0F) | ((scales >> 2) & 0x30303030)) << 32);
        ulong minimum = (minima & 0x3F3F3F3F) | ((ulong)(((rest >> 4) & 0x0F0F0F0F) | ((minima >> 2) & 0x30303030)) << 32);
        Vector128<float> both = Halves(words[0]);
        steps = Widen(scale) * Vector256.Create(both[0]);
        leasts = Widen(minimum) * Vector256.Create(-both[1]);
    }

    /// <summary>Of Q6K: what the integers of each group's first half are multiplied by, and of its second half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Halved(ushort* header, out Vector256<float> first, out Vector256<float> second)
    {
        Vector128<short> pairs = Vector128.Load((short*)header);
        Vector256<float> d = Vector256.Create(Halves(header[8])[0]);
        first = Widen((pairs << 8) >> 8) * d;
        second = Widen(pairs >> 8) * d;
    }

    /// <summary>Two finite halves as the first two floats: no product of a subnormal float, which costs some processors a hundred cycles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Halves(uint pair)
    {
        Vector128<uint> bits = Vector128.Create(pair & 0xFFFF, pair >> 16, 0, 0), magnitude = (bits & Vector128.Create(0x7FFFu)) << 13;
        Vector128<float> normal = (magnitude + Vector128.Create(112u << 23)).AsSingle();
        // With the exponent of 2^-14 a subnormal's mantissa is that much too large.
        Vector128<float> subnormal = (magnitude + Vector128.Create(113u << 23)).AsSingle() - Vector128.Create(1f / 16384f);
        Vector128<float> value = Vector128.ConditionalSelect(Vector128.LessThan(magnitude.AsInt32(), Vector128.Create(1 << 23)).AsSingle(), subnormal, normal);
        return (value.AsUInt32() | ((bits & Vector128.Create(0x8000u)) << 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Widen(ulong bytes)
    {
        if (Avx2.IsSupported)
        {
            return Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(Vector128.CreateScalar(bytes).AsByte()));
        }

        return Widen(Vector128.WidenLower(Vector128.CreateScalar(bytes).AsByte()).AsInt16());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Widen(Vector128<short> values)
    {
        if (Avx2.IsSupported)
        {
            return Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(values));
        }

        (Vector128<int> low, Vector128<int> high) = Vector128.Widen(values);
        return Vector256.Create(Vector128.ConvertToSingle(low), Vector128.ConvertToSingle(high));
    }
}
