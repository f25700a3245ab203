using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Outlines;

// Letters: T rows in this pass, N rows of the matrix, K columns, C floats per vector.

/// <summary>
/// A product of which only the largest results of each row matter, through the matrix's <see cref="RowOutline"/>:
/// <code>
/// 1 y = coarse product;  its results are within B[n] = |x| bound[n] + 1e-30 of those of the matrix
/// 2 least[t] = the k-th largest of the maxima of y - B over blocks of 512: at least k results reach it
/// 3 rows whose y + B reach least[t], for any t, are multiplied in the matrix's own format, by the same code as all of them would be
/// 4 y = those results, and minus infinity for the rest
/// </code>
/// Where nothing can be proven, or more than a few rows may matter, the whole matrix is read.
/// </summary>
internal static unsafe class OutlinedProduct
{
    private const int Block = 512;
    private const float Lost = 1e-30f;
    private const double LargestProduct = 1e37;

    /// <summary>False where the product has still to be made.</summary>
    public static bool Run<L, TF, TB>(RowPartition pool, Scratch scratch, in MatVec.Args args, ProductCode? code)
        where L : struct, IDotLanes<TF, TB>
        where TF : unmanaged
        where TB : unmanaged
    {
        (WeightMatrix w, int T) = (args.W, args.T);
        if (args.Outline is not { } outline || args.Largest <= 0 || T == 0 || T > RowOutline.MostRows || !outline.Look())
        {
            return false;
        }

        // The maxima of blocks stand for k results only where there are so many blocks.
        int blocks = w.N / Block;
        double* norms = stackalloc double[RowOutline.MostRows];
        if (args.Largest > Math.Min(blocks, RowOutline.MostWanted) || !Norms(args, outline.Largest, norms))
        {
            return false;
        }

        Coarse<L, TF, TB>(pool, scratch, args, outline, code);
        int found = Find<L, TF>(pool, scratch, args, outline, norms);
        if (found < 0)
        {
            outline.Failed();
            return false;
        }

        outline.Proved(found);
        Multiply<L, TF, TB>(pool, scratch, args, outline.Room, found, code);
        return true;
    }

    /// <summary>Norms of the rows as the products take them, rounded up; false where a result could leave the range of F32.</summary>
    private static bool Norms(in MatVec.Args args, float largest, double* norms)
    {
        (int T, int K) = (args.T, args.W.K);
        long skipped = (long)args.First * K, count = skipped + ((long)T * K);
        sbyte* q = args.X.Quantised ? CpuBuffer.Of<sbyte>(args.X.Data, DType.I8, count) + skipped : null;
        float* unit = args.X.Quantised ? CpuBuffer.Of<float>(args.X.Scale!, DType.F32, count / QuantBlocks.GroupSize) + (skipped / QuantBlocks.GroupSize) : null;
        float* x = args.X.Quantised ? null : CpuBuffer.Of<float>(args.X.Data, DType.F32, count) + skipped;
        for (int t = 0; t < T; t++)
        {
            double sum = 0;
            for (int k = 0; k < K; k++)
            {
                int at = (t * K) + k;
                double value = x != null ? x[at] : (double)q[at] * unit[at / QuantBlocks.GroupSize];
                sum += value * value;
            }

            norms[t] = Math.Sqrt(sum) * (1 + 1e-6);
            if (!(norms[t] * largest < LargestProduct))
            {
                return false;
            }
        }

        return true;
    }

