using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GemmaVk.Cpu.Simd;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Products;

/// <summary>
/// Headers of <see cref="KBlocks"/> as floats: of eight groups in their order, or of sixteen (two headers) in the order of <see cref="Lanes512.GroupOrder(Vector512{float})"/>,
/// whose pieces of four lanes are two of the first block and two of the second.
/// </summary>
internal static unsafe class KHeaders
{
    /// <summary>Of Q4K and Q5K: what the integers of each group are multiplied by, and what is taken off, negated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Affine(ushort* header, out Vector256<float> steps, out Vector256<float> leasts)
    {
        Vector128<byte> bytes = Vector128.Load((byte*)header);
        Vector128<byte> low = Vector128.Shuffle(bytes, Vector128.Create((byte)4, 5, 6, 7, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
        Vector128<byte> high = Vector128.Shuffle(bytes, Vector128.Create((byte)255, 255, 255, 255, 4, 5, 6, 7, 255, 255, 255, 255, 8, 9, 10, 11));
        Vector128<byte> codes = (low & Vector128.Create(0x0F0F0F0F3F3F3F3Fu, 0x3F3F3F3Fu).AsByte())
            | ((low.AsUInt16() >>> 4).AsByte() & Vector128.Create(0, 0x0F0F0F0F00000000u).AsByte())
            | ((high.AsUInt16() >>> 2).AsByte() & Vector128.Create((byte)0x30));
        Vector128<float> halves = Halves(*(uint*)header, 0);
        steps = Widen(codes) * Vector256.Create(halves[0]);
        leasts = Widen(Vector128.Create(codes.AsUInt64().GetUpper(), Vector64<ulong>.Zero).AsByte()) * Vector256.Create(halves[1]);
    }

    /// <inheritdoc cref="Affine(ushort*, out Vector256{float}, out Vector256{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Affine(ushort* header, out Vector512<float> steps, out Vector512<float> leasts)
    {
        Vector256<byte> bytes = Vector256.Load((byte*)header);
        Vector256<byte> low = Avx2.Shuffle(bytes, Vector256.Create((byte)4, 5, 6, 7, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15, 4, 5, 6, 7, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
        Vector256<byte> high = Avx2.Shuffle(bytes, Vector256.Create((byte)255, 255, 255, 255, 4, 5, 6, 7, 255, 255, 255, 255, 8, 9, 10, 11, 255, 255, 255, 255, 4, 5, 6, 7, 255, 255, 255, 255, 8, 9, 10, 11));
        Vector256<byte> codes = (low & Vector256.Create(0x0F0F0F0F3F3F3F3Fu, 0x3F3F3F3Fu, 0x0F0F0F0F3F3F3F3Fu, 0x3F3F3F3Fu).AsByte())
            | ((low.AsUInt16() >>> 4).AsByte() & Vector256.Create(0, 0x0F0F0F0F00000000u, 0, 0x0F0F0F0F00000000u).AsByte())
            | ((high.AsUInt16() >>> 2).AsByte() & Vector256.Create((byte)0x30));
        // All scales, then all minima.
        codes = Avx2.Permute4x64(codes.AsUInt64(), 0b11_01_10_00).AsByte();
        Vector512<float> halves = Halves(*(uint*)header, ((uint*)header)[4]).ToVector256Unsafe().ToVector512Unsafe();
        steps = Ordered(Avx512F.ConvertToVector512Int32(codes.GetLower())) * Pieces(halves, 0);
        leasts = Ordered(Avx512F.ConvertToVector512Int32(codes.GetUpper())) * Pieces(halves, 1);
    }

    /// <summary>Of Q6K: what the integers of each group's first half are multiplied by, and of its second half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Halved(ushort* header, out Vector256<float> first, out Vector256<float> second)
    {
        Vector128<short> pairs = Vector128.Load((short*)header);
        Vector256<float> d = Vector256.Create(Halves(header[8], 0)[0]);
        first = Widen((pairs << 8) >> 8) * d;
        second = Widen(pairs >> 8) * d;
    }

    /// <inheritdoc cref="Halved(ushort*, out Vector256{float}, out Vector256{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Halved(ushort* header, out Vector512<float> first, out Vector512<float> second)
    {
        Vector256<short> pairs = Vector128.Load((short*)header).ToVector256Unsafe().WithUpper(Vector128.Load((short*)header + 9));
        Vector512<float> d = Pieces(Halves(header[8], header[17]).ToVector256Unsafe().ToVector512Unsafe(), 0);
        first = Ordered(Avx512F.ConvertToVector512Int32((pairs << 8) >> 8)) * d;
        second = Ordered(Avx512F.ConvertToVector512Int32(pairs >> 8)) * d;
    }

    /// <summary>
    /// Two pairs of finite halves as floats, the second of each negated: without products of subnormal floats, which cost some processors a hundred cycles.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Halves(uint pair, uint next)
    {
        Vector128<uint> bits = Vector128.WidenLower(Vector128.CreateScalar(pair | ((ulong)next << 32)).AsUInt16());
        Vector128<uint> magnitude = (bits & Vector128.Create(0x7FFFu)) << 13;
        Vector128<float> normal = (magnitude + Vector128.Create(112u << 23)).AsSingle();
        // With the exponent of 2^-14 a subnormal's mantissa is that much too large.
        Vector128<float> subnormal = (magnitude + Vector128.Create(113u << 23)).AsSingle() - Vector128.Create(1f / 16384f);
        Vector128<float> value = Vector128.ConditionalSelect(Vector128.LessThan(magnitude.AsInt32(), Vector128.Create(1 << 23)).AsSingle(), subnormal, normal);
        Vector128<uint> sign = ((bits << 16) ^ Vector128.Create(0, 1u << 31, 0, 1u << 31)) & Vector128.Create(1u << 31);
        return (value.AsUInt32() | sign).AsSingle();
    }

    /// <summary>Of two pairs of values the first ones, or the second ones, for eight groups each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Pieces(Vector512<float> pairs, int which) =>
        Avx512F.PermuteVar16x32(pairs, Vector512.Create(0, 0, 2, 2, 0, 0, 2, 2, 0, 0, 2, 2, 0, 0, 2, 2) + Vector512.Create(which));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Ordered(Vector512<int> values) => Lanes512.GroupOrder(Vector512.ConvertToSingle(values));

    /// <summary>Eight unsigned bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Widen(Vector128<byte> bytes) => Avx2.IsSupported
        ? Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(bytes))
        : Widen(Vector128.WidenLower(bytes).AsInt16());

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
