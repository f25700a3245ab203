using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Kernels.Attention;
using GemmaVk.Cpu.MachineCode.Attention;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: T rows in this pass, G = 16 query heads of one KV head, W head width, P pairs that rotate.

/// <content>Units in whole numbers, over caches of Q8.</content>
internal static unsafe partial class AttentionDecodeCpu
{
    /// <summary>Whether <see cref="WholeWork{L, TF}"/> can take a cache: sixteen heads, few enough groups, and columns that rotate in groups of their own.</summary>
    private static bool InWholeNumbers(in KvTiles cache, int G, int W) =>
        G == AttentionCode.Heads && cache.Values.Format == DType.Q8 && W <= WholeTile.MostGroups * QuantBlocks.GroupSize
        && (!cache.ValuesOnly || (cache.Pairs % QuantBlocks.GroupSize == 0 && W / 2 % QuantBlocks.GroupSize == 0));

    /// <summary>Floats that a worker needs of it, wherever keys come from.</summary>
    public static long WholeWorkspace(int T, int W) =>
        (WholeTile.Rows * ((W + 16L) + ((ScoreKernel.KeyStride + (ValueKernel.PairStride / 2)) / sizeof(float)) + (2 * WholeTile.MostGroups))) + W
        + (T * RowFloats(W)) + (WholeTile.Rows / 2 * AttentionCode.Heads) + AttentionCode.Heads;

    /// <summary>Queries, scores and scales of a row.</summary>
    private static long RowFloats(int W) =>
        ((long)W * AttentionCode.Heads) + ((WholeTile.Rows + (WholeTile.Rows / 2) + ScoreKernel.Positions + WholeTile.MostGroups + 4) * AttentionCode.Heads)
        + (W / QuantBlocks.GroupSize * (ScoreKernel.QueryBytes / sizeof(float)));

