using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Kernels.Products;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Coded;

// Letters: T rows, N outputs, K columns, G groups of 32 of them, C groups of a block.

/// <summary>
/// Drives microkernels of two weight rows over a matrix, as <see cref="GroupProduct"/> drives tiles: rows of x are packed once, threads share the weight
/// rows, panels of weights stay in the second-level cache, and spans of x in the first.
/// <code>
/// packed:  [ceil(T / BatchRows), blocks, rows of the batch, PackedBytes]
/// </code>
/// </summary>
internal static unsafe class CodeProduct
{
    private const long PanelBytes = 192 << 10;

    /// <summary>Enough that the last one does not matter.</summary>
    private const int PiecesPerThread = 16;

    /// <summary>Rows of x that share the unpacking of a block of weights, which takes as long as two to four rows: even.</summary>
    private const int BatchRows = 32;

    /// <summary>Rows of weights that share a span of x: even. With few rows of x twice as many, as far as they fit a panel: spans change less often.</summary>
    private const int StripRows = 16;

    /// <summary>Rows of x up to which strips are twice as high.</summary>
    private const int FewRows = BatchRows / 4;

    /// <summary>What of x stays in the first-level cache beside partial sums and weights.</summary>
    private const int SpanBytes = 20 << 10;

    /// <summary>How many weight rows ahead memory is asked for, where rows are read whole: even.</summary>
    private const int RowsAhead = 4;

    private const int MostGroups = 16;

    /// <summary>Most units of scales of a block.</summary>
    private const int MostScales = 18;

    public static void Run<TTile>(RowPartition pool, Scratch scratch, ProductCode code, in ProductSource source, WeightMatrix w, BufferHandle y, int T)
        where TTile : struct, ICodeTile
    {
        if (T == 0)
        {
            return;
        }

        int G = w.K / QuantBlocks.GroupSize;
        int blocks = (G + TTile.Groups - 1) / TTile.Groups;
        int filled = Filled<TTile>(T);
        long rowBytes = (long)G * (TTile.GroupBytes + sizeof(ushort));
        int stripRows = T <= FewRows && 2 * StripRows * rowBytes <= PanelBytes ? 2 * StripRows : StripRows;
        Packing<TTile> packing = new()
        {
            Source = source,
            Packed = scratch.Take((long)filled * blocks * TTile.PackedBytes),
            T = T,
            Filled = filled,
            G = G,
            Blocks = blocks,
        };
        Tiling<TTile> tiling = new()
        {
            Kernel = TTile.Kernel(code),
            Packed = packing.Packed,
            Data = CpuBuffer.Of<byte>(w.Data, w.Format, (long)w.N * w.K),
            Scales = CpuBuffer.Of<ushort>(w.Scale!, QuantBlocks.ScaleType(w.Format), TTile.Scales((long)w.N * G)),
            Y = CpuBuffer.Of<float>(y, DType.F32, (long)T * w.N),
            T = T,
            N = w.N,
            G = G,
            Blocks = blocks,
            StripRows = stripRows,
            PanelRows = (int)Math.Max(1, PanelBytes / rowBytes / stripRows) * stripRows,
        };
        pool.Run(ref packing, filled * blocks, least: 64, piece: 16);
        // Several batches pass over whole panels; else small pieces even out what disturbs a core.
        int piece = tiling.PanelRows;
        if (T <= BatchRows)
        {
            piece = Math.Min(piece, Math.Max(1, w.N / (pool.Threads * PiecesPerThread * stripRows)) * stripRows);
        }

        pool.Run(ref tiling, (w.N + 1) / 2, piece: piece / 2);
    }

    private static int Filled<TTile>(int rows)
        where TTile : struct, ICodeTile => (rows + TTile.RowStep - 1) / TTile.RowStep * TTile.RowStep;

