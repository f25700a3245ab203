using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.Simd;

namespace GemmaVk.Cpu.Kernels.Products;

/// <summary>Q4 or Q8 weights with INT8 activations by machine code: <see cref="DotKernel"/> says how a row is packed.</summary>
internal readonly unsafe struct DotCodeTile<TWeights> : IGroupTile
    where TWeights : struct, IDotWeights
{
    public static int Groups => DotKernel.C;

    public static int GroupBytes => TWeights.GroupBytes;

    public static int PackedBytes => DotKernel.PackedBytes;

    public static bool TakesSpans => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(sbyte* q, float* unit, byte* packed)
    {
        Lanes512.Halves((byte*)q, out Vector512<byte> a, out Vector512<byte> e);
        Lanes512.Halves((byte*)q + 128, out Vector512<byte> b, out Vector512<byte> f);
        Lanes512.Halves((byte*)q + 256, out Vector512<byte> c, out Vector512<byte> g);
        Lanes512.Halves((byte*)q + 384, out Vector512<byte> d, out Vector512<byte> h);
        Lanes512.Transpose(ref a, ref b, ref c, ref d);
        Lanes512.Transpose(ref e, ref f, ref g, ref h);
        Vector512<int> sums = Sums(a) + Sums(b) + Sums(c) + Sums(d) + Sums(e) + Sums(f) + Sums(g) + Sums(h);
        (int step, int second) = TWeights.TakeTurns ? (128, 64) : (64, 256);
        a.Store(packed);
        b.Store(packed + step);
        c.Store(packed + (2 * step));
        d.Store(packed + (3 * step));
        e.Store(packed + second);
        f.Store(packed + second + step);
        g.Store(packed + second + (2 * step));
        h.Store(packed + second + (3 * step));
        (-(sums << TWeights.OffsetBits)).Store((int*)(packed + 512));
        Lanes512.GroupOrder(Lanes512.Load(unit)).Store((float*)(packed + 576));
    }

    public static void Add(byte* weights, ushort* scales, byte* packed, int rows, float* sums) =>
        AddSpan(weights, scales, packed, rows, 1, weights, sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddSpan(byte* weights, ushort* scales, byte* packed, int rows, int blocks, byte* ahead, float* sums)
    {
        DotArguments arguments = new() { Weights = weights, Scales = scales, Packed = packed, Sums = sums, Ahead = ahead, Blocks = blocks };
        TWeights.Code(rows)(&arguments);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Total(float* sums) => Lanes512.Sum(Lanes512.Load(sums));

    /// <summary>Four bytes a lane, added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Sums(Vector512<byte> bytes) =>
        Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512<byte>.One, bytes.AsSByte()), Vector512<short>.One);
}