    /// <summary>
    /// The work of <see cref="HeadWork{L, TF}"/> by <see cref="AttentionCode"/>: bytes of the cache are multiplied as they are. Where keys are rebuilt from values, the columns that
    /// rotate are multiplied as floats.
    /// </summary>
    private struct WholeWork<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        public Work<L, TF> Work;
        public AttentionCode Code;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            for (int unit = first; unit < end; unit++)
            {
                (int k, int start, int last) = Work.Place(unit);
                Unit(k, start, last, new Room(Work.Room(worker), Work.W));
            }
        }

        /// <summary>Bytes of a tile's rows, for each group.</summary>
        private const int TileBytes = WholeTile.Rows * QuantBlocks.GroupSize;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Unit(int k, int start, int last, in Room room)
        {
            for (int t = 0; t < Work.T; t++)
            {
                Queries(t, k, room);
                Work.Open(t, k, start, last);
            }

            for (int at = Math.Max(start, Work.First / WholeTile.Rows * WholeTile.Rows); at <= last; at += WholeTile.Rows)
            {
                int from = Math.Max(Work.First - at, 0);
                int to = Math.Min(last - at + 1, WholeTile.Rows);
                Fill(k, at, from, to, room);
                for (int t = 0; t < Work.T; t++)
                {
                    (int seen, int unseen) = Work.Within(t, at, WholeTile.Rows);
                    if (seen < unseen)
                    {
                        Scores(t, seen, unseen, room);
                        WholeTile.Weigh(room.Score(t), seen, unseen, Work.Maximum(Work.Partial(t, k, Work.BlockOf(t, at)), 0), room.Decay(t), room.Shrink);
                        WholeTile.Shares(room.ValueScales, seen, unseen, room.Shares(t), room.Units(t));
                        // From the last group on: what it is made of lies in the place of the first.
                        for (int i = WholeTile.MostGroups - 1; i >= 0; i--)
                        {
                            L.Store(L.Multiply(L.Load(room.Shrink), L.Create(room.Units(t)[i])), room.Units(t) + (i * AttentionCode.Heads));
                        }
                    }
                }

                bool more = at + WholeTile.Rows <= last;
                CacheRows keys = Work.Cache.Keys, values = Work.Cache.Values;
                long next = more ? keys.Index(k, at + WholeTile.Rows) : 0;
                for (int group = 0; group < Work.W / QuantBlocks.GroupSize; group++)
                {
                    // All groups together ask for the next tile's rows, once.
                    byte* here = room.Pairs, valuesAhead = more ? values.Row(next) + (group * TileBytes) : here;
                    byte* keysAhead = more && !Work.Cache.ValuesOnly ? keys.Row(next) + (group * TileBytes) : here;
                    for (int t = 0; t < Work.T; t++)
                    {
                        (int seen, int unseen) = Work.Within(t, at, WholeTile.Rows);
                        if (seen < unseen)
                        {
                            Add(t, group, seen / 2, (unseen + 1) / 2, Work.Partial(t, k, Work.BlockOf(t, at)), valuesAhead, keysAhead, room);
                            valuesAhead = here;
                            keysAhead = here;
                        }
                    }
                }
            }
        }

        /// <summary>A row's queries: rotating columns [2P, 16] as floats, the others as whole numbers, with the weight of their values where keys are rebuilt from these.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Queries(int t, int k, in Room room)
        {
            (int W, int P) = (Work.W, Work.Cache.Pairs);
            float* from = Work.Heads(t, k);
            Work.Turning(from, room.Turning(t));
            int halves = Work.Cache.ValuesOnly ? 2 : 1;
            WholeQueries.Write(from, Work.Cache.ValuesOnly ? Work.Cache.Norm : null, P, W / halves, halves, room.Queries(t), room.QueryUnits(t));
        }

        /// <summary>The places from .. to of a tile. Where one of a pair is missing the other stands for it, with a weight of zero.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Fill(int k, int at, int from, int to, in Room room)
        {
            CacheRows values = Work.Cache.Values;
            for (int pair = from / 2; 2 * pair < to; pair++)
            {
                int first = Math.Max(2 * pair, from), second = Math.Min((2 * pair) + 1, to - 1);
                long a = values.Index(k, at + first), b = second == first ? a : values.Index(k, at + second);
                WholeTile.Interleave(values.Row(a), values.Row(b), room.Pairs + (pair * ValueKernel.PairStride), Work.W);
                Row(a, at, first, room);
                if (second != first)
                {
                    Row(b, at, second, room);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Row(long index, int at, int j, in Room room)
        {
            (int W, int P) = (Work.W, Work.Cache.Pairs);
            CacheRows keys = Work.Cache.Keys, values = Work.Cache.Values;
            int groups = W / QuantBlocks.GroupSize;
            WholeTile.Bias(keys.Row(index), room.Keys + (j * ScoreKernel.KeyStride), W);
            WholeTile.Scales(values.Scales(index), room.ValueScales + (j * WholeTile.MostGroups), groups);
            if (!Work.Cache.ValuesOnly)
            {
                WholeTile.Scales(keys.Scales(index), room.KeyScales + (j * WholeTile.MostGroups), groups);
            }
            else if (P > 0)
            {
                values.Groups<L, TF>(index, 0, P, room.Row);
                values.Groups<L, TF>(index, W / 2, P, room.Row + (W / 2));
                float* turned = room.Turned + ((long)j * Work.TurnedStride);
                Work.Cache.Turn<L, TF>(room.Row, at + j, turned, turned + P);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Scores(int t, int seen, int unseen, in Room room)
        {
            (int W, int P) = (Work.W, Work.Cache.Pairs);
            float* scales = Work.Cache.ValuesOnly ? room.ValueScales : room.KeyScales;
            float* score = room.Score(t);
            seen = seen / ScoreKernel.Positions * ScoreKernel.Positions;
            Work.TurnedScores(room.Turning(t), room.Turned, seen, unseen, score);
            int half = Work.Cache.ValuesOnly ? W / 2 : W;
            int groups = (half - P) / QuantBlocks.GroupSize;
            ScoreArguments arguments = new() { Units = room.QueryUnits(t), Groups = groups };
            for (int j = seen; groups > 0 && j < unseen; j += ScoreKernel.Positions)
            {
                arguments.Queries = room.Queries(t);
                arguments.Scores = score + (j * AttentionCode.Heads);
                for (int first = P; first < W; first += half)
                {
                    arguments.Keys = room.Keys + (j * ScoreKernel.KeyStride) + first;
                    arguments.Scales = scales + (j * WholeTile.MostGroups) + (first / QuantBlocks.GroupSize);
                    Code.Scores.Run(&arguments);
                    arguments.Queries += groups * ScoreKernel.QueryBytes;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Add(int t, int group, int firstPair, int endPair, float* partial, byte* ahead, byte* nextAhead, in Room room)
        {
            WholeTile.Scale((int*)room.Score(t), room.Shares(t), group, firstPair, endPair, room.Weights);
            ValueArguments arguments = new()
            {
                Values = room.Pairs + (firstPair * ValueKernel.PairStride) + (group * 2 * QuantBlocks.GroupSize),
                Weights = (short*)(room.Weights + (firstPair * AttentionCode.Heads)),
                Decay = room.Decay(t),
                Units = room.Units(t) + (group * AttentionCode.Heads),
                Sums = partial + (group * QuantBlocks.GroupSize),
                Stride = Work.Padded * sizeof(float),
                Pairs = endPair - firstPair,
                Ahead = ahead,
                NextAhead = nextAhead,
            };
            Code.Values.Run(&arguments);
        }
    }

    /// <summary>A worker's memory, cut into pieces of whole cache lines.</summary>
    private readonly struct Room
    {
        private readonly int _width;
        private readonly float* _row;
        private readonly long _rowFloats;

        public Room(float* workspace, int W)
        {
            const int rows = WholeTile.Rows, groups = WholeTile.MostGroups, heads = AttentionCode.Heads;
            Turned = workspace;
            Keys = (byte*)(Turned + (rows * (W + 16L)));
            KeyScales = (float*)(Keys + (rows * ScoreKernel.KeyStride));
            ValueScales = KeyScales + (rows * groups);
            Row = ValueScales + (rows * groups);
            Weights = (int*)(Row + W);
            Pairs = (byte*)(Weights + (rows / 2 * heads));
            Shrink = (float*)(Pairs + (rows / 2 * ValueKernel.PairStride));
            _row = Shrink + heads;
            _rowFloats = RowFloats(W);
            _width = W;
        }

        /// <summary>[Rows, 2P + 16]: rebuilt columns.</summary>
        public float* Turned { get; }

        /// <summary>[Rows] of the kernel's stride.</summary>
        public byte* Keys { get; }

        /// <summary>[Rows, 16].</summary>
        public float* KeyScales { get; }

        /// <summary>[Rows, 16].</summary>
        public float* ValueScales { get; }

        /// <summary>[W]: one row, widened in part.</summary>
        public float* Row { get; }

        /// <summary>[Rows / 2, 16, 2] INT16: one group's weights.</summary>
        public int* Weights { get; }

        /// <summary>[Rows / 2] of the kernel's stride: values two by two.</summary>
        public byte* Pairs { get; }

        /// <summary>[16].</summary>
        public float* Shrink { get; }

        /// <summary>[Rows, 16], and eight rows of scratch behind them.</summary>
        public float* Score(int t) => _row + (t * _rowFloats);

        /// <summary>[Rows / 2, 16, 2] INT16.</summary>
        public int* Shares(int t) => (int*)Score(t) + ((WholeTile.Rows + ScoreKernel.Positions) * AttentionCode.Heads);

        /// <summary>[groups, 16 heads].</summary>
        public float* Units(int t) => (float*)Shares(t) + (WholeTile.Rows / 2 * WholeTile.MostGroups);

        /// <summary>[16].</summary>
        public float* Decay(int t) => Units(t) + (WholeTile.MostGroups * AttentionCode.Heads);

        /// <summary>[16].</summary>
        public float* QueryUnits(int t) => Decay(t) + AttentionCode.Heads;

        /// <summary>[2P, 16].</summary>
        public float* Turning(int t) => QueryUnits(t) + AttentionCode.Heads;

        /// <summary>Those columns that do not rotate, as the kernel reads them.</summary>
        public byte* Queries(int t) => (byte*)(Turning(t) + ((long)_width * AttentionCode.Heads));
    }
}
