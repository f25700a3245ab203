using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Kernels.Attention;
using GemmaVk.Cpu.MachineCode.Attention;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: T rows in this pass, G = 16 query heads of one KV head, W head width, P pairs that rotate.

/// <content>Units in whole numbers, over caches of F16.</content>
internal static unsafe partial class AttentionDecodeCpu
{
    /// <summary>
    /// Positions that a row sees from which on halves are multiplied as whole numbers: before that attention is a small part of a step, and floats keep the last digits.
    /// </summary>
    public const int WordsFrom = 4096;

    private const int WordColumns = 512;

    /// <summary>Whether <see cref="WordWork{L, TF}"/> can take a cache: sixteen heads, rows that fit, and columns that rotate in groups of their own.</summary>
    private static bool InWords(in KvTiles cache, int G, int W) =>
        G == AttentionCode.Heads && cache.Values.Format == DType.F16 && W % QuantBlocks.GroupSize == 0 && W <= WordColumns
        && (!cache.ValuesOnly || (cache.Pairs % QuantBlocks.GroupSize == 0 && W / 2 % QuantBlocks.GroupSize == 0));

    /// <summary>How many rows, from the first on, see either few positions or many. Which of them a row does is its own affair, so that its bits are, too.</summary>
    private static int Alike(int* positions, int* reach, int window, int T, out bool many)
    {
        many = Sight.Of(positions[0], reach[0], window).Count >= WordsFrom;
        int t = 1;
        while (t < T && Sight.Of(positions[t], reach[t], window).Count >= WordsFrom == many)
        {
            t++;
        }

        return t;
    }

    /// <summary>Floats that a worker needs of it, wherever keys come from.</summary>
    public static long WordWorkspace(int T, int W) =>
        (WholeTile.Rows * (W + 16L + 1 + ((WordScoreKernel.KeyStride + (ValueKernel.WordPairStride / 2)) / sizeof(float)))) + W + (T * WordFloats(W));

    /// <summary>Scores, units and queries of a row.</summary>
    private static long WordFloats(int W) => (WholeTile.Rows + ScoreKernel.Positions + 3 + W + (W / 2L)) * AttentionCode.Heads;

    /// <summary>
    /// The work of <see cref="HeadWork{L, TF}"/> by <see cref="AttentionCode"/>: a row of halves becomes words on a step of its own once (<see cref="WordTile"/>), for keys, values and all rows
    /// of the pass. Where keys are rebuilt from values, the columns that rotate are multiplied as floats.
    /// </summary>
    private struct WordWork<L, TF> : IRowWork
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
                Unit(k, start, last, new WordRoom(Work.Room(worker), Work.W));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Unit(int k, int start, int last, in WordRoom room)
        {
            for (int t = 0; t < Work.T; t++)
            {
                Queries(t, k, room);
                Work.Open(t, k, start, last);
            }

            CacheRows values = Work.Cache.Values;
            int groups = Work.W / QuantBlocks.GroupSize, half = WholeTile.Rows * QuantBlocks.GroupSize;
            for (int at = Math.Max(start, Work.First / WholeTile.Rows * WholeTile.Rows); at <= last; at += WholeTile.Rows)
            {
                int from = Math.Max(Work.First - at, 0);
                int to = Math.Min(last - at + 1, WholeTile.Rows);
                Keys(k, at, from, to, room);
                for (int t = 0; t < Work.T; t++)
                {
                    (int seen, int unseen) = Work.Within(t, at, WholeTile.Rows);
                    if (seen < unseen)
                    {
                        Scores(t, seen, unseen, room);
                    }
                }

                if (!Work.Cache.ValuesOnly)
                {
                    Fill(values, k, at, from, to, null, room);
                }

                for (int t = 0; t < Work.T; t++)
                {
                    (int seen, int unseen) = Work.Within(t, at, WholeTile.Rows);
                    if (seen < unseen)
                    {
                        WordTile.Weigh(room.Score(t), room.Steps, seen, unseen, Work.Maximum(Work.Partial(t, k, Work.BlockOf(t, at)), 0), room.Decay(t), room.Unit(t));
                    }
                }

                bool more = at + WholeTile.Rows <= last;
                byte* next = more ? values.Row(k, at + WholeTile.Rows) : null;
                TileAhead keys = more && !Work.Cache.ValuesOnly ? new(null, Work.Cache.Keys.Row(k, at + WholeTile.Rows), WholeTile.Rows * values.RowBytes) : default;
                int piece = keys.Piece(groups);
                for (int group = 0; group < groups; group++)
                {
                    // All groups together ask for the next tile's rows, once.
                    byte* here = (byte*)room.Pairs, ahead = more ? next + (group * 2 * half) : here, nextAhead = more ? ahead + half : here;
                    keys.Ask(piece);
                    for (int t = 0; t < Work.T; t++)
                    {
                        (int seen, int unseen) = Work.Within(t, at, WholeTile.Rows);
                        if (seen < unseen)
                        {
                            Add(t, group, seen / 2, (unseen + 1) / 2, Work.Partial(t, k, Work.BlockOf(t, at)), ahead, nextAhead, room);
                            ahead = here;
                            nextAhead = here;
                        }
                    }
                }
            }
        }

