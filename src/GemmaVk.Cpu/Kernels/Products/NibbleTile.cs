using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Simd;

namespace GemmaVk.Cpu.Kernels.Products;

// Letters: C floats per vector, r row of the block.

/// <summary>
/// INT4 weights with INT8 activations. Nibbles are made once per block and meet every row; the offset 8 is taken from a
/// group's dot before it is scaled, as a first summand that was made when the row was packed.
/// <code>
/// packed:  4 x (even columns, odd columns)   [8, 4C] INT8, four columns of every group per vector
///          -8 * sum of the columns           [4C] bytes, in the form of the dots
///          units                             [C] F32
/// </code>
/// In 16 bits: a lane sums 16 columns, 15 * 127 * 16 = 30480 at most, and less once the offset is in.
/// </summary>
internal readonly unsafe struct NibbleTile<L, TF, TB, TScales> : IGroupTile
    where L : struct, IDotLanes<TF, TB>
    where TF : unmanaged
    where TB : unmanaged
    where TScales : struct, IGroupScales<TF>
{
    public static int Groups => L.Count;

    public static int GroupBytes => 16;

    public static int PackedBytes => 40 * L.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(sbyte* q, float* unit, byte* packed)
    {
        // The order that QuantizeRows gives these rows: in each group even columns first.
        L.Halves((byte*)q, out TB a, out TB e);
        L.Halves((byte*)q + (8 * L.Count), out TB b, out TB f);
        L.Halves((byte*)q + (16 * L.Count), out TB c, out TB g);
        L.Halves((byte*)q + (24 * L.Count), out TB d, out TB h);
        L.Transpose(ref a, ref b, ref c, ref d);
        L.Transpose(ref e, ref f, ref g, ref h);
        TB eight = L.Same(8);
        TB sums = L.AddDots(L.AddDots(L.AddDots(L.AddDots(L.Same(0), eight, a), eight, b), eight, c), eight, d);
        sums = L.AddDots(L.AddDots(L.AddDots(L.AddDots(sums, eight, e), eight, f), eight, g), eight, h);
        L.Store(a, packed);
        L.Store(e, packed + (4 * L.Count));
        L.Store(b, packed + (8 * L.Count));
        L.Store(f, packed + (12 * L.Count));
        L.Store(c, packed + (16 * L.Count));
        L.Store(g, packed + (20 * L.Count));
        L.Store(d, packed + (24 * L.Count));
        L.Store(h, packed + (28 * L.Count));
        L.Store(L.Negate(sums), packed + (32 * L.Count));
        L.Store(L.GroupOrder(L.Load(unit)), (float*)(packed + (36 * L.Count)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(byte* weights, ushort* scales, byte* packed, int rows, float* sums)
    {
        TB a = L.Bytes(weights);
        TB b = L.Bytes(weights + (4 * L.Count));
        TB c = L.Bytes(weights + (8 * L.Count));
        TB d = L.Bytes(weights + (12 * L.Count));
        L.Transpose(ref a, ref b, ref c, ref d);
        TB e = L.HighNibbles(a), f = L.HighNibbles(b), g = L.HighNibbles(c), h = L.HighNibbles(d);
        a = L.LowNibbles(a);
        b = L.LowNibbles(b);
        c = L.LowNibbles(c);
        d = L.LowNibbles(d);
        TF scale = L.GroupOrder(TScales.Load(scales));
        for (int r = 0; r < rows; r++)
        {
            // Two chains: half the latency.
            TB first = L.AddDots(L.Bytes(packed + (32 * L.Count)), a, L.Bytes(packed));
            TB second = L.Dots(e, L.Bytes(packed + (4 * L.Count)));
            first = L.AddDots(first, b, L.Bytes(packed + (8 * L.Count)));
            second = L.AddDots(second, f, L.Bytes(packed + (12 * L.Count)));
            first = L.AddDots(first, c, L.Bytes(packed + (16 * L.Count)));
            second = L.AddDots(second, g, L.Bytes(packed + (20 * L.Count)));
            first = L.AddDots(first, d, L.Bytes(packed + (24 * L.Count)));
            second = L.AddDots(second, h, L.Bytes(packed + (28 * L.Count)));
            TF dots = L.ToFloats(L.AddSums(first, second));
            TF factors = L.Multiply(scale, L.Load((float*)(packed + (36 * L.Count))));
            L.Store(L.Fma(dots, factors, L.Load(sums)), sums);
            packed += PackedBytes;
            sums += L.Count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Total(float* sums) => L.Sum(L.Load(sums));
}