    private static void Coarse<L, TF, TB>(RowPartition pool, Scratch scratch, in MatVec.Args args, RowOutline outline, ProductCode? code)
        where L : struct, IDotLanes<TF, TB>
        where TF : unmanaged
        where TB : unmanaged
    {
        (int T, int K) = (args.T, args.W.K);
        if (!args.X.Quantised || QuantBlocks.TakeSameRows(args.W.Format, outline.Coarse.Format))
        {
            MatVecCpu.Multiply<L, TF, TB>(pool, scratch, args.X, outline.Coarse, args.Y, T, args.First, code);
            return;
        }

        // The same steps in the order of nibbles.
        long skipped = (long)args.First * K, count = (long)T * K;
        Activations rows = outline.Room.Rows;
        sbyte* from = CpuBuffer.Of<sbyte>(args.X.Data, DType.I8, skipped + count) + skipped;
        sbyte* to = CpuBuffer.Of<sbyte>(rows.Data, DType.I8, count);
        for (long group = 0; group < count; group += QuantBlocks.GroupSize)
        {
            for (int c = 0; c < QuantBlocks.GroupSize; c++)
            {
                to[group + (c >> 1) + ((c & 1) * 16)] = from[group + c];
            }
        }

        float* units = CpuBuffer.Of<float>(args.X.Scale!, DType.F32, (skipped + count) / QuantBlocks.GroupSize) + (skipped / QuantBlocks.GroupSize);
        new ReadOnlySpan<float>(units, (int)(count / QuantBlocks.GroupSize)).CopyTo(new Span<float>(CpuBuffer.Of<float>(rows.Scale!, DType.F32, count / QuantBlocks.GroupSize), (int)(count / QuantBlocks.GroupSize)));
        MatVecCpu.Multiply<L, TF, TB>(pool, scratch, rows, outline.Coarse, args.Y, T, 0, code);
    }

    /// <summary>Lists the rows of the matrix that may matter; -1 where that are too many, or nothing is proven.</summary>
    private static int Find<L, TF>(RowPartition pool, Scratch scratch, in MatVec.Args args, RowOutline outline, double* norms)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        (int T, int N) = (args.T, args.W.N);
        int blocks = (N + Block - 1) / Block;
        Maxima<L, TF> maxima = new()
        {
            Y = CpuBuffer.Of<float>(args.Y, DType.F32, (long)T * N),
            Bounds = CpuBuffer.Of<float>(outline.Bounds, DType.F32, N),
            Norms = norms,
            T = T,
            N = N,
            Blocks = blocks,
            Lower = (float*)scratch.Take(2L * sizeof(float) * T * blocks),
        };
        maxima.Upper = maxima.Lower + ((long)T * blocks);
        pool.Run(ref maxima, blocks, piece: 8);

        float* least = stackalloc float[RowOutline.MostRows];
        for (int t = 0; t < T; t++)
        {
            // Whole blocks only: a short last one counts as none.
            Span<float> lower = new(maxima.Lower + ((long)t * blocks), N / Block);
            lower.Sort();
            if (Least(lower[^args.Largest], args.Cap) is not { } value)
            {
                return -1;
            }

            least[t] = value;
        }

        int* ids = CpuBuffer.Of<int>(outline.Room.Ids, DType.I32, OutlineRoom.Most);
        int found = 0;
        for (int block = 0; block < blocks; block++)
        {
            for (int t = 0; t < T; t++)
            {
                if (maxima.Upper[((long)t * blocks) + block] < least[t])
                {
                    continue;
                }

                found = maxima.Reaching(block, least, ids, found);
                if (found < 0)
                {
                    return -1;
                }

                break;
            }
        }

