using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GemmaVk.Cpu.Simd;

/// <summary>AVX-512: F, BW, DQ and VL.</summary>
internal readonly unsafe struct Lanes512 : IDotLanes<Vector512<float>, Vector512<byte>>
{
    /// <summary>True when the processor and the runtime offer all that is used here.</summary>
    public static bool IsSupported =>
        Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported;

    public static int Count => 16;

    public static bool TakesBytes => false;

    public static Vector512<float> Zero => Vector512<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Create(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* from) => Vector512.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, float* to) => value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Divide(Vector512<float> a, Vector512<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Avx512F.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Max(Vector512<float> a, Vector512<float> b) => Avx512F.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Min(Vector512<float> a, Vector512<float> b) => Avx512F.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Clamp(Vector512<float> a, float low, float high)
    {
        a = Vector512.ConditionalSelect(Vector512.GreaterThan(a, Vector512.Create(high)), Vector512.Create(high), a);
        return Vector512.ConditionalSelect(Vector512.LessThan(a, Vector512.Create(low)), Vector512.Create(low), a);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Abs(Vector512<float> a) => Vector512.Abs(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Round(Vector512<float> a) => Avx512F.RoundScale(a, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WhereBelow(Vector512<float> test, float bound, Vector512<float> a, Vector512<float> b) =>
        Vector512.ConditionalSelect(Vector512.LessThan(Vector512.Abs(test), Vector512.Create(bound)), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Scale2(Vector512<float> a, Vector512<float> n) => Avx512F.Scale(a, n);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> a) => Lanes256.Sum(a.GetLower() + a.GetUpper());

    /// <summary>The sums of 16 vectors, pairs of which stand <paramref name="stride"/> floats apart, each in the order of <see cref="Sum"/>: 15 additions instead of 64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector512<float> Sums(float* pairs, int stride)
    {
        Vector512<float> a = Eighths(pairs, stride, 0), b = Eighths(pairs, stride, 2);
        return Avx512F.Shuffle(a, b, 0b10_00_10_00) + Avx512F.Shuffle(a, b, 0b11_01_11_01);
    }

    /// <summary>
    /// Even and odd lanes' sums of vectors <paramref name="first"/>, first + 4, first + 8, first + 12 and of those behind them: a quarter each.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector512<float> Eighths(float* pairs, int stride, int first)
    {
        Vector512<double> a = Quarters(pairs, stride, first).AsDouble(), b = Quarters(pairs, stride, first + 1).AsDouble();
        return Avx512F.UnpackLow(a, b).AsSingle() + Avx512F.UnpackHigh(a, b).AsSingle();
    }

    /// <summary>Four sums each of vectors <paramref name="i"/>, i + 4, i + 8 and i + 12.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector512<float> Quarters(float* pairs, int stride, int i)
    {
        float* at = pairs + (i / 2 * stride) + (i % 2 * Count);
        Vector512<float> a = Halves(Vector512.Load(at), Vector512.Load(at + (2 * stride))), b = Halves(Vector512.Load(at + (4 * stride)), Vector512.Load(at + (6 * stride)));
        return Avx512F.Shuffle4x128(a, b, 0b10_00_10_00) + Avx512F.Shuffle4x128(a, b, 0b11_01_11_01);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Halves(Vector512<float> a, Vector512<float> b) =>
        Avx512F.Shuffle4x128(a, b, 0b01_00_01_00) + Avx512F.Shuffle4x128(a, b, 0b11_10_11_10);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Vector512<float> a) => Lanes256.Largest(Lanes256.Max(a.GetLower(), a.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyAtLeast(Vector512<float> a, Vector512<float> b) => Vector512.GreaterThanOrEqualAny(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadHalf(ushort* from)
    {
        // The half's exponent and mantissa in a float's places are the value times 2^-112; its sign is spread by the widening.
        Vector512<int> bits = Avx512F.ConvertToVector512Int32(Vector256.Load((short*)from)) << 13;
        Vector512<float> value = (bits & Vector512.Create(unchecked((int)0x8FFFE000))).AsSingle() * Vector512.Create(5.192296858534828e33f);
        Vector512<float> special = (value.AsInt32() | Vector512.Create(0x7F800000)).AsSingle();
        return WhereBelow(value, 65536f, value, special);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadHalfScales(ushort* from)
    {
        Vector512<int> bits = Avx512F.ConvertToVector512Int32(Vector256.Load((short*)from));
        Vector512<int> magnitude = (bits & Vector512.Create(0x7FFF)) << 13;
        // With the exponent of 2^-14 a subnormal's mantissa is that much too large; the largest exponent, of what is not finite, becomes a float's largest.
        Vector512<float> subnormal = (magnitude + Vector512.Create(113 << 23)).AsSingle() - Vector512.Create(1f / 16384f);
        Vector512<int> normal = magnitude + Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(31 << 23)), Vector512.Create(112 << 23), Vector512.Create(224 << 23));
        Vector512<int> value = Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(1 << 23)), subnormal.AsInt32(), normal);
        return (value | (bits & Vector512.Create(int.MinValue))).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalf(Vector512<float> value, ushort* to)
    {
        Vector512<uint> bits = value.AsUInt32();
        Vector512<uint> a = bits & Vector512.Create(0x7FFFFFFFu);
        Vector512<uint> normal = (a + Vector512.Create(0xC8000FFFu) + ((a >> 13) & Vector512<uint>.One)) >> 13;
        // Adding one half puts the subnormal's units at the end of the mantissa and lets the addition round.
        Vector512<uint> tiny = (a.AsSingle() + Vector512.Create(0.5f)).AsUInt32() - Vector512.Create(0x3F000000u);
        Vector512<uint> huge = Vector512.ConditionalSelect(
            Vector512.GreaterThan(a, Vector512.Create(0x7F800000u)), Vector512.Create(0x7E00u), Vector512.Create(0x7C00u));
        Vector512<uint> half = Vector512.ConditionalSelect(Vector512.LessThan(a, Vector512.Create(0x38800000u)), tiny, normal);
        half = Vector512.ConditionalSelect(Vector512.LessThan(a, Vector512.Create(0x47800000u)), half, huge);
        half |= (bits >> 16) & Vector512.Create(0x8000u);
        Avx512F.ConvertToVector256UInt16(half).Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadBFloat16(ushort* from) =>
        (Avx512F.ConvertToVector512UInt32(Vector256.Load(from)) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadBFloat16Pairs(ushort* from, out Vector512<float> even, out Vector512<float> odd)
    {
        Vector512<uint> pairs = Vector512.Load((uint*)from);
        even = (pairs << 16).AsSingle();
        odd = (pairs & Vector512.Create(0xFFFF0000u)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadFloat8(byte* from)
    {
        Vector512<uint> bits = Avx512F.ConvertToVector512UInt32(Vector128.Load(from));
        Vector512<uint> magnitude = bits & Vector512.Create(0x7Fu);
        Vector512<float> normal = ((magnitude << 20) + Vector512.Create(120u << 23)).AsSingle();
        // Exponent 0 has no hidden one: take it off again, at twice the weight that exponent would have.
        Vector512<float> tiny = (normal - Vector512.Create(0.0078125f)) * Vector512.Create(2f);
        Vector512<float> value = Vector512.ConditionalSelect(
            Vector512.LessThan(magnitude, Vector512.Create(8u)).AsSingle(), tiny, normal);
        value = Vector512.ConditionalSelect(
            Vector512.Equals(magnitude, Vector512.Create(0x7Fu)).AsSingle(), Vector512.Create(float.NaN), value);
        return (value.AsUInt32() | ((bits & Vector512.Create(0x80u)) << 24)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadBytes(sbyte* from) =>
        Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load(from)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector512<float> value, sbyte* to) =>
        Avx512F.ConvertToVector128SByte(Avx512F.ConvertToVector512Int32(value)).Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadNibbles(byte* from, out Vector512<float> low, out Vector512<float> high)
    {
        // A permutation looks at four bits of each index only, so it is mask, conversion and offset in one.
        Vector512<int> bytes = Avx512F.ConvertToVector512Int32(Vector128.Load(from));
        Vector512<float> values = Vector512.Create(-8f, -7f, -6f, -5f, -4f, -3f, -2f, -1f, 0f, 1f, 2f, 3f, 4f, 5f, 6f, 7f);
        low = Avx512F.PermuteVar16x32(values, bytes);
        high = Avx512F.PermuteVar16x32(values, bytes >>> 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Bytes(byte* from) => Vector512.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<byte> value, byte* to) => value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Same(byte value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Xor(Vector512<byte> a, Vector512<byte> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Words(byte* from, int step) =>
        // Created of two halves it would begin as a copy of what the loop before left.
        Vector256.Load(from).ToVector512Unsafe().WithUpper(Vector256.Load(from + step));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> GroupOrder(Vector512<byte> words) =>
        Avx512F.PermuteVar16x32(words.AsInt32(), Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Bits(Vector512<byte> words, int left, byte mask) =>
        (left < 0 ? words.AsUInt32() >>> -left : words.AsUInt32() << left).AsByte() & Vector512.Create(mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LowNibbles(Vector512<byte> bytes) => bytes & Vector512.Create((byte)15);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> HighNibbles(Vector512<byte> bytes) =>
        (bytes.AsUInt16() >>> 4).AsByte() & Vector512.Create((byte)15);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Widen(Vector512<byte> bytes, out Vector512<byte> even, out Vector512<byte> odd)
    {
        even = ((bytes.AsInt16() << 8) >> 8).AsByte();
        odd = (bytes.AsInt16() >> 8).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> WideDots(Vector512<byte> a, Vector512<byte> b) => Avx512BW.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WideToFloats(Vector512<byte> first, Vector512<byte> second) =>
        Vector512.ConvertToSingle(first.AsInt32() + second.AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Halves(byte* from, out Vector512<byte> first, out Vector512<byte> second)
    {
        Vector512<long> a = Vector512.Load((long*)from);
        Vector512<long> b = Vector512.Load((long*)(from + 64));
        first = Avx512F.Shuffle4x128(a, b, 0b10_00_10_00).AsByte();
        second = Avx512F.Shuffle4x128(a, b, 0b11_01_11_01).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(ref Vector512<byte> a, ref Vector512<byte> b, ref Vector512<byte> c, ref Vector512<byte> d)
    {
        Vector512<long> ab = Avx512F.UnpackLow(a.AsInt32(), b.AsInt32()).AsInt64();
        Vector512<long> cd = Avx512F.UnpackLow(c.AsInt32(), d.AsInt32()).AsInt64();
        Vector512<long> abHigh = Avx512F.UnpackHigh(a.AsInt32(), b.AsInt32()).AsInt64();
        Vector512<long> cdHigh = Avx512F.UnpackHigh(c.AsInt32(), d.AsInt32()).AsInt64();
        a = Avx512F.UnpackLow(ab, cd).AsByte();
        b = Avx512F.UnpackHigh(ab, cd).AsByte();
        c = Avx512F.UnpackLow(abHigh, cdHigh).AsByte();
        d = Avx512F.UnpackHigh(abHigh, cdHigh).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> GroupOrder(Vector512<float> values) =>
        Avx512F.PermuteVar16x32(values, Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AddDots(Vector512<byte> sums, Vector512<byte> unsigned, Vector512<byte> signed) =>
        (sums.AsInt16() + Avx512BW.MultiplyAddAdjacent(unsigned, signed.AsSByte())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Dots(Vector512<byte> unsigned, Vector512<byte> signed) =>
        Avx512BW.MultiplyAddAdjacent(unsigned, signed.AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AddSums(Vector512<byte> a, Vector512<byte> b) => (a.AsInt16() + b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Negate(Vector512<byte> sums) => (-sums.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ToFloats(Vector512<byte> sums) =>
        Vector512.ConvertToSingle(Avx512BW.MultiplyAddAdjacent(sums.AsInt16(), Vector512<short>.One));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AddWideDots(Vector512<byte> sums, Vector512<byte> a, Vector512<byte> b) =>
        (sums.AsInt32() + Avx512BW.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16())).AsByte();
}
