using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Kernels.Attention;
using GemmaVk.Cpu.MachineCode.Attention;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: T rows in this pass, H query heads, K KV heads, G = H / K, W head width.

/// <summary>
/// SIMD twin of <see cref="AttentionDecode"/>. A row's positions are cut into blocks and tiles by absolute position. A unit
/// of work is a stretch of one KV head's positions, with all rows and their G query heads on it, so that a cached row is
/// widened once. Each row and block leaves a partial result (maximum, sum, weighted values); they are joined in order.
/// Where G fills vectors a lane is a head (<see cref="HeadTile"/>), else a column (<see cref="DecodeTile"/>); over INT8 rows, and over many
/// of F16, products of sixteen heads are of whole numbers where there is machine code for them (<see cref="WholeTile"/>, <see cref="WordTile"/>).
/// </summary>
internal static unsafe partial class AttentionDecodeCpu
{
    private const int LeastBlock = 256;
    private const int MostBlocks = 32;

    public static void Run<L, TF>(RowPartition pool, Scratch scratch, in AttentionDecode.Args args, AttentionCode? code)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(args.T, MatVec.MaxRows);
        (int T, int H, int K, int W) = (args.T, args.H, args.K, args.W);
        int* positions = CpuBuffer.Of<int>(args.Positions, DType.I32, args.First + T) + args.First;
        int* reach = CpuBuffer.Of<int>(args.Reach, DType.I32, args.First + T) + args.First;
        KvTiles cache = KvTiles.Of(args.Cache, K, W);
        int G = H / K;
        bool words = false;
        if (code is not null && T > 0 && InWords(cache, G, W))
        {
            int alike = Alike(positions, reach, args.Window, T, out words);
            if (alike < T)
            {
                Run<L, TF>(pool, scratch, args with { T = alike }, code);
                Run<L, TF>(pool, scratch, args with { First = args.First + alike, T = T - alike }, code);
                return;
            }
        }

        int most = 0;
        int stretch = LeastBlock;
        int first = int.MaxValue;
        int last = -1;
        for (int t = 0; t < T; t++)
        {
            Sight sight = Sight.Of(positions[t], reach[t], args.Window);
            (_, int count, int size) = Blocks(sight);
            if (count > 0)
            {
                (most, stretch) = (Math.Max(most, count), Math.Max(stretch, size));
                (first, last) = (Math.Min(first, sight.First), Math.Max(last, sight.Last));
            }
        }

        bool byHeads = G % L.Count == 0;
        bool whole = code is not null && InWholeNumbers(cache, G, W);
        int step = byHeads ? 2 * L.Count : L.Count;
        int padded = (W + step - 1) / step * step;
        long partial = (long)G * (padded + L.Count);
        // One row of scores more: they are written by fours, and the last four may reach past their row.
        long workspace = whole ? WholeWorkspace(T, W)
            : words ? WordWorkspace(T, W)
            : byHeads
            ? HeadWork<L, TF>.Workspace(cache, T, G, W, padded)
            : (((cache.ValuesOnly ? 2 : 1) * (long)DecodeTile.Rows * padded) + ((long)T * G * padded)) + ((((long)T * G) + 1) * DecodeTile.Rows);
        Work<L, TF> work = new()
        {
            Q = CpuBuffer.Of<float>(args.Q, DType.F32, (long)(args.First + T) * H * W) + ((long)args.First * H * W),
            Cache = cache,
            Positions = positions,
            Reach = reach,
            Out = CpuBuffer.Of<float>(args.Out, DType.F32, (long)(args.First + T) * H * W) + ((long)args.First * H * W),
            Window = args.Window,
            T = T,
            K = K,
            G = G,
            W = W,
            Padded = padded,
            Most = most,
            Stretch = stretch,
            First = first,
            Last = last,
            PartialSize = partial,
            WorkspaceSize = workspace,
        };
        work.Partials = (float*)scratch.Take(4 * ((partial * T * K * most) + (workspace * pool.Threads)));
        work.Workspace = work.Partials + (partial * T * K * most);
        int stretches = last < 0 ? 0 : (last / stretch) - (first / stretch) + 1;
        work.Stretches = stretches;
        if (whole)
        {
            WholeWork<L, TF> numbers = new() { Work = work, Code = code!.Value };
            pool.Run(ref numbers, K * stretches, piece: 1);
        }
        else if (words)
        {
            WordWork<L, TF> numbers = new() { Work = work, Code = code!.Value };
            pool.Run(ref numbers, K * stretches, piece: 1);
        }
        else if (byHeads)
        {
            HeadWork<L, TF> heads = new() { Work = work };
            pool.Run(ref heads, K * stretches, piece: 1);
        }
        else
        {
            pool.Run(ref work, K * stretches, piece: 1);
        }

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