        return found;
    }

    /// <summary>
    /// What a result has to reach to be among the largest, or to equal one of them after the cap and after a division by a temperature: both
    /// keep the order but for roundings, of which 64 are allowed for. Null where a result so small could meet what is left out.
    /// </summary>
    private static float? Least(float value, float? cap)
    {
        const double Roundings = 64.0 / (1 << 24);
        if (!float.IsFinite(value))
        {
            return null;
        }

        if (cap is not { } most)
        {
            return MathF.BitDecrement((float)(value - (Math.Abs(value) * Roundings)));
        }

        // Minus infinity is -cap after the cap: everything that matters must be well above.
        double share = Math.Tanh(value / (double)most) - Roundings;
        return share > -0.99 ? MathF.BitDecrement((float)((most * Math.Atanh(share)) - (most * Roundings))) : null;
    }

    private static void Multiply<L, TF, TB>(RowPartition pool, Scratch scratch, in MatVec.Args args, OutlineRoom room, int found, ProductCode? code)
        where L : struct, IDotLanes<TF, TB>
        where TF : unmanaged
        where TB : unmanaged
    {
        (WeightMatrix w, int T) = (args.W, args.T);
        long rowBytes = QuantBlocks.RowBytes(w.Format, w.K), rowScales = sizeof(ushort) * QuantBlocks.RowScales(w.Format, w.K);
        byte* data = CpuBuffer.Of<byte>(w.Data, w.Format, (long)w.N * w.K);
        byte* scales = rowScales == 0 ? null : (byte*)CpuBuffer.Of<ushort>(w.Scale!, QuantBlocks.ScaleType(w.Format), w.N * rowScales / sizeof(ushort));
        byte* someData = CpuBuffer.Of<byte>(room.Some.Data, w.Format, (long)OutlineRoom.Together * w.K);
        byte* someScales = rowScales == 0 ? null : (byte*)CpuBuffer.Of<ushort>(room.Some.Scale!, QuantBlocks.ScaleType(w.Format), OutlineRoom.Together * rowScales / sizeof(ushort));
        float* results = CpuBuffer.Of<float>(room.Results, DType.F32, (long)T * OutlineRoom.Together);
        int* ids = CpuBuffer.Of<int>(room.Ids, DType.I32, OutlineRoom.Most);
        float* y = CpuBuffer.Of<float>(args.Y, DType.F32, (long)T * w.N);
        new Span<float>(y, T * w.N).Fill(float.NegativeInfinity);
        for (int first = 0; first < found; first += OutlineRoom.Together)
        {
            int count = Math.Min(OutlineRoom.Together, found - first);
            for (int i = 0; i < OutlineRoom.Together; i++)
            {
                // Places that are left over repeat the last row.
                int id = ids[first + Math.Min(i, count - 1)];
                Buffer.MemoryCopy(data + (id * rowBytes), someData + (i * rowBytes), rowBytes, rowBytes);
                if (scales != null)
                {
                    Buffer.MemoryCopy(scales + (id * rowScales), someScales + (i * rowScales), rowScales, rowScales);
                }
            }

            MatVecCpu.Multiply<L, TF, TB>(pool, scratch, args.X, room.Some, room.Results, T, args.First, code);
            for (int t = 0; t < T; t++)
            {
                for (int i = 0; i < count; i++)
                {
                    y[((long)t * w.N) + ids[first + i]] = results[(t * OutlineRoom.Together) + i];
                }
            }
        }
    }

    /// <summary>Largest lower and upper bounds of each block.</summary>
    private struct Maxima<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        public float* Y;
        public float* Bounds;
        public double* Norms;
        public int T;
        public int N;
        public int Blocks;

        /// <summary>[T, Blocks].</summary>
        public float* Lower;
        public float* Upper;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            for (int t = 0; t < T; t++)
            {
                TF norm = L.Create((float)Norms[t]), lost = L.Create(Lost);
                for (int block = first; block < end; block++)
                {
                    float* y = Y + ((long)t * N);
                    int n = block * Block;
                    int stop = Math.Min(n + Block, N);
                    TF lower = L.Create(float.NegativeInfinity), upper = lower;
                    for (; n + L.Count <= stop; n += L.Count)
                    {
                        TF value = L.Load(y + n);
                        TF bound = L.Fma(norm, L.Load(Bounds + n), lost);
                        lower = L.Max(L.Subtract(value, bound), lower);
                        upper = L.Max(L.Add(value, bound), upper);
                    }

                    float least = L.Largest(lower), most = L.Largest(upper);
                    for (; n < stop; n++)
                    {
                        float bound = ((float)Norms[t] * Bounds[n]) + Lost;
                        least = Math.Max(least, y[n] - bound);
                        most = Math.Max(most, y[n] + bound);
                    }

                    Lower[((long)t * Blocks) + block] = least;
                    Upper[((long)t * Blocks) + block] = most;
                }
            }
        }

        /// <summary>Adds a block's rows that reach what one of the rows of activations asks for; -1 where there is no room for them.</summary>
        public readonly int Reaching(int block, float* least, int* ids, int found)
        {
            for (int n = block * Block; n < Math.Min((block + 1) * Block, N); n++)
            {
                bool reaches = false;
                for (int t = 0; t < T; t++)
                {
                    // As the maxima, with a rounding more on the safe side.
                    float bound = MathF.BitIncrement(((float)Norms[t] * Bounds[n]) + Lost);
                    reaches |= MathF.BitIncrement(Y[((long)t * N) + n] + bound) >= least[t];
                }

                if (reaches)
                {
                    if (found == OutlineRoom.Most)
                    {
                        return -1;
                    }

                    ids[found++] = n;
                }
            }

            return found;
        }
    }
}
