using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Simd;

namespace GemmaVk.Cpu.Kernels.Products;

// Letters: C floats per vector, r row of the block.

/// <summary>
/// INT8 weights with INT8 activations where <see cref="IDotLanes{TF, TB}.TakesBytes"/>: the dot instruction wants unsigned
/// weights, so 128 is added to them (their top bit flips) and 128 times the columns' sum taken off first.
/// <code>
/// packed:  columns                       [8, 4C] INT8, four columns of every group per vector
///          -128 * sum of the columns     [C] INT32
///          units                         [C] F32
/// </code>
/// </summary>
internal readonly unsafe struct ByteDotTile<L, TF, TB, TScales> : IGroupTile
    where L : struct, IDotLanes<TF, TB>
    where TF : unmanaged
    where TB : unmanaged
    where TScales : struct, IGroupScales<TF>
{
    public static int Groups => L.Count;

    public static int GroupBytes => 32;

    public static int PackedBytes => 40 * L.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(sbyte* q, float* unit, byte* packed)
    {
        L.Halves((byte*)q, out TB a, out TB e);
        L.Halves((byte*)q + (8 * L.Count), out TB b, out TB f);
        L.Halves((byte*)q + (16 * L.Count), out TB c, out TB g);
        L.Halves((byte*)q + (24 * L.Count), out TB d, out TB h);
        L.Transpose(ref a, ref b, ref c, ref d);
        L.Transpose(ref e, ref f, ref g, ref h);
        TB offset = L.Same(128);
        TB sums = L.AddDots(L.AddDots(L.AddDots(L.Dots(offset, a), offset, b), offset, c), offset, d);
        sums = L.AddDots(L.AddDots(L.AddDots(L.AddDots(sums, offset, e), offset, f), offset, g), offset, h);
        L.Store(a, packed);
        L.Store(b, packed + (4 * L.Count));
        L.Store(c, packed + (8 * L.Count));
        L.Store(d, packed + (12 * L.Count));
        L.Store(e, packed + (16 * L.Count));
        L.Store(f, packed + (20 * L.Count));
        L.Store(g, packed + (24 * L.Count));
        L.Store(h, packed + (28 * L.Count));
        L.Store(L.Negate(sums), packed + (32 * L.Count));
        L.Store(L.GroupOrder(L.Load(unit)), (float*)(packed + (36 * L.Count)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(byte* weights, ushort* scales, byte* packed, int rows, float* sums)
    {
        L.Halves(weights, out TB a, out TB e);
        L.Halves(weights + (8 * L.Count), out TB b, out TB f);
        L.Halves(weights + (16 * L.Count), out TB c, out TB g);
        L.Halves(weights + (24 * L.Count), out TB d, out TB h);
        TB offset = L.Same(128);
        a = L.Xor(a, offset);
        b = L.Xor(b, offset);
        c = L.Xor(c, offset);
        d = L.Xor(d, offset);
        e = L.Xor(e, offset);
        f = L.Xor(f, offset);
        g = L.Xor(g, offset);
        h = L.Xor(h, offset);
        L.Transpose(ref a, ref b, ref c, ref d);
        L.Transpose(ref e, ref f, ref g, ref h);
        TF scale = L.GroupOrder(TScales.Load(scales));
        for (int r = 0; r < rows; r++)
        {
            // Two chains: half the latency.
            TB first = L.AddDots(L.Bytes(packed + (32 * L.Count)), a, L.Bytes(packed));
            TB second = L.Dots(e, L.Bytes(packed + (16 * L.Count)));
            first = L.AddDots(first, b, L.Bytes(packed + (4 * L.Count)));
            second = L.AddDots(second, f, L.Bytes(packed + (20 * L.Count)));
            first = L.AddDots(first, c, L.Bytes(packed + (8 * L.Count)));
            second = L.AddDots(second, g, L.Bytes(packed + (24 * L.Count)));
            first = L.AddDots(first, d, L.Bytes(packed + (12 * L.Count)));
            second = L.AddDots(second, h, L.Bytes(packed + (28 * L.Count)));
            TF factors = L.Multiply(scale, L.Load((float*)(packed + (36 * L.Count))));
            L.Store(L.Fma(L.ToFloats(L.AddSums(first, second)), factors, L.Load(sums)), sums);
            packed += PackedBytes;
            sums += L.Count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Total(float* sums) => L.Sum(L.Load(sums));
}
