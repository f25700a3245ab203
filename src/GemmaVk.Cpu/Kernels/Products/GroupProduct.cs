using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Products;

// Letters: T rows, N outputs, K columns, G groups of 32 of them, C groups of a block.

/// <summary>
/// Drives tiles with INT8 activations over a matrix. Rows of x are packed once; threads share the weight rows.
/// <code>
/// packed:  [ceil(T / BatchRows), blocks, BatchRows, PackedBytes]
/// </code>
/// Each thread walks its weight rows in panels that stay in the second-level cache while all batches of x pass over them,
/// so that weights come from memory once; and a strip of a panel's rows span by span of columns, so that the span of x
/// stays in the first-level cache. Where G is no multiple of C, the last block starts earlier, so that it ends with the
/// row, and the units of groups that were done are zero. A row of fewer groups is first copied to a padded one.
/// </summary>
internal static unsafe class GroupProduct
{
    private const long PanelBytes = 192 << 10;

    /// <summary>Enough that the last one does not matter.</summary>
    private const int PiecesPerThread = 16;

    /// <summary>Rows of x that share the making of a block of weights.</summary>
    private const int BatchRows = 16;

    /// <summary>Rows of weights that share a span of x.</summary>
    private const int StripRows = 16;

    /// <summary>What of x stays in the first-level cache beside partial sums and weights.</summary>
    private const int SpanBytes = 20 << 10;

    /// <summary>How far ahead of the reading of whole rows memory is asked for.</summary>
    private const int PrefetchBytes = 4096;

    /// <summary>How many rows ahead, where rows are read in pieces.</summary>
    private const int PrefetchRows = 2;

    /// <summary>Most groups of a block.</summary>
    private const int MostGroups = 16;

    /// <summary>Most units of scales of a block.</summary>
    private const int MostScales = 18;

    public static void Run<TTile>(RowPartition pool, Scratch scratch, in ProductSource source, WeightMatrix w, BufferHandle y, int T)
        where TTile : struct, IGroupTile
    {
        if (T == 0)
        {
            return;
        }

        int G = w.K / QuantBlocks.GroupSize;
        int blocks = (G + TTile.Groups - 1) / TTile.Groups;
        Packing<TTile> packing = new()
        {
            Source = source,
            Packed = scratch.Take((long)T * blocks * TTile.PackedBytes),
            T = T,
            G = G,
            Blocks = blocks,
        };
        Tiling<TTile> tiling = new()
        {
            Packed = packing.Packed,
            Data = CpuBuffer.Of<byte>(w.Data, w.Format, (long)w.N * w.K),
            Scales = CpuBuffer.Of<ushort>(w.Scale!, QuantBlocks.ScaleType(w.Format), (long)w.N * TTile.Scales(G)),
            Y = CpuBuffer.Of<float>(y, DType.F32, (long)T * w.N),
            T = T,
            N = w.N,
            G = G,
            Blocks = blocks,
            PanelRows = (int)Math.Max(1, PanelBytes / ((long)G * (TTile.GroupBytes + sizeof(ushort))) / StripRows) * StripRows,
        };
        pool.Run(ref packing, T * blocks, least: 64, piece: 16);
        // Several batches pass over whole panels; else small pieces even out what disturbs a core.
        int piece = tiling.PanelRows;
        if (T <= BatchRows)
        {
            piece = Math.Min(piece, Math.Max(1, w.N / (pool.Threads * PiecesPerThread * StripRows)) * StripRows);
        }

        pool.Run(ref tiling, w.N, piece: piece);
    }

    private static int Origin(int block, int G, int C) => Math.Max(Math.Min(block * C, G - C), 0);

