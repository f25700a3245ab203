using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GemmaVk.Cpu.Simd;

/// <summary>AVX2 and FMA.</summary>
internal readonly unsafe struct Lanes256 : IDotLanes<Vector256<float>, Vector256<byte>>
{
    /// <summary>True when the processor and the runtime offer all that is used here.</summary>
    public static bool IsSupported => Avx2.IsSupported && System.Runtime.Intrinsics.X86.Fma.IsSupported;

    public static int Count => 8;

    public static bool TakesBytes => AvxVnni.IsSupported;

    public static Vector256<float> Zero => Vector256<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Create(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* from) => Vector256.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> value, float* to) => value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Divide(Vector256<float> a, Vector256<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Fma(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        System.Runtime.Intrinsics.X86.Fma.MultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => Avx.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Min(Vector256<float> a, Vector256<float> b) => Avx.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Clamp(Vector256<float> a, float low, float high)
    {
        a = Vector256.ConditionalSelect(Vector256.GreaterThan(a, Vector256.Create(high)), Vector256.Create(high), a);
        return Vector256.ConditionalSelect(Vector256.LessThan(a, Vector256.Create(low)), Vector256.Create(low), a);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Abs(Vector256<float> a) => Vector256.Abs(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Round(Vector256<float> a) => Avx.RoundToNearestInteger(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> WhereBelow(Vector256<float> test, float bound, Vector256<float> a, Vector256<float> b) =>
        Vector256.ConditionalSelect(Vector256.LessThan(Vector256.Abs(test), Vector256.Create(bound)), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scale2(Vector256<float> a, Vector256<float> n) =>
        a * ((Vector256.ConvertToInt32(n) + Vector256.Create(127)) << 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector256<float> a) => Lanes128.Sum(a.GetLower() + a.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Vector256<float> a) => Lanes128.Largest(Lanes128.Max(a.GetLower(), a.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyAtLeast(Vector256<float> a, Vector256<float> b) => Vector256.GreaterThanOrEqualAny(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadHalf(ushort* from)
    {
        // The half's exponent and mantissa in a float's places are the value times 2^-112; its sign is spread by the widening.
        Vector256<int> bits = Avx2.ConvertToVector256Int32((short*)from) << 13;
        Vector256<float> value = (bits & Vector256.Create(unchecked((int)0x8FFFE000))).AsSingle() * Vector256.Create(5.192296858534828e33f);
        Vector256<float> special = (value.AsInt32() | Vector256.Create(0x7F800000)).AsSingle();
        return WhereBelow(value, 65536f, value, special);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadHalfScales(ushort* from)
    {
        Vector256<int> bits = Avx2.ConvertToVector256Int32(Vector128.Load((short*)from));
        Vector256<int> magnitude = (bits & Vector256.Create(0x7FFF)) << 13;
        // With the exponent of 2^-14 a subnormal's mantissa is that much too large; the largest exponent, of what is not finite, becomes a float's largest.
        Vector256<float> subnormal = (magnitude + Vector256.Create(113 << 23)).AsSingle() - Vector256.Create(1f / 16384f);
        Vector256<int> normal = magnitude + Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(31 << 23)), Vector256.Create(112 << 23), Vector256.Create(224 << 23));
        Vector256<int> value = Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(1 << 23)), subnormal.AsInt32(), normal);
        return (value | (bits & Vector256.Create(int.MinValue))).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalf(Vector256<float> value, ushort* to)
    {
        Vector256<uint> bits = value.AsUInt32();
        Vector256<uint> a = bits & Vector256.Create(0x7FFFFFFFu);
        Vector256<uint> normal = (a + Vector256.Create(0xC8000FFFu) + ((a >> 13) & Vector256<uint>.One)) >> 13;
        // Adding one half puts the subnormal's units at the end of the mantissa and lets the addition round.
        Vector256<uint> tiny = (a.AsSingle() + Vector256.Create(0.5f)).AsUInt32() - Vector256.Create(0x3F000000u);
        Vector256<uint> huge = Vector256.ConditionalSelect(
            Vector256.GreaterThan(a.AsInt32(), Vector256.Create(0x7F800000)).AsUInt32(), Vector256.Create(0x7E00u), Vector256.Create(0x7C00u));
        Vector256<uint> half = Vector256.ConditionalSelect(
            Vector256.LessThan(a.AsInt32(), Vector256.Create(0x38800000)).AsUInt32(), tiny, normal);
        half = Vector256.ConditionalSelect(Vector256.LessThan(a.AsInt32(), Vector256.Create(0x47800000)).AsUInt32(), half, huge);
        half |= (bits >> 16) & Vector256.Create(0x8000u);
        Vector128.Narrow(half.GetLower(), half.GetUpper()).Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadBFloat16(ushort* from) => (Avx2.ConvertToVector256Int32(from) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadBFloat16Pairs(ushort* from, out Vector256<float> even, out Vector256<float> odd)
    {
        Vector256<uint> pairs = Vector256.Load((uint*)from);
        even = (pairs << 16).AsSingle();
        odd = (pairs & Vector256.Create(0xFFFF0000u)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadFloat8(byte* from)
    {
        Vector256<int> bits = Avx2.ConvertToVector256Int32(from);
        Vector256<int> magnitude = bits & Vector256.Create(0x7F);
        Vector256<float> normal = ((magnitude << 20) + Vector256.Create(120 << 23)).AsSingle();
        // Exponent 0 has no hidden one: take it off again, at twice the weight that exponent would have.
        Vector256<float> tiny = (normal - Vector256.Create(0.0078125f)) * Vector256.Create(2f);
        Vector256<float> value = Vector256.ConditionalSelect(
            Vector256.LessThan(magnitude, Vector256.Create(8)).AsSingle(), tiny, normal);
        value = Vector256.ConditionalSelect(
            Vector256.Equals(magnitude, Vector256.Create(0x7F)).AsSingle(), Vector256.Create(float.NaN), value);
        return (value.AsInt32() | ((bits & Vector256.Create(0x80)) << 24)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadBytes(sbyte* from) => Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector256<float> value, sbyte* to) =>
        *(ulong*)to = Vector128.Narrow(
            Vector128.Narrow(Vector256.ConvertToInt32(value).GetLower(), Vector256.ConvertToInt32(value).GetUpper()),
            Vector128<short>.Zero).AsUInt64().ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadNibbles(byte* from, out Vector256<float> low, out Vector256<float> high)
    {
        Vector256<int> bytes = Avx2.ConvertToVector256Int32(from);
        low = Vector256.ConvertToSingle((bytes & Vector256.Create(15)) - Vector256.Create(8));
        high = Vector256.ConvertToSingle((bytes >>> 4) - Vector256.Create(8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Bytes(byte* from) => Vector256.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<byte> value, byte* to) => value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Same(byte value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Xor(Vector256<byte> a, Vector256<byte> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Words(byte* from, int step) => Vector256.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> GroupOrder(Vector256<byte> words) =>
        Avx2.PermuteVar8x32(words.AsInt32(), Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Bits(Vector256<byte> words, int left, byte mask) =>
        (left < 0 ? words.AsUInt32() >>> -left : words.AsUInt32() << left).AsByte() & Vector256.Create(mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LowNibbles(Vector256<byte> bytes) => bytes & Vector256.Create((byte)15);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> HighNibbles(Vector256<byte> bytes) =>
        (bytes.AsUInt16() >>> 4).AsByte() & Vector256.Create((byte)15);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Widen(Vector256<byte> bytes, out Vector256<byte> even, out Vector256<byte> odd)
    {
        even = ((bytes.AsInt16() << 8) >> 8).AsByte();
        odd = (bytes.AsInt16() >> 8).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> WideDots(Vector256<byte> a, Vector256<byte> b) => Avx2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> WideToFloats(Vector256<byte> first, Vector256<byte> second) =>
        Vector256.ConvertToSingle(first.AsInt32() + second.AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Halves(byte* from, out Vector256<byte> first, out Vector256<byte> second)
    {
        Vector256<byte> a = Vector256.Load(from);
        Vector256<byte> b = Vector256.Load(from + 32);
        first = Avx2.Permute2x128(a, b, 0x20);
        second = Avx2.Permute2x128(a, b, 0x31);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(ref Vector256<byte> a, ref Vector256<byte> b, ref Vector256<byte> c, ref Vector256<byte> d)
    {
        Vector256<long> ab = Avx2.UnpackLow(a.AsInt32(), b.AsInt32()).AsInt64();
        Vector256<long> cd = Avx2.UnpackLow(c.AsInt32(), d.AsInt32()).AsInt64();
        Vector256<long> abHigh = Avx2.UnpackHigh(a.AsInt32(), b.AsInt32()).AsInt64();
        Vector256<long> cdHigh = Avx2.UnpackHigh(c.AsInt32(), d.AsInt32()).AsInt64();
        a = Avx2.UnpackLow(ab, cd).AsByte();
        b = Avx2.UnpackHigh(ab, cd).AsByte();
        c = Avx2.UnpackLow(abHigh, cdHigh).AsByte();
        d = Avx2.UnpackHigh(abHigh, cdHigh).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> GroupOrder(Vector256<float> values) =>
        Avx2.PermuteVar8x32(values, Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AddDots(Vector256<byte> sums, Vector256<byte> unsigned, Vector256<byte> signed) =>
        AvxVnni.IsSupported
            ? AvxVnni.MultiplyWideningAndAdd(sums.AsInt32(), unsigned, signed.AsSByte()).AsByte()
            : (sums.AsInt16() + Avx2.MultiplyAddAdjacent(unsigned, signed.AsSByte())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Dots(Vector256<byte> unsigned, Vector256<byte> signed) =>
        AvxVnni.IsSupported
            ? AvxVnni.MultiplyWideningAndAdd(Vector256<int>.Zero, unsigned, signed.AsSByte()).AsByte()
            : Avx2.MultiplyAddAdjacent(unsigned, signed.AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AddSums(Vector256<byte> a, Vector256<byte> b) =>
        AvxVnni.IsSupported ? (a.AsInt32() + b.AsInt32()).AsByte() : (a.AsInt16() + b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Negate(Vector256<byte> sums) =>
        AvxVnni.IsSupported ? (-sums.AsInt32()).AsByte() : (-sums.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ToFloats(Vector256<byte> sums) => Vector256.ConvertToSingle(
        AvxVnni.IsSupported ? sums.AsInt32() : Avx2.MultiplyAddAdjacent(sums.AsInt16(), Vector256<short>.One));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AddWideDots(Vector256<byte> sums, Vector256<byte> a, Vector256<byte> b) =>
        (sums.AsInt32() + Avx2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16())).AsByte();
}