    /// <summary>What the units of a call share, whichever way they are done.</summary>
    private partial struct Work<L, TF>
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
        public int K;
        public int G;
        public int W;

        /// <summary>W rounded up to whole vectors; what is beyond W stays zero.</summary>
        public int Padded;

        /// <summary>Most blocks of any row.</summary>
        public int Most;

        /// <summary>Positions per unit: the largest block of any row, of which smaller blocks are powers of two.</summary>
        public int Stretch;

        /// <summary>Units per KV head.</summary>
        public int Stretches;

        /// <summary>First and last position that any row sees.</summary>
        public int First;
        public int Last;

        /// <summary>Per row, KV head and block: G rows of Padded sums, then G maxima, then G sums of weights.</summary>
        public float* Partials;
        public long PartialSize;
        public float* Workspace;
        public long WorkspaceSize;

        public readonly float* Partial(int t, int k, int block) => Partials + ((((((long)t * K) + k) * Most) + block) * PartialSize);

        /// <summary>A unit's KV head, and its first and last position.</summary>
        public readonly (int K, int Start, int Last) Place(int unit)
        {
            int start = ((First / Stretch) + (unit % Stretches)) * Stretch;
            return (unit / Stretches, start, (int)Math.Min(Last, (long)start + Stretch - 1));
        }

        /// <summary>A row's queries [G, W] of a KV head.</summary>
        public readonly float* Heads(int t, int k) => Q + ((((long)t * K) + k) * G * W);

        /// <summary>Where a worker's memory begins.</summary>
        public readonly float* Room(int worker) => Workspace + (worker * WorkspaceSize);

        /// <summary>The places of a tile of so many rows that a row sees: none beyond the unit, which a tile may not fill.</summary>
        public readonly (int Seen, int Unseen) Within(int t, int at, int rows)
        {
            Sight sight = Sight.Of(Positions[t], Reach[t], Window);
            int seen = Math.Clamp(sight.First - at, 0, rows);
            return (seen, (int)Math.Clamp((long)sight.Last - at + 1, seen, rows));
        }

        public readonly int BlockOf(int t, int at)
        {
            (int first, _, int size) = Blocks(Sight.Of(Positions[t], Reach[t], Window));
            return (at / size) - first;
        }

        /// <summary>Clears the partial results of a row's blocks that lie in a stretch.</summary>
        public readonly void Open(int t, int k, int start, int last)
        {
            (int first, int count, int size) = Blocks(Sight.Of(Positions[t], Reach[t], Window));
            for (int block = Math.Max(start / size, first); block <= Math.Min(last / size, first + count - 1); block++)
            {
                float* partial = Partial(t, k, block - first);
                new Span<float>(partial, (int)PartialSize).Clear();
                for (int g = 0; g < G; g++)
                {
                    *Maximum(partial, g) = float.NegativeInfinity;
                }
            }
        }

        public readonly float* Maximum(float* partial, int g) => partial + (G * Padded) + g;
    }
}
