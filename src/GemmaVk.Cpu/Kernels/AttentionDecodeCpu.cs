using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Kernels.Attention;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: T rows in this pass, H query heads, K KV heads, G = H / K, W head width, R rows of the cache.

/// <summary>
/// SIMD twin of <see cref="AttentionDecode"/>. A row's positions are cut into blocks by absolute position; a unit of work
/// is one block of one KV head for one row, with all G query heads on it, so that a cached row is widened once. Partial
/// results (maximum, sum, weighted values) are joined in the order of the blocks.
/// </summary>
internal static unsafe class AttentionDecodeCpu
{
    /// <summary>Positions that are widened together: 16 rows of 512 floats fit the first-level cache.</summary>
    private const int Tile = 16;

    private const int LeastBlock = 256;
    private const int MostBlocks = 32;

    public static void Run<L, TF>(RowPartition pool, Scratch scratch, in AttentionDecode.Args args)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(args.T, MatVec.MaxRows);
        (int T, int H, int K, int W, int R) = (args.T, args.H, args.K, args.W, args.R);
        int* positions = CpuBuffer.Of<int>(args.Positions, DType.I32, T);
        int* reach = CpuBuffer.Of<int>(args.Reach, DType.I32, T);
        int most = 0;
        for (int t = 0; t < T; t++)
        {
            most = Math.Max(most, Blocks(Sight.Of(positions[t], reach[t], args.Window)).Count);
        }

