using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Simd;

namespace GemmaVk.Cpu.Kernels.Products;

// Letters: C floats per vector, r row of the block.

/// <summary>
/// INT8 weights with INT8 activations on a machine without four-byte dots. Products of signed bytes need 16 bits on both
/// sides: activations are widened when they are packed, weights once per block.
/// <code>
/// packed:  8 x (columns 0 and 2, columns 1 and 3) of four    [16, 2C] INT16, two columns of every group per vector
///          units                                             [C] F32
/// </code>
/// </summary>
internal readonly unsafe struct ByteTile<L, TF, TB, TScales> : IGroupTile
    where L : struct, IDotLanes<TF, TB>
    where TF : unmanaged
    where TB : unmanaged
    where TScales : struct, IGroupScales<TF>
{
    public static int Groups => L.Count;

    public static int GroupBytes => 32;

    public static int PackedBytes => 68 * L.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(sbyte* q, float* unit, byte* packed)
    {
        L.Halves((byte*)q, out TB a, out TB e);
        L.Halves((byte*)q + (8 * L.Count), out TB b, out TB f);
        L.Halves((byte*)q + (16 * L.Count), out TB c, out TB g);
        L.Halves((byte*)q + (24 * L.Count), out TB d, out TB h);
        L.Transpose(ref a, ref b, ref c, ref d);
        L.Transpose(ref e, ref f, ref g, ref h);
        Store(a, packed);
        Store(b, packed + (8 * L.Count));
        Store(c, packed + (16 * L.Count));
        Store(d, packed + (24 * L.Count));
        Store(e, packed + (32 * L.Count));
        Store(f, packed + (40 * L.Count));
        Store(g, packed + (48 * L.Count));
        Store(h, packed + (56 * L.Count));
        L.Store(L.GroupOrder(L.Load(unit)), (float*)(packed + (64 * L.Count)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(byte* weights, ushort* scales, byte* packed, int rows, float* sums)
    {
        L.Halves(weights, out TB a, out TB e);
        L.Halves(weights + (8 * L.Count), out TB b, out TB f);
        L.Halves(weights + (16 * L.Count), out TB c, out TB g);
        L.Halves(weights + (24 * L.Count), out TB d, out TB h);
        L.Transpose(ref a, ref b, ref c, ref d);
        L.Transpose(ref e, ref f, ref g, ref h);
        L.Widen(a, out TB a0, out TB a1);
        L.Widen(b, out TB b0, out TB b1);
        L.Widen(c, out TB c0, out TB c1);
        L.Widen(d, out TB d0, out TB d1);
        L.Widen(e, out TB e0, out TB e1);
        L.Widen(f, out TB f0, out TB f1);
        L.Widen(g, out TB g0, out TB g1);
        L.Widen(h, out TB h0, out TB h1);
        TF scale = L.GroupOrder(TScales.Load(scales));
        for (int r = 0; r < rows; r++)
        {
            // Two chains: half the latency.
            TB first = L.WideDots(a0, L.Bytes(packed));
            TB second = L.WideDots(a1, L.Bytes(packed + (4 * L.Count)));
            first = L.AddWideDots(first, b0, L.Bytes(packed + (8 * L.Count)));
            second = L.AddWideDots(second, b1, L.Bytes(packed + (12 * L.Count)));
            first = L.AddWideDots(first, c0, L.Bytes(packed + (16 * L.Count)));
            second = L.AddWideDots(second, c1, L.Bytes(packed + (20 * L.Count)));
            first = L.AddWideDots(first, d0, L.Bytes(packed + (24 * L.Count)));
            second = L.AddWideDots(second, d1, L.Bytes(packed + (28 * L.Count)));
            first = L.AddWideDots(first, e0, L.Bytes(packed + (32 * L.Count)));
            second = L.AddWideDots(second, e1, L.Bytes(packed + (36 * L.Count)));
            first = L.AddWideDots(first, f0, L.Bytes(packed + (40 * L.Count)));
            second = L.AddWideDots(second, f1, L.Bytes(packed + (44 * L.Count)));
            first = L.AddWideDots(first, g0, L.Bytes(packed + (48 * L.Count)));
            second = L.AddWideDots(second, g1, L.Bytes(packed + (52 * L.Count)));
            first = L.AddWideDots(first, h0, L.Bytes(packed + (56 * L.Count)));
            second = L.AddWideDots(second, h1, L.Bytes(packed + (60 * L.Count)));
            TF factors = L.Multiply(scale, L.Load((float*)(packed + (64 * L.Count))));
            L.Store(L.Fma(L.WideToFloats(first, second), factors, L.Load(sums)), sums);
            packed += PackedBytes;
            sums += L.Count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Total(float* sums) => L.Sum(L.Load(sums));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TB bytes, byte* to)
    {
        L.Widen(bytes, out TB even, out TB odd);
        L.Store(even, to);
        L.Store(odd, to + (4 * L.Count));
    }
}
