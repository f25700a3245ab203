using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace GemmaVk.Cpu.Simd;

/// <summary>128-bit vectors in portable code, with the dot instructions of SSE and NEON where they exist.</summary>
internal readonly unsafe struct Lanes128 : IDotLanes<Vector128<float>, Vector128<byte>>
{
    public static int Count => 4;

    public static bool TakesBytes => false;

    public static Vector128<float> Zero => Vector128<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Create(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* from) => Vector128.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> value, float* to) => value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Divide(Vector128<float> a, Vector128<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fma(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
        AdvSimd.IsSupported ? AdvSimd.FusedMultiplyAdd(c, a, b)
        : System.Runtime.Intrinsics.X86.Fma.IsSupported ? System.Runtime.Intrinsics.X86.Fma.MultiplyAdd(a, b, c)
        : (a * b) + c;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Max(Vector128<float> a, Vector128<float> b) =>
        Vector128.ConditionalSelect(Vector128.GreaterThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Min(Vector128<float> a, Vector128<float> b) =>
        Vector128.ConditionalSelect(Vector128.LessThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Clamp(Vector128<float> a, float low, float high)
    {
        a = Vector128.ConditionalSelect(Vector128.GreaterThan(a, Vector128.Create(high)), Vector128.Create(high), a);
        return Vector128.ConditionalSelect(Vector128.LessThan(a, Vector128.Create(low)), Vector128.Create(low), a);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Abs(Vector128<float> a) => Vector128.Abs(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Round(Vector128<float> a)
    {
        // Adding 1.5 * 2^23 leaves no room for a fraction, so the addition itself rounds to nearest even.
        Vector128<float> magic = Vector128.Create(12582912f);
        return Vector128.ConditionalSelect(Vector128.LessThan(Vector128.Abs(a), Vector128.Create(4194304f)), (a + magic) - magic, a);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> WhereBelow(Vector128<float> test, float bound, Vector128<float> a, Vector128<float> b) =>
        Vector128.ConditionalSelect(Vector128.LessThan(Vector128.Abs(test), Vector128.Create(bound)), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Scale2(Vector128<float> a, Vector128<float> n) =>
        a * ((Vector128.ConvertToInt32(n) + Vector128.Create(127)) << 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector128<float> a)
    {
        Vector128<float> halves = a + Vector128.Shuffle(a, Vector128.Create(2, 3, 0, 1));
        return halves.GetElement(0) + halves.GetElement(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Vector128<float> a)
    {
        Vector128<float> halves = Max(a, Vector128.Shuffle(a, Vector128.Create(2, 3, 0, 1)));
        return Max(halves, Vector128.Shuffle(halves, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyAtLeast(Vector128<float> a, Vector128<float> b) => Vector128.GreaterThanOrEqualAny(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadHalf(ushort* from)
    {
        // The half's exponent and mantissa in a float's places are the value times 2^-112; its sign is spread by the widening.
        Vector128<int> bits = Vector128.WidenLower(Vector128.CreateScalar(*(ulong*)from).AsInt16()) << 13;
        Vector128<float> value = (bits & Vector128.Create(unchecked((int)0x8FFFE000))).AsSingle() * Vector128.Create(5.192296858534828e33f);
        Vector128<float> special = (value.AsInt32() | Vector128.Create(0x7F800000)).AsSingle();
        return WhereBelow(value, 65536f, value, special);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadHalfScales(ushort* from)
    {
        Vector128<int> bits = Vector128.WidenLower(Vector128.CreateScalar(*(long*)from).AsInt16());
        Vector128<int> magnitude = (bits & Vector128.Create(0x7FFF)) << 13;
        // With the exponent of 2^-14 a subnormal's mantissa is that much too large; the largest exponent, of what is not finite, becomes a float's largest.
        Vector128<float> subnormal = (magnitude + Vector128.Create(113 << 23)).AsSingle() - Vector128.Create(1f / 16384f);
        Vector128<int> normal = magnitude + Vector128.ConditionalSelect(Vector128.LessThan(magnitude, Vector128.Create(31 << 23)), Vector128.Create(112 << 23), Vector128.Create(224 << 23));
        Vector128<int> value = Vector128.ConditionalSelect(Vector128.LessThan(magnitude, Vector128.Create(1 << 23)), subnormal.AsInt32(), normal);
        return (value | (bits & Vector128.Create(int.MinValue))).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalf(Vector128<float> value, ushort* to)
    {
        Vector128<uint> bits = value.AsUInt32();
        Vector128<uint> a = bits & Vector128.Create(0x7FFFFFFFu);
        Vector128<uint> normal = (a + Vector128.Create(0xC8000FFFu) + ((a >> 13) & Vector128<uint>.One)) >> 13;
        // Adding one half puts the subnormal's units at the end of the mantissa and lets the addition round.
        Vector128<uint> tiny = (a.AsSingle() + Vector128.Create(0.5f)).AsUInt32() - Vector128.Create(0x3F000000u);
        Vector128<uint> huge = Vector128.ConditionalSelect(
            Vector128.GreaterThan(a.AsInt32(), Vector128.Create(0x7F800000)).AsUInt32(), Vector128.Create(0x7E00u), Vector128.Create(0x7C00u));
        Vector128<uint> half = Vector128.ConditionalSelect(
            Vector128.LessThan(a.AsInt32(), Vector128.Create(0x38800000)).AsUInt32(), tiny, normal);
        half = Vector128.ConditionalSelect(Vector128.LessThan(a.AsInt32(), Vector128.Create(0x47800000)).AsUInt32(), half, huge);
        half |= (bits >> 16) & Vector128.Create(0x8000u);
        *(ulong*)to = Vector128.Narrow(half, half).AsUInt64().ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadBFloat16(ushort* from) =>
        (Vector128.WidenLower(Vector128.CreateScalar(*(ulong*)from).AsUInt16()) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadBFloat16Pairs(ushort* from, out Vector128<float> even, out Vector128<float> odd)
    {
        Vector128<uint> pairs = Vector128.Load((uint*)from);
        even = (pairs << 16).AsSingle();
        odd = (pairs & Vector128.Create(0xFFFF0000u)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadFloat8(byte* from)
    {
        Vector128<int> bits = Widen(*(uint*)from).AsInt32();
        Vector128<int> magnitude = bits & Vector128.Create(0x7F);
        Vector128<float> normal = ((magnitude << 20) + Vector128.Create(120 << 23)).AsSingle();
        // Exponent 0 has no hidden one: take it off again, at twice the weight that exponent would have.
        Vector128<float> tiny = (normal - Vector128.Create(0.0078125f)) * Vector128.Create(2f);
        Vector128<float> value = Vector128.ConditionalSelect(
            Vector128.LessThan(magnitude, Vector128.Create(8)).AsSingle(), tiny, normal);
        value = Vector128.ConditionalSelect(
            Vector128.Equals(magnitude, Vector128.Create(0x7F)).AsSingle(), Vector128.Create(float.NaN), value);
        return (value.AsInt32() | ((bits & Vector128.Create(0x80)) << 24)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadBytes(sbyte* from) =>
        Vector128.ConvertToSingle((Widen(*(uint*)from) << 24).AsInt32() >> 24);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector128<float> value, sbyte* to) =>
        *(uint*)to = Vector128.Narrow(
            Vector128.Narrow(Vector128.ConvertToInt32(value), Vector128<int>.Zero), Vector128<short>.Zero).AsUInt32().ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadNibbles(byte* from, out Vector128<float> low, out Vector128<float> high)
    {
        Vector128<int> bytes = Widen(*(uint*)from).AsInt32();
        low = Vector128.ConvertToSingle((bytes & Vector128.Create(15)) - Vector128.Create(8));
        high = Vector128.ConvertToSingle((bytes >>> 4) - Vector128.Create(8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Bytes(byte* from) => Vector128.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> value, byte* to) => value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Same(byte value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Xor(Vector128<byte> a, Vector128<byte> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Words(byte* from, int step) => Vector128.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> GroupOrder(Vector128<byte> words) =>
        words;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Bits(Vector128<byte> words, int left, byte mask) =>
        (left < 0 ? words.AsUInt32() >>> -left : words.AsUInt32() << left).AsByte() & Vector128.Create(mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LowNibbles(Vector128<byte> bytes) => bytes & Vector128.Create((byte)15);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> HighNibbles(Vector128<byte> bytes) =>
        (bytes.AsUInt16() >>> 4).AsByte() & Vector128.Create((byte)15);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Widen(Vector128<byte> bytes, out Vector128<byte> even, out Vector128<byte> odd)
    {
        even = ((bytes.AsInt16() << 8) >> 8).AsByte();
        odd = (bytes.AsInt16() >> 8).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> WideDots(Vector128<byte> a, Vector128<byte> b) => AddWideDots(Vector128<byte>.Zero, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> WideToFloats(Vector128<byte> first, Vector128<byte> second) =>
        Vector128.ConvertToSingle(first.AsInt32() + second.AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Halves(byte* from, out Vector128<byte> first, out Vector128<byte> second)
    {
        first = Vector128.Load(from);
        second = Vector128.Load(from + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(ref Vector128<byte> a, ref Vector128<byte> b, ref Vector128<byte> c, ref Vector128<byte> d)
    {
        Vector128<ulong> ab = InterleaveLow(a.AsUInt32(), b.AsUInt32());
        Vector128<ulong> cd = InterleaveLow(c.AsUInt32(), d.AsUInt32());
        Vector128<ulong> abHigh = InterleaveHigh(a.AsUInt32(), b.AsUInt32());
        Vector128<ulong> cdHigh = InterleaveHigh(c.AsUInt32(), d.AsUInt32());
        a = Vector128.Create(ab.GetLower(), cd.GetLower()).AsByte();
        b = Vector128.Create(ab.GetUpper(), cd.GetUpper()).AsByte();
        c = Vector128.Create(abHigh.GetLower(), cdHigh.GetLower()).AsByte();
        d = Vector128.Create(abHigh.GetUpper(), cdHigh.GetUpper()).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> GroupOrder(Vector128<float> values) => values;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddDots(Vector128<byte> sums, Vector128<byte> unsigned, Vector128<byte> signed)
    {
        if (Ssse3.IsSupported)
        {
            return (sums.AsInt16() + Ssse3.MultiplyAddAdjacent(unsigned, signed.AsSByte())).AsByte();
        }

        // Nibbles and integers of six bits are signed bytes too.
        if (Dp.IsSupported)
        {
            return Dp.DotProduct(sums.AsInt32(), unsigned.AsSByte(), signed.AsSByte()).AsByte();
        }

        Widen(signed, out Vector128<byte> even, out Vector128<byte> odd);
        Vector128<short> evens = (unsigned.AsInt16() & Vector128.Create((short)0xFF)) * even.AsInt16();
        return (sums.AsInt16() + evens + ((unsigned.AsUInt16() >>> 8).AsInt16() * odd.AsInt16())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Dots(Vector128<byte> unsigned, Vector128<byte> signed) =>
        AddDots(Vector128<byte>.Zero, unsigned, signed);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddSums(Vector128<byte> a, Vector128<byte> b) =>
        !Ssse3.IsSupported && Dp.IsSupported ? (a.AsInt32() + b.AsInt32()).AsByte() : (a.AsInt16() + b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Negate(Vector128<byte> sums) =>
        !Ssse3.IsSupported && Dp.IsSupported ? (-sums.AsInt32()).AsByte() : (-sums.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ToFloats(Vector128<byte> sums) => Vector128.ConvertToSingle(
        !Ssse3.IsSupported && Dp.IsSupported ? sums.AsInt32() : ((sums.AsInt32() << 16) >> 16) + (sums.AsInt32() >> 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddWideDots(Vector128<byte> sums, Vector128<byte> a, Vector128<byte> b)
    {
        if (Sse2.IsSupported)
        {
            return (sums.AsInt32() + Sse2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16())).AsByte();
        }

        Vector128<int> low = ((a.AsInt32() << 16) >> 16) * ((b.AsInt32() << 16) >> 16);
        return (sums.AsInt32() + low + ((a.AsInt32() >> 16) * (b.AsInt32() >> 16))).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> InterleaveLow(Vector128<uint> a, Vector128<uint> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b).AsUInt64() : Vector128.WidenLower(a) | (Vector128.WidenLower(b) << 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> InterleaveHigh(Vector128<uint> a, Vector128<uint> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a, b).AsUInt64() : Vector128.WidenUpper(a) | (Vector128.WidenUpper(b) << 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Widen(uint bytes) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(bytes).AsByte()));
}
