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
    public static Vector256<byte> LowNibbles(Vector256<byte> bytes) => bytes & Vector256.Create((byte)15);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> HighNibbles(Vector256<byte> bytes) =>
        (bytes.AsUInt16() >>> 4).AsByte() & Vector256.Create((byte)15);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> DotNibbles(Vector256<byte> low, Vector256<byte> high, Vector256<byte> even, Vector256<byte> odd)
    {
        Vector256<short> pairs = Avx2.MultiplyAddAdjacent(low, even.AsSByte()) + Avx2.MultiplyAddAdjacent(high, odd.AsSByte());
        return Vector256.ConvertToSingle(Avx2.MultiplyAddAdjacent(pairs, Vector256<short>.One));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> GroupScales(ushort* from)
    {
        // Bytes 2g, 2g + 1 into the upper half of the four lanes of group g; -1 gives zero.
        Vector256<byte> places = Vector256.Create(
            -1, -1, 0, 1, -1, -1, 0, 1, -1, -1, 0, 1, -1, -1, 0, 1, -1, -1, 2, 3, -1, -1, 2, 3, -1, -1, 2, 3, -1, -1, 2, (sbyte)3).AsByte();
        return Avx2.Shuffle(Vector256.Create(*(uint*)from).AsByte(), places).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> GroupUnits(float* from) =>
        Vector256.Create(Vector128.Create(from[0]), Vector128.Create(from[1]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> DotBytes(sbyte* weights, short* activations)
    {
        Vector256<int> first = Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(weights), Vector256.Load(activations));
        Vector256<int> second = Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(weights + 16), Vector256.Load(activations + 16));
        return Vector256.ConvertToSingle(first + second);
    }
}
