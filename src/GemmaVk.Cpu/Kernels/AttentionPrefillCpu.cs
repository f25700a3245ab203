using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Kernels.Attention;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: T rows in this pass, H query heads, K KV heads, G = H / K, W head width, M rows of a tile.

/// <summary>
/// SIMD twin of <see cref="AttentionPrefill"/>. A unit is a few query rows with the G heads of one KV head: M = rows * G
/// rows of a dense product. It walks over tiles of 64 absolute positions: keys are widened and transposed once per tile,
/// scores come from one dense product, weights from a running softmax, values from a second product. A position that a
/// row does not see has weight zero, and adding zero changes nothing: so it does not matter which rows share a tile.
/// </summary>
internal static unsafe class AttentionPrefillCpu
{
    private const int Tile = 64;

    /// <summary>Below any score, and finite, so that the difference of two such is zero and not NaN.</summary>
    private const float Lowest = -1e30f;

    public static void Run<L, TF>(RowPartition pool, Scratch scratch, in AttentionPrefill.Args args)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        (int T, int H, int K, int W) = (args.T, args.H, args.K, args.W);
        KvTiles cache = KvTiles.Of(args.Cache, K, W);
        int G = H / K;
        int rows = Math.Max(1, Tile / G);
        int M = ((rows * G) + QueryTile.BlockRows - 1) / QueryTile.BlockRows * QueryTile.BlockRows;
        int padded = (W + (2 * L.Count) - 1) / (2 * L.Count) * (2 * L.Count);
        long workspace = (2L * M * padded) + ((cache.ValuesOnly ? 3L : 2L) * Tile * padded) + ((long)M * Tile) + (3L * M);
        Work<L, TF> work = new()
        {
            Q = CpuBuffer.Of<float>(args.Q, DType.F32, (long)T * H * W),
            Cache = cache,
            Positions = CpuBuffer.Of<int>(args.Positions, DType.I32, T),
            Reach = CpuBuffer.Of<int>(args.Reach, DType.I32, T),
            Out = CpuBuffer.Of<float>(args.Out, DType.F32, (long)T * H * W),
            Window = args.Window,
            T = T,
            H = H,
            K = K,
            G = G,
            W = W,
            Padded = padded,
            UnitRows = rows,
            M = M,
            Workspace = (float*)scratch.Take(4 * workspace * pool.Threads),
            WorkspaceSize = workspace,
        };
        // Later rows see more: who is done with the earlier ones helps.
        pool.Run(ref work, (T + rows - 1) / rows * K, piece: 1);
    }

    private struct Work<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        public float* Q;
        public KvTiles Cache;
        public int* Positions;
        public int* Reach;
        public float* Out;
        public int Window;
        public int T;
        public int H;
        public int K;
        public int G;
        public int W;

        /// <summary>W rounded up to pairs of vectors; what is beyond W stays zero.</summary>
        public int Padded;
        public int UnitRows;
        public int M;
        public float* Workspace;
        public long WorkspaceSize;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            for (int unit = first; unit < end; unit++)
            {
                int t = unit / K * UnitRows;
                Unit(t, Math.Min(UnitRows, T - t), unit % K, Workspace + (worker * WorkspaceSize));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Unit(int t, int count, int k, float* workspace)
        {
            float* q = workspace;
            float* sums = q + ((long)M * Padded);
            float* keys = sums + ((long)M * Padded);
            float* transposed = keys + (Tile * Padded);
            // Where values are read after the keys, they take the keys' place.
            float* values = Cache.ValuesOnly ? transposed + (Tile * Padded) : keys;
            float* score = (Cache.ValuesOnly ? values : transposed) + (Tile * Padded);
            float* maximum = score + ((long)M * Tile);
            float* total = maximum + M;
            float* decay = total + M;
            new Span<float>(workspace, (int)WorkspaceSize).Clear();
            new Span<float>(maximum, M).Fill(Lowest);
            int first = int.MaxValue;
            int last = -1;
            for (int row = 0; row < count; row++)
            {
                Sight sight = Sight.Of(Positions[t + row], Reach[t + row], Window);
                if (sight.Count > 0)
                {
                    first = Math.Min(first, sight.First);
                    last = Math.Max(last, sight.Last);
                }

                for (int g = 0; g < G; g++)
                {
                    float* from = Q + (((((long)(t + row) * K) + k) * G + g) * W);
                    Buffer.MemoryCopy(from, q + ((long)((row * G) + g) * Padded), W * 4, W * 4);
                }
            }

            int used = ((count * G) + QueryTile.BlockRows - 1) / QueryTile.BlockRows * QueryTile.BlockRows;
            for (int start = first / Tile * Tile; start <= last; start += Tile)
            {
                int from = Math.Max(first - start, 0);
                int to = Math.Min(last - start + 1, Tile);
                for (int j = from; j < to; j++)
                {
                    Cache.Key<L, TF>(k, start + j, keys + (j * Padded), values + (j * Padded));
                }

                QueryTile.Transpose(keys, Tile, Padded, transposed);
                QueryTile.Multiply<L, TF>(q, Padded, transposed, Tile, score, Tile, null, used, Tile, Padded);
                for (int m = 0; m < count * G; m++)
                {
                    Sight sight = Sight.Of(Positions[t + (m / G)], Reach[t + (m / G)], Window);
                    float* row = score + ((long)m * Tile);
                    int seen = Math.Clamp(sight.First - start, 0, Tile);
                    int unseen = Math.Clamp(sight.Last - start + 1, seen, Tile);
                    new Span<float>(row, seen).Fill(float.NegativeInfinity);
                    new Span<float>(row + unseen, Tile - unseen).Fill(float.NegativeInfinity);
                    decay[m] = QueryTile.Weigh<L, TF>(row, Tile, ref maximum[m], ref total[m]);
                }

                for (int j = from; j < to; j++)
                {
                    Cache.Value<L, TF>(k, start + j, values + (j * Padded));
                }

                QueryTile.Multiply<L, TF>(
                    score + from, Tile, values + (from * Padded), Padded, sums, Padded, decay, used, Padded, to - from);
            }

            for (int m = 0; m < count * G; m++)
            {
                float* to = Out + (((((long)(t + (m / G)) * K) + k) * G + (m % G)) * W);
                VectorOps.Scale<L, TF>(sums + ((long)m * Padded), total[m] == 0 ? 0 : 1 / total[m], null, to, W);
            }
        }
    }
}