    private struct Packing<TTile> : IRowWork
        where TTile : struct, IGroupTile
    {
        public ProductSource Source;
        public byte* Packed;
        public int T;
        public int G;
        public int Blocks;

        /// <summary>Units are the blocks of all rows.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            sbyte* steps = stackalloc sbyte[MostGroups * QuantBlocks.GroupSize];
            float* units = stackalloc float[MostGroups];
            for (int unit = first; unit < end; unit++)
            {
                (int t, int block) = (unit / Blocks, unit % Blocks);
                int batch = t / BatchRows * BatchRows;
                int rows = Math.Min(BatchRows, T - batch);
                byte* packed = Packed + ((((long)batch * Blocks) + ((long)block * rows) + t - batch) * TTile.PackedBytes);
                int origin = Origin(block, G, TTile.Groups);
                sbyte* q = Source.Q + ((((long)t * G) + origin) * QuantBlocks.GroupSize);
                float* from = Source.Unit + ((long)t * G) + origin;
                for (int g = 0; g < TTile.Groups; g++)
                {
                    units[g] = origin + g < block * TTile.Groups || origin + g >= G ? 0 : from[g];
                }

                if (G < TTile.Groups)
                {
                    new Span<sbyte>(steps, MostGroups * QuantBlocks.GroupSize).Clear();
                    new ReadOnlySpan<sbyte>(q, G * QuantBlocks.GroupSize).CopyTo(new Span<sbyte>(steps, MostGroups * QuantBlocks.GroupSize));
                    q = steps;
                }

                TTile.Pack(q, units, packed);
            }
        }
    }

    private struct Tiling<TTile> : IRowWork
        where TTile : struct, IGroupTile
    {
        public byte* Packed;
        public byte* Data;
        public ushort* Scales;
        public float* Y;
        public int T;
        public int N;
        public int G;
        public int Blocks;
        public int PanelRows;

        /// <summary>Units are weight rows.</summary>
        public readonly void Rows(int first, int end, int worker)
        {
            for (int panel = first; panel < end; panel += PanelRows)
            {
                int panelEnd = Math.Min(panel + PanelRows, end);
                for (int t = 0; t < T; t += BatchRows)
                {
                    for (int strip = panel; strip < panelEnd; strip += StripRows)
                    {
                        Strip(strip, Math.Min(StripRows, panelEnd - strip), t, Math.Min(BatchRows, T - t));
                    }
                }
            }
        }

        private readonly void Strip(int n, int count, int t, int rows)
        {
            // Partial sums that lie across two cache lines take twice the loads and stores.
            byte* room = stackalloc byte[(StripRows * BatchRows * MostGroups * sizeof(float)) + CpuBuffer.Alignment];
            float* sums = (float*)(((nint)room + CpuBuffer.Alignment - 1) & -CpuBuffer.Alignment);
            byte* packed = Packed + ((long)t * Blocks * TTile.PackedBytes);
            int C = TTile.Groups;
            new Span<float>(sums, count * rows * C).Clear();
            if (G < C)
            {
                Short(n, count, packed, rows, sums);
            }
            else
            {
                int span = Math.Max(1, SpanBytes / (rows * TTile.PackedBytes));
                for (int block = 0; block < Blocks; block += span)
                {
                    Span(n, count, packed, rows, block, Math.Min(block + span, Blocks), sums);
                }
            }

            for (int i = 0; i < count; i++)
            {
                for (int r = 0; r < rows; r++)
                {
                    Y[((long)(t + r) * N) + n + i] = TTile.Total(sums + (((i * rows) + r) * C));
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Span(int n, int count, byte* packed, int rows, int block, int end, float* sums)
        {
            int C = TTile.Groups;
            int aligned = G / C;
            int blockBytes = C * TTile.GroupBytes;
            for (int i = 0; i < count; i++)
            {
                byte* weights = Data + ((long)(n + i) * G * TTile.GroupBytes);
                ushort* scales = Scales + ((long)(n + i) * TTile.Scales(G));
                byte* x = packed + ((long)block * rows * TTile.PackedBytes);
                byte* ahead = Ahead(n, i, count, block, end);
                int at = block;
                if (TTile.TakesSpans && aligned > block)
                {
                    at = Math.Min(aligned, end);
                    TTile.AddSpan(weights + ((long)block * blockBytes), scales + TTile.Scales(block * C), x, rows, at - block, ahead, sums);
                    x += (long)(at - block) * rows * TTile.PackedBytes;
                    ahead += (at - block) * blockBytes;
                }

                for (; at < end; at++)
                {
                    int origin = at < aligned ? at * C : G - C;
                    for (int line = 0; line < blockBytes; line += 64)
                    {
                        VectorOps.PrefetchNear(ahead + line);
                    }

                    ahead += blockBytes;
                    TTile.Add(weights + (origin * TTile.GroupBytes), scales + TTile.Scales(origin), x, rows, sums);
                    x += rows * TTile.PackedBytes;
                }

                sums += rows * C;
            }
        }

        /// <summary>
        /// Where the memory begins that is asked for beside row <paramref name="i"/> of a strip. Whole rows follow each other; of pieces the hardware
        /// cannot know which is next: the same columns of a row below, then the strip's next columns, then the next strip.
        /// </summary>
        private readonly byte* Ahead(int n, int i, int count, int block, int end)
        {
            if (block == 0 && end == Blocks)
            {
                return Data + ((long)(n + i) * G * TTile.GroupBytes) + PrefetchBytes;
            }

            int below = i + PrefetchRows;
            (int row, int column) = below < count ? (below, block) : end < Blocks ? (below - count, end) : (below, 0);
            return Data + ((((long)(n + row) * G) + ((long)column * TTile.Groups)) * TTile.GroupBytes);
        }

        /// <summary>Rows shorter than a block.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Short(int n, int count, byte* packed, int rows, float* sums)
        {
            byte* weights = stackalloc byte[MostGroups * QuantBlocks.GroupSize];
            ushort* scales = stackalloc ushort[MostScales];
            new Span<byte>(weights, MostGroups * QuantBlocks.GroupSize).Clear();
            new Span<ushort>(scales, MostScales).Clear();
            for (int i = 0; i < count; i++)
            {
                new ReadOnlySpan<byte>(Data + ((long)(n + i) * G * TTile.GroupBytes), G * TTile.GroupBytes).CopyTo(new Span<byte>(weights, MostGroups * QuantBlocks.GroupSize));
                new ReadOnlySpan<ushort>(Scales + ((long)(n + i) * TTile.Scales(G)), TTile.Scales(G)).CopyTo(new Span<ushort>(scales, MostScales));
                TTile.Add(weights, scales, packed, rows, sums + (i * rows * TTile.Groups));
            }
        }
    }
}
