using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GemmaVk.Cpu.Kernels.Products;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.Simd;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Coded;

// Letters: C floats per vector, r row of the block.

/// <summary>
/// Q4 or Q8 weights with INT8 activations by machine code with each group in its own lane.
/// <code>
/// packed:  activations         [8, 4C] INT8, four columns of every group per vector; of nibbles even and odd columns take turns
///          -offset * their sum [C] INT32, where the instruction wants weights without a sign
///          units               [C] F32
/// sums:    [rows, 2, C] F32
/// </code>
/// </summary>
internal readonly unsafe struct DotCodeTile<L, TF, TB, TWeights, TScales> : ICodeTile
    where L : struct, IDotLanes<TF, TB>
    where TF : unmanaged
    where TB : unmanaged
    where TWeights : struct, IDotWeights
    where TScales : struct, IScaleKind
{
    public static int Groups => L.Count;

    public static int GroupBytes => TWeights.GroupBytes;

    public static int PackedBytes => 40 * L.Count;

    public static int RowStep => 1;

    public static Microkernel Kernel(ProductCode code) => code.Dot(TWeights.AreNibbles, TScales.AreHalfs);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(sbyte* q, float* unit, int r, byte* packed)
    {
        packed += r * PackedBytes;
        L.Halves((byte*)q, out TB a, out TB e);
        L.Halves((byte*)q + (8 * L.Count), out TB b, out TB f);
        L.Halves((byte*)q + (16 * L.Count), out TB c, out TB g);
        L.Halves((byte*)q + (24 * L.Count), out TB d, out TB h);
        L.Transpose(ref a, ref b, ref c, ref d);
        L.Transpose(ref e, ref f, ref g, ref h);
        int line = 4 * L.Count;
        (int step, int second) = TWeights.AreNibbles ? (2 * line, line) : (line, 4 * line);
        L.Store(a, packed);
        L.Store(b, packed + step);
        L.Store(c, packed + (2 * step));
        L.Store(d, packed + (3 * step));
        L.Store(e, packed + second);
        L.Store(f, packed + second + step);
        L.Store(g, packed + second + (2 * step));
        L.Store(h, packed + second + (3 * step));
        int* offsets = stackalloc int[L.Count];
        for (int group = 0; group < L.Count; group++)
        {
            offsets[group] = -(Sum(q + (group * QuantBlocks.GroupSize)) << TWeights.OffsetBits);
        }

        L.Store(L.GroupOrder(L.Bytes((byte*)offsets)), packed + (8 * line));
        L.Store(L.GroupOrder(L.Load(unit)), (float*)(packed + (9 * line)));
    }

    public static void Totals(float* sums, int pairSums, int r, int count, float* y)
    {
        sums += 2 * r * L.Count;
        int i = 0;
        if (L.Count == Lanes512.Count && Lanes512.IsSupported)
        {
            for (; i + Lanes512.Count <= count; i += Lanes512.Count)
            {
                Lanes512.Sums(sums + (i / 2 * pairSums), pairSums).Store(y + i);
            }
        }

        for (; i < count; i++)
        {
            y[i] = L.Sum(L.Load(sums + (i / 2 * pairSums) + (i % 2 * L.Count)));
        }
    }

    /// <summary>Of 32 steps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Sum(sbyte* steps)
    {
        (Vector128<short> a, Vector128<short> b) = Vector128.Widen(Vector128.Load(steps));
        (Vector128<short> c, Vector128<short> d) = Vector128.Widen(Vector128.Load(steps + 16));
        // 32 * 127 fits.
        return Vector128.Sum(a + b + c + d);
    }
}