    private struct Packing<TTile> : IRowWork
        where TTile : struct, ICodeTile
    {
        public ProductSource Source;
        public byte* Packed;
        public int T;
        public int Filled;
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
                int rows = Math.Min(BatchRows, Filled - batch);
                byte* packed = Packed + ((((long)batch * Blocks) + ((long)block * rows)) * TTile.PackedBytes);
                int C = TTile.Groups;
                // The last block starts earlier where G is no multiple of C, so that it ends with the row: the units of groups that were done are zero.
                int origin = Math.Max(Math.Min(block * C, G - C), 0);
                int count = t < T ? Math.Min(C, G) : 0;
                sbyte* q = Source.Q + ((((long)t * G) + origin) * QuantBlocks.GroupSize);
                float* from = Source.Unit + ((long)t * G) + origin;
                for (int g = 0; g < C; g++)
                {
                    units[g] = g >= count || origin + g < block * C ? 0 : from[g];
                }

                if (count < C)
                {
                    new Span<sbyte>(steps, MostGroups * QuantBlocks.GroupSize).Clear();
                    new ReadOnlySpan<sbyte>(q, count * QuantBlocks.GroupSize).CopyTo(new Span<sbyte>(steps, MostGroups * QuantBlocks.GroupSize));
                    q = steps;
                }

                TTile.Pack(q, units, t - batch, packed);
            }
        }
    }

    private struct Tiling<TTile> : IRowWork
        where TTile : struct, ICodeTile
    {
        public Microkernel Kernel;
        public byte* Packed;
        public byte* Data;
        public ushort* Scales;
        public float* Y;
        public int T;
        public int N;
        public int G;
        public int Blocks;
        public int StripRows;
        public int PanelRows;

        private readonly int C => TTile.Groups;

        /// <summary>Units are pairs of weight rows; an odd last row meets itself.</summary>
        public readonly void Rows(int first, int end, int worker)
        {
            int last = Math.Min(end * 2, N);
            for (int panel = first * 2; panel < last; panel += PanelRows)
            {
                int panelEnd = Math.Min(panel + PanelRows, last);
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
            byte* room = stackalloc byte[(CodeProduct.StripRows * BatchRows * MostGroups * sizeof(float)) + CpuBuffer.Alignment];
            float* sums = (float*)(((nint)room + CpuBuffer.Alignment - 1) & -CpuBuffer.Alignment);
            byte* packed = Packed + ((long)t * Blocks * TTile.PackedBytes);
            int filled = Filled<TTile>(rows);
            int pairSums = 2 * filled * C;
            new Span<float>(sums, (count + 1) / 2 * pairSums).Clear();
            if (G < C)
            {
                Short(n, count, packed, filled, sums);
            }
            else
            {
                // Equal spans: where the last one is short, calls for it cost as much as they do.
                int most = Math.Max(1, SpanBytes / (filled * TTile.PackedBytes)), spans = (Blocks + most - 1) / most;
                int span = (Blocks + spans - 1) / spans;
                for (int block = 0; block < Blocks; block += span)
                {
                    Span(n, count, packed, filled, block, Math.Min(block + span, Blocks), sums);
                }
            }

            for (int r = 0; r < rows; r++)
            {
                TTile.Totals(sums, pairSums, r, count, Y + ((long)(t + r) * N) + n);
            }
        }

        private readonly void Span(int n, int count, byte* packed, int filled, int block, int end, float* sums)
        {
            int whole = Math.Clamp(end, block, Math.Max(block, G / C)), width = Math.Min(end * C, G) - (block * C);
            // What is read in pieces of rows is asked for a strip before, from its first group to its last as it lies in memory.
            long ahead = width == G ? (long)(n + RowsAhead) * G : ((long)(n + StripRows) * G) + ((long)count * block * C);
            DotArguments arguments = new() { Rows = filled, Sums = sums };
            for (int i = 0; i < count; i += 2)
            {
                arguments.Packed = packed + ((long)block * filled * TTile.PackedBytes);
                if (whole > block)
                {
                    Weights(ref arguments, n + i, block * C, ahead);
                    arguments.Blocks = whole - block;
                    Kernel.Run(&arguments);
                }

                if (end > whole)
                {
                    arguments.Packed = packed + ((long)whole * filled * TTile.PackedBytes);
                    Weights(ref arguments, n + i, G - C, ahead + (2 * (whole - block) * C));
                    arguments.Blocks = 1;
                    Kernel.Run(&arguments);
                }

                ahead += 2 * width;
                arguments.Sums += 2 * filled * C;
            }
        }

        private readonly void Weights(ref DotArguments arguments, int n, int group, long ahead)
        {
            long first = ((long)n * G) + group;
            long next = first + (n + 1 < N ? G : 0);
            arguments.Weights = Data + (first * TTile.GroupBytes);
            arguments.Scales = Scales + TTile.Scales(first);
            arguments.NextWeights = Data + (next * TTile.GroupBytes);
            arguments.NextScales = Scales + TTile.Scales(next);
            arguments.Ahead = Data + (ahead * TTile.GroupBytes);
            arguments.ScalesAhead = Scales + TTile.Scales(ahead);
        }

        /// <summary>Rows shorter than a block.</summary>
        private readonly void Short(int n, int count, byte* packed, int filled, float* sums)
        {
            const int most = MostGroups * QuantBlocks.GroupSize;
            byte* weights = stackalloc byte[2 * most];
            ushort* scales = stackalloc ushort[2 * MostScales];
            new Span<byte>(weights, 2 * most).Clear();
            new Span<ushort>(scales, 2 * MostScales).Clear();
            DotArguments arguments = new()
            {
                Weights = weights,
                Scales = scales,
                NextWeights = weights + most,
                NextScales = scales + MostScales,
                Ahead = weights,
                ScalesAhead = scales,
                Packed = packed,
                Sums = sums,
                Blocks = 1,
                Rows = filled,
            };
            for (int i = 0; i < count; i += 2)
            {
                for (int row = 0; row < 2; row++)
                {
                    long from = (long)Math.Min(n + i + row, N - 1) * G;
                    new ReadOnlySpan<byte>(Data + (from * TTile.GroupBytes), G * TTile.GroupBytes).CopyTo(new Span<byte>(weights + (row * most), most));
                    new ReadOnlySpan<ushort>(Scales + TTile.Scales(from), (int)TTile.Scales(G)).CopyTo(new Span<ushort>(scales + (row * MostScales), MostScales));
                }

                Kernel.Run(&arguments);
                arguments.Sums += 2 * filled * C;
            }
        }
    }
}