        int G = H / K;
        int padded = (W + L.Count - 1) / L.Count * L.Count;
        long partial = (long)G * (padded + L.Count);
        long workspace = ((Tile + G) * (long)padded) + (2L * G * Tile);
        Work<L, TF> work = new()
        {
            Q = CpuBuffer.Of<float>(args.Q, DType.F32, (long)T * H * W),
            Keys = CacheRows.Of(args.KCache, K, R, W),
            Values = CacheRows.Of(args.VCache, K, R, W),
            Positions = positions,
            Reach = reach,
            Out = CpuBuffer.Of<float>(args.Out, DType.F32, (long)T * H * W),
            Window = args.Window,
            T = T,
            K = K,
            G = G,
            W = W,
            Padded = padded,
            Most = most,
            PartialSize = partial,
            WorkspaceSize = workspace,
        };
        work.Partials = (float*)scratch.Take(4 * ((partial * T * K * most) + (workspace * pool.Threads)));
        work.Workspace = work.Partials + (partial * T * K * most);
        pool.Run(ref work, K * most * T);
        Join<L, TF> join = new() { Work = work };
        pool.Run(ref join, T * H, least: 128);
    }

    /// <summary>The blocks of a range: a function of the range alone.</summary>
    private static (int First, int Count, int Size) Blocks(Sight sight)
    {
        if (sight.Count == 0)
        {
            return (0, 0, LeastBlock);
        }

        int size = LeastBlock;
        while (sight.Count / size > MostBlocks)
        {
            size *= 2;
        }

        return (sight.First / size, (sight.Last / size) - (sight.First / size) + 1, size);
    }

    private struct Work<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        public float* Q;
        public CacheRows Keys;
        public CacheRows Values;
        public int* Positions;
        public int* Reach;
        public float* Out;
        public int Window;
        public int T;
        public int K;
        public int G;
        public int W;

        /// <summary>W rounded up to whole vectors; what is beyond W stays zero.</summary>
        public int Padded;

        /// <summary>Most blocks of any row.</summary>
        public int Most;

        /// <summary>Per unit: G rows of Padded sums, then a vector each whose first two floats are maximum and sum.</summary>
        public float* Partials;
        public long PartialSize;
        public float* Workspace;
        public long WorkspaceSize;

        public readonly float* Partial(int t, int k, int block) => Partials + ((((((long)t * K) + k) * Most) + block) * PartialSize);

        /// <summary>Units in the order head, block, row: the rows of a pass read the same block one after another.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            for (int unit = first; unit < end; unit++)
            {
                int t = unit % T;
                int block = unit / T % Most;
                int k = unit / T / Most;
                Sight sight = Sight.Of(Positions[t], Reach[t], Window);
                (int firstBlock, int count, int size) = Blocks(sight);
                if (block < count)
                {
                    int from = Math.Max(sight.First, (firstBlock + block) * size);
                    int to = (int)Math.Min(sight.Last, ((long)(firstBlock + block + 1) * size) - 1);
                    Block(t, k, from, to, Partial(t, k, block), Workspace + (worker * WorkspaceSize));
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Block(int t, int k, int from, int to, float* partial, float* workspace)
        {
            float* tile = workspace;
            float* q = tile + (Tile * Padded);
            float* score = q + (G * Padded);
            new Span<float>(workspace, (Tile + G) * Padded).Clear();
            new Span<float>(partial, (int)PartialSize).Clear();
            for (int g = 0; g < G; g++)
            {
                Buffer.MemoryCopy(Q + ((((((long)t * K) + k) * G) + g) * W), q + (g * Padded), W * 4, W * 4);
                *Maximum(partial, g) = float.NegativeInfinity;
            }

            for (int start = from; start <= to; start += Tile)
            {
                int count = Math.Min(Tile, to - start + 1);
                for (int j = 0; j < count; j++)
                {
                    Keys.Widen<L, TF>(k, start + j, tile + (j * Padded));
                }

                Scores(q, tile, count, score);
                for (int j = 0; j < count; j++)
                {
                    Values.Widen<L, TF>(k, start + j, tile + (j * Padded));
                }

                for (int g = 0; g < G; g++)
                {
                    float* weight = score + (g * Tile);
                    float* maximum = Maximum(partial, g);
                    float highest = VectorOps.Largest<L, TF>(weight, Tile, *maximum);
                    TF decay = VectorOps.Exp<L, TF>(L.Create(*maximum == highest ? 0 : *maximum - highest));
                    TF sum = L.Zero;
                    for (int j = 0; j < Tile; j += L.Count)
                    {
                        TF e = VectorOps.Exp<L, TF>(L.Subtract(L.Load(weight + j), L.Create(highest)));
                        sum = L.Add(sum, e);
                        L.Store(e, weight + j);
                    }

                    *maximum = highest;
                    maximum[1] = (maximum[1] * L.Largest(decay)) + L.Sum(sum);
                    AddValues(tile, weight, count, decay, partial + (g * Padded));
                }
            }
        }

        /// <summary>score[g, j] for a tile; beyond count minus infinity. Two heads and four positions share their loads.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Scores(float* q, float* tile, int count, float* score)
        {
            for (int g = 0; g < G; g += 2)
            {
                int next = Math.Min(g + 1, G - 1);
                float* qa = q + (g * Padded);
                float* qb = q + (next * Padded);
                for (int j = 0; j < count; j += 4)
                {
                    float* k0 = tile + (j * Padded);
                    float* k1 = tile + (Math.Min(j + 1, count - 1) * Padded);
                    float* k2 = tile + (Math.Min(j + 2, count - 1) * Padded);
                    float* k3 = tile + (Math.Min(j + 3, count - 1) * Padded);
                    TF a0 = L.Zero, a1 = L.Zero, a2 = L.Zero, a3 = L.Zero, b0 = L.Zero, b1 = L.Zero, b2 = L.Zero, b3 = L.Zero;
                    for (int w = 0; w < Padded; w += L.Count)
                    {
                        TF a = L.Load(qa + w);
                        TF b = L.Load(qb + w);
                        TF key = L.Load(k0 + w);
                        (a0, b0) = (L.Fma(a, key, a0), L.Fma(b, key, b0));
                        key = L.Load(k1 + w);
                        (a1, b1) = (L.Fma(a, key, a1), L.Fma(b, key, b1));
                        key = L.Load(k2 + w);
                        (a2, b2) = (L.Fma(a, key, a2), L.Fma(b, key, b2));
                        key = L.Load(k3 + w);
                        (a3, b3) = (L.Fma(a, key, a3), L.Fma(b, key, b3));
                    }

                    float* rowA = score + (g * Tile) + j;
                    float* rowB = score + (next * Tile) + j;
                    (rowA[0], rowA[1], rowA[2], rowA[3]) = (L.Sum(a0), L.Sum(a1), L.Sum(a2), L.Sum(a3));
                    (rowB[0], rowB[1], rowB[2], rowB[3]) = (L.Sum(b0), L.Sum(b1), L.Sum(b2), L.Sum(b3));
                }

                for (int j = count; j < Tile; j++)
                {
                    score[(g * Tile) + j] = float.NegativeInfinity;
                    score[(next * Tile) + j] = float.NegativeInfinity;
                }
            }
        }

        /// <summary>sums = sums * decay + sum_j weight[j] * tile[j, :].</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void AddValues(float* tile, float* weight, int count, TF decay, float* sums)
        {
            int w = 0;
            for (; w + (4 * L.Count) <= Padded; w += 4 * L.Count)
            {
                TF a0 = L.Multiply(L.Load(sums + w), decay);
                TF a1 = L.Multiply(L.Load(sums + w + L.Count), decay);
                TF a2 = L.Multiply(L.Load(sums + w + (2 * L.Count)), decay);
                TF a3 = L.Multiply(L.Load(sums + w + (3 * L.Count)), decay);
                float* row = tile + w;
                for (int j = 0; j < count; j++, row += Padded)
                {
                    TF p = L.Create(weight[j]);
                    a0 = L.Fma(p, L.Load(row), a0);
                    a1 = L.Fma(p, L.Load(row + L.Count), a1);
                    a2 = L.Fma(p, L.Load(row + (2 * L.Count)), a2);
                    a3 = L.Fma(p, L.Load(row + (3 * L.Count)), a3);
                }

                L.Store(a0, sums + w);
                L.Store(a1, sums + w + L.Count);
                L.Store(a2, sums + w + (2 * L.Count));
                L.Store(a3, sums + w + (3 * L.Count));
            }

            for (; w < Padded; w += L.Count)
            {
                TF a = L.Multiply(L.Load(sums + w), decay);
                for (int j = 0; j < count; j++)
                {
                    a = L.Fma(L.Create(weight[j]), L.Load(tile + (j * Padded) + w), a);
                }

                L.Store(a, sums + w);
            }
        }

        public readonly float* Maximum(float* partial, int g) => partial + (G * Padded) + (g * L.Count);
    }

    /// <summary>Joins the blocks of each row and head, in order, and divides by the sum of weights.</summary>
    private struct Join<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        public Work<L, TF> Work;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            float* factors = stackalloc float[MostBlocks + 2];
            float* lanes = stackalloc float[16];
            int H = Work.K * Work.G;
            for (int unit = first; unit < end; unit++)
            {
                int t = unit / H;
                int k = unit % H / Work.G;
                int g = unit % Work.G;
                int count = Blocks(Sight.Of(Work.Positions[t], Work.Reach[t], Work.Window)).Count;
                float highest = float.NegativeInfinity;
                for (int i = 0; i < count; i++)
                {
                    highest = Math.Max(highest, *Work.Maximum(Work.Partial(t, k, i), g));
                }

                float sum = 0;
                for (int i = 0; i < count; i++)
                {
                    float* maximum = Work.Maximum(Work.Partial(t, k, i), g);
                    factors[i] = MathF.Exp(*maximum - highest);
                    sum += factors[i] * maximum[1];
                }

                float* to = Work.Out + ((long)unit * Work.W);
                float inverse = count == 0 ? 0 : 1 / sum;
                for (int w = 0; w < Work.W; w += L.Count)
                {
                    TF total = L.Zero;
                    for (int i = 0; i < count; i++)
                    {
                        total = L.Fma(L.Load(Work.Partial(t, k, i) + (g * Work.Padded) + w), L.Create(factors[i]), total);
                    }

                    total = L.Multiply(total, L.Create(inverse));
                    if (w + L.Count <= Work.W)
                    {
                        L.Store(total, to + w);
                    }
                    else
                    {
                        L.Store(total, lanes);
                        new ReadOnlySpan<float>(lanes, Work.W - w).CopyTo(new Span<float>(to + w, Work.W - w));
                    }
                }
            }
        }
    }
}