        /// <summary>A row's queries: rotating columns [2P, 16] as floats, the others as whole numbers, with the weight of their values where keys are rebuilt from these.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Queries(int t, int k, in WordRoom room)
        {
            (int W, int P) = (Work.W, Work.Cache.Pairs);
            float* from = Work.Heads(t, k);
            Work.Turning(from, room.Turning(t));
            int halves = Work.Cache.ValuesOnly ? 2 : 1;
            WordQueries.Write(from, Work.Cache.ValuesOnly ? Work.Cache.Norm : null, P, W / halves, halves, room.Queries(t), room.QueryUnits(t));
        }

        /// <summary>What scores are made of, at the places from .. to of a tile: with values alone also these, two by two.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Keys(int k, int at, int from, int to, in WordRoom room)
        {
            CacheRows keys = Work.Cache.Keys;
            if (Work.Cache.ValuesOnly)
            {
                Fill(keys, k, at, from, to, room.Keys, room);
                for (int j = from; Work.Cache.Pairs > 0 && j < to; j++)
                {
                    Turn(at, j, room);
                }

                return;
            }

            for (int j = from; j < to; j++)
            {
                ushort* row = (ushort*)keys.Row(k, at + j);
                int exponent = WordTile.Exponent(row, Work.W);
                room.Steps[j] = WordTile.Unit(exponent);
                WordTile.Row(row, exponent, room.Keys + (j * WordScoreKernel.KeyStride / sizeof(short)), Work.W);
            }
        }

        /// <summary>Rows two by two. Where one of a pair is missing the other stands for it, with a weight of zero.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Fill(in CacheRows rows, int k, int at, int from, int to, short* alone, in WordRoom room)
        {
            const int stride = WordScoreKernel.KeyStride / sizeof(short);
            for (int pair = from / 2; 2 * pair < to; pair++)
            {
                int first = Math.Max(2 * pair, from), second = Math.Min((2 * pair) + 1, to - 1);
                ushort* a = (ushort*)rows.Row(k, at + first), b = (ushort*)rows.Row(k, at + second);
                int exponent = WordTile.Exponent(a, Work.W), next = WordTile.Exponent(b, Work.W);
                room.Steps[first] = WordTile.Unit(exponent);
                room.Steps[second] = WordTile.Unit(next);
                short* pairs = room.Pairs + (pair * ValueKernel.WordPairStride / sizeof(short));
                WordTile.Pair(a, exponent, b, next, pairs, alone == null ? null : alone + (first * stride), alone == null ? null : alone + (second * stride), Work.W);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Turn(int at, int j, in WordRoom room)
        {
            (int half, int P) = (Work.W / 2, Work.Cache.Pairs);
            short* row = room.Keys + (j * WordScoreKernel.KeyStride / sizeof(short));
            WordTile.Floats(row, room.Steps[j], room.Row, P);
            WordTile.Floats(row + half, room.Steps[j], room.Row + half, P);
            float* turned = room.Turned + ((long)j * Work.TurnedStride);
            Work.Cache.Turn<L, TF>(room.Row, at + j, turned, turned + P);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Scores(int t, int seen, int unseen, in WordRoom room)
        {
            (int W, int P) = (Work.W, Work.Cache.Pairs);
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
                arguments.Scales = room.Steps + j;
                for (int first = P; first < W; first += half)
                {
                    arguments.Keys = (byte*)(room.Keys + first) + (j * WordScoreKernel.KeyStride);
                    Code.WordScores.Run(&arguments);
                    arguments.Queries += groups * WordScoreKernel.QueryBytes;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Add(int t, int group, int firstPair, int endPair, float* partial, byte* ahead, byte* nextAhead, in WordRoom room)
        {
            ValueArguments arguments = new()
            {
                Values = (byte*)room.Pairs + (firstPair * ValueKernel.WordPairStride) + (group * 2 * QuantBlocks.GroupSize * sizeof(short)),
                Weights = (short*)(room.Score(t) + (firstPair * AttentionCode.Heads)),
                Decay = room.Decay(t),
                Units = room.Unit(t),
                Sums = partial + (group * QuantBlocks.GroupSize),
                Stride = Work.Padded * sizeof(float),
                Pairs = endPair - firstPair,
                Ahead = ahead,
                NextAhead = nextAhead,
            };
            Code.WordValues.Run(&arguments);
        }
    }

    /// <content>Columns that rotate, where all others are multiplied as whole numbers.</content>
    private partial struct Work<L, TF>
    {
        /// <summary>Floats from one rebuilt row to the next.</summary>
        public readonly int TurnedStride => (2 * Cache.Pairs) + 16;

        /// <summary>Of queries [16, W] those columns [2P, 16].</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Turning(float* queries, float* to)
        {
            int P = Cache.Pairs;
            for (int i = 0; i < 2 * P; i++)
            {
                int w = i < P ? i : i - P + (W / 2);
                for (int g = 0; g < G; g++)
                {
                    to[(i * G) + g] = queries[(g * W) + w];
                }
            }
        }

        /// <summary>What they add to the scores of the places seen .. unseen, which begin here; nothing where none rotates.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void TurnedScores(float* turning, float* turned, int seen, int unseen, float* score)
        {
            if (Cache.Pairs > 0)
            {
                HeadTile.Scores<L, TF>(turning, turned, TurnedStride, 2 * Cache.Pairs, seen, unseen, score, AttentionCode.Heads, add: false);
            }
            else
            {
                new Span<float>(score + (seen * AttentionCode.Heads), (unseen - seen + ScoreKernel.Positions) * AttentionCode.Heads).Clear();
            }
        }
    }
}
