using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GemmaVk.Cpu.Simd;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Products;

// Letters: C floats per vector, r row of the block.

/// <summary>
/// Formats of <see cref="KBlocks"/> with INT8 activations. As in <see cref="NibbleTile{L, TF, TB, TScales}"/> a block's integers are made once and meet every row;
/// where vectors have four floats, a block of eight groups is two parts.
/// <code>
/// packed:  4 x (even columns, odd columns)            [8, 4C] INT8, four columns of every group per vector
///          Q4K, Q5K: unit * sum of the columns        [C] F32, which minima are multiplied by
///          Q6K: -32 * sum of the columns, by halves   [2, 4C] bytes, in the form of the dots
///          units                                      [C] F32
/// </code>
/// In 16 bits: a lane sums 16 columns of Q4K (15 * 127 * 16 = 30480 at most), 8 of Q5K (31 * 127 * 8 = 31496), and 8 of Q6K with their offset (32 * 127 * 8 = 32512),
/// whatever it wraps to on the way.
/// </summary>
internal readonly unsafe struct KTile<L, TF, TB, TWeights> : IGroupTile
    where L : struct, IDotLanes<TF, TB>
    where TF : unmanaged
    where TB : unmanaged
    where TWeights : struct, IKWeights
{
    public static int Groups
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => L.Count < 8 ? 8 : L.Count;
    }

    public static int GroupBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => KBlocks.Bytes(TWeights.Format) / 8;
    }

    public static int PackedBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (TWeights.Format == DType.Q6K ? 44 : 40) * (L.Count < 8 ? 8 : L.Count);
    }

    private static bool IsAffine
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TWeights.Format != DType.Q6K;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Scales(int groups) => groups / 8 * KBlocks.HeaderUnits(TWeights.Format);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(sbyte* q, float* unit, byte* packed)
    {
        PackPart((byte*)q, unit, packed);
        if (Groups > L.Count)
        {
            PackPart((byte*)q + (32 * L.Count), unit + L.Count, packed + ((IsAffine ? 40 : 44) * L.Count));
        }
    }

    public static bool TakesSpans => true;

    public static void Add(byte* weights, ushort* scales, byte* packed, int rows, float* sums) => AddSpan(weights, scales, packed, rows, 1, weights, sums);

    // A method of its own: with the driver's loop it would be more than the compiler inlines into one, and its constants stay in registers.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void AddSpan(byte* weights, ushort* scales, byte* packed, int rows, int blocks, byte* ahead, float* sums)
    {
        for (int block = 0; block < blocks; block++)
        {
            for (int line = 0; line < Groups * GroupBytes; line += 64)
            {
                VectorOps.PrefetchNear(ahead + line);
            }

            AddPart(weights, scales, 0, packed, rows, sums);
            if (Groups > L.Count)
            {
                AddPart(weights, scales, 1, packed + ((IsAffine ? 40 : 44) * L.Count), rows, sums + L.Count);
            }

            weights += Groups * GroupBytes;
            ahead += Groups * GroupBytes;
            scales += Scales(Groups);
            packed += rows * PackedBytes;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Total(float* sums) => L.Sum(Groups == L.Count ? L.Load(sums) : L.Add(L.Load(sums), L.Load(sums + L.Count)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PackPart(byte* q, float* unit, byte* packed)
    {
        // The order that QuantizeRows gives these rows: in each group even columns first.
        L.Halves(q, out TB a, out TB e);
        L.Halves(q + (8 * L.Count), out TB b, out TB f);
        L.Halves(q + (16 * L.Count), out TB c, out TB g);
        L.Halves(q + (24 * L.Count), out TB d, out TB h);
        L.Transpose(ref a, ref b, ref c, ref d);
        L.Transpose(ref e, ref f, ref g, ref h);
        L.Store(a, packed);
        L.Store(e, packed + (4 * L.Count));
        L.Store(b, packed + (8 * L.Count));
        L.Store(f, packed + (12 * L.Count));
        L.Store(c, packed + (16 * L.Count));
        L.Store(g, packed + (20 * L.Count));
        L.Store(d, packed + (24 * L.Count));
        L.Store(h, packed + (28 * L.Count));
        TB weight = L.Same((byte)(IsAffine ? 1 : KBlocks.Offset));
        TB first = L.AddDots(L.AddDots(L.AddDots(L.Dots(weight, a), weight, e), weight, b), weight, f);
        TB second = L.AddDots(L.AddDots(L.AddDots(L.Dots(weight, c), weight, g), weight, d), weight, h);
        TF units = L.GroupOrder(L.Load(unit));
        if (IsAffine)
        {
            L.Store(L.Multiply(L.ToFloats(L.AddSums(first, second)), units), (float*)(packed + (32 * L.Count)));
        }
        else
        {
            L.Store(L.Negate(first), packed + (32 * L.Count));
            L.Store(L.Negate(second), packed + (36 * L.Count));
        }

        L.Store(units, (float*)(packed + ((IsAffine ? 36 : 40) * L.Count)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddPart(byte* weights, ushort* scales, int part, byte* packed, int rows, float* sums)
    {
        byte* nibbles = weights + (part * 64);
        TB a = L.Bytes(nibbles);
        TB b = L.Bytes(nibbles + (4 * L.Count));
        TB c = L.Bytes(L.Count == 16 ? nibbles + KBlocks.Bytes(TWeights.Format) : nibbles + (8 * L.Count));
        TB d = L.Bytes(L.Count == 16 ? nibbles + KBlocks.Bytes(TWeights.Format) + 64 : nibbles + (12 * L.Count));
        L.Transpose(ref a, ref b, ref c, ref d);
        TB e = L.HighNibbles(a), f = L.HighNibbles(b), g = L.HighNibbles(c), h = L.HighNibbles(d);
        a = L.LowNibbles(a);
        b = L.LowNibbles(b);
        c = L.LowNibbles(c);
        d = L.LowNibbles(d);
        if (TWeights.Format == DType.Q5K)
        {
            TB fifth = L.GroupOrder(L.Words(weights + 128 + (part * 16), KBlocks.Bytes(TWeights.Format)));
            a = L.Xor(a, L.Bits(fifth, 4, 0x10));
            e = L.Xor(e, L.Bits(fifth, 3, 0x10));
            b = L.Xor(b, L.Bits(fifth, 2, 0x10));
            f = L.Xor(f, L.Bits(fifth, 1, 0x10));
            c = L.Xor(c, L.Bits(fifth, 0, 0x10));
            g = L.Xor(g, L.Bits(fifth, -1, 0x10));
            d = L.Xor(d, L.Bits(fifth, -2, 0x10));
            h = L.Xor(h, L.Bits(fifth, -3, 0x10));
        }
        else if (TWeights.Format == DType.Q6K)
        {
            TB upper = L.GroupOrder(L.Words(weights + 128 + (part * 16), KBlocks.Bytes(TWeights.Format)));
            a = L.Xor(a, L.Bits(upper, 4, 0x30));
            e = L.Xor(e, L.Bits(upper, 2, 0x30));
            b = L.Xor(b, L.Bits(upper, 0, 0x30));
            f = L.Xor(f, L.Bits(upper, -2, 0x30));
            upper = L.GroupOrder(L.Words(weights + 160 + (part * 16), KBlocks.Bytes(TWeights.Format)));
            c = L.Xor(c, L.Bits(upper, 4, 0x30));
            g = L.Xor(g, L.Bits(upper, 2, 0x30));
            d = L.Xor(d, L.Bits(upper, 0, 0x30));
            h = L.Xor(h, L.Bits(upper, -2, 0x30));
        }

        // The second vector: what is taken off, or the scales of second halves.
        Headers(scales, part, out TF scale, out TF other);
        for (int r = 0; r < rows; r++)
        {
            TF factors = L.Load((float*)(packed + ((IsAffine ? 36 : 40) * L.Count))), sum = L.Load(sums);
            // Two chains: half the latency.
            TB first = IsAffine ? L.Dots(a, L.Bytes(packed)) : L.AddDots(L.Bytes(packed + (32 * L.Count)), a, L.Bytes(packed));
            TB second = IsAffine ? L.Dots(c, L.Bytes(packed + (16 * L.Count))) : L.AddDots(L.Bytes(packed + (36 * L.Count)), c, L.Bytes(packed + (16 * L.Count)));
            first = L.AddDots(first, e, L.Bytes(packed + (4 * L.Count)));
            second = L.AddDots(second, g, L.Bytes(packed + (20 * L.Count)));
            first = L.AddDots(first, b, L.Bytes(packed + (8 * L.Count)));
            second = L.AddDots(second, d, L.Bytes(packed + (24 * L.Count)));
            first = L.AddDots(first, f, L.Bytes(packed + (12 * L.Count)));
            second = L.AddDots(second, h, L.Bytes(packed + (28 * L.Count)));
            if (IsAffine)
            {
                sum = L.Fma(other, L.Load((float*)(packed + (32 * L.Count))), sum);
                TF dots = TWeights.Format == DType.Q4K ? L.ToFloats(L.AddSums(first, second)) : L.Add(L.ToFloats(first), L.ToFloats(second));
                sum = L.Fma(dots, L.Multiply(scale, factors), sum);
            }
            else
            {
                sum = L.Fma(L.ToFloats(first), L.Multiply(scale, factors), sum);
                sum = L.Fma(L.ToFloats(second), L.Multiply(other, factors), sum);
            }

            L.Store(sum, sums);
            packed += PackedBytes;
            sums += Groups;
        }
    }

    /// <summary>Headers in the order of the groups' lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Headers(ushort* header, int part, out TF first, out TF second)
    {
        if (L.Count == 16)
        {
            Vector512<float> a, b;
            if (IsAffine)
            {
                KHeaders.Affine(header, out a, out b);
            }
            else
            {
                KHeaders.Halved(header, out a, out b);
            }

            (first, second) = (Unsafe.BitCast<Vector512<float>, TF>(a), Unsafe.BitCast<Vector512<float>, TF>(b));
            return;
        }

        Vector256<float> c, d;
        if (IsAffine)
        {
            KHeaders.Affine(header, out c, out d);
        }
        else
        {
            KHeaders.Halved(header, out c, out d);
        }

        if (L.Count == 8)
        {
            first = L.GroupOrder(Unsafe.BitCast<Vector256<float>, TF>(c));
            second = L.GroupOrder(Unsafe.BitCast<Vector256<float>, TF>(d));
        }
        else
        {
            first = Unsafe.BitCast<Vector128<float>, TF>(part == 0 ? c.GetLower() : c.GetUpper());
            second = Unsafe.BitCast<Vector128<float>, TF>(part == 0 ? d.GetLower() : d.GetUpper());
        }
    }
}
