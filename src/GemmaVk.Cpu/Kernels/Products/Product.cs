using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Products;

// Letters: T rows, N outputs, K columns.

/// <summary>
/// Drives tiles with float activations over a matrix. Rows of x are packed once, in blocks of up to four; threads share the weight rows; each
/// walks its own in panels that stay in the second-level cache while all blocks of x pass over them, so that weights
/// come from memory once.
/// </summary>
internal static unsafe class Product
{
    private const long PanelBytes = 192 << 10;

    public static void Run<TTile>(RowPartition pool, Scratch scratch, in ProductSource source, WeightMatrix w, BufferHandle y, int T)
        where TTile : struct, ITile
    {
        if (T == 0)
        {
            return;
        }

        long rowBytes = QuantBlocks.RowBytes(w.Format, w.K);
        long rowScales = QuantBlocks.RowScales(w.Format, w.K);
        int blockRows = Math.Min(TTile.MaxRows, (int)BitOperations.RoundUpToPowerOf2((uint)T));
        int blocks = (T + blockRows - 1) / blockRows;
        long blockBytes = TTile.PackedBytes(blockRows, w.K);
        Packing<TTile> packing = new()
        {
            Source = source,
            Packed = scratch.Take(blocks * blockBytes),
            BlockBytes = blockBytes,
            BlockRows = blockRows,
            T = T,
        };
        Tiling<TTile> tiling = new()
        {
            Packed = packing.Packed,
            BlockBytes = blockBytes,
            BlockRows = blockRows,
            Data = CpuBuffer.Of<byte>(w.Data, w.Format, (long)w.N * w.K),
            Scales = w.Scale is null ? null : CpuBuffer.Of<ushort>(w.Scale, QuantBlocks.ScaleType(w.Format), w.N * rowScales),
            RowBytes = rowBytes,
            RowScales = rowScales,
            Y = CpuBuffer.Of<float>(y, DType.F32, (long)T * w.N),
            T = T,
            N = w.N,
            K = w.K,
            PanelRows = Math.Max(2, (int)(PanelBytes / (rowBytes + (2 * rowScales))) & ~1),
        };
        pool.Run(ref packing, blocks);
        pool.Run(ref tiling, (w.N + 1) / 2, piece: tiling.PanelRows / 2);
    }

    private struct Packing<TTile> : IRowWork
        where TTile : struct, ITile
    {
        public ProductSource Source;
        public byte* Packed;
        public long BlockBytes;
        public int BlockRows;
        public int T;

        public readonly void Rows(int first, int end, int worker)
        {
            for (int block = first; block < end; block++)
            {
                int t = block * BlockRows;
                TTile.Pack(Source, t, Math.Min(BlockRows, T - t), BlockRows, Packed + (block * BlockBytes));
            }
        }
    }

    private struct Tiling<TTile> : IRowWork
        where TTile : struct, ITile
    {
        public byte* Packed;
        public long BlockBytes;
        public int BlockRows;
        public byte* Data;
        public ushort* Scales;
        public long RowBytes;
        public long RowScales;
        public float* Y;
        public int T;
        public int N;
        public int K;
        public int PanelRows;

        public readonly void Rows(int first, int end, int worker)
        {
            switch (BlockRows)
            {
                case 1:
                    Panels<OneRow>(first, end);
                    break;
                case 2:
                    Panels<TwoRows>(first, end);
                    break;
                default:
                    Panels<FourRows>(first, end);
                    break;
            }
        }

        /// <summary>Units are pairs of weight rows; an odd last row meets itself.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Panels<TRows>(int first, int end)
            where TRows : struct, IRowCount
        {
            float* sums = stackalloc float[16];
            for (int panel = first * 2; panel < Math.Min(end * 2, N); panel += PanelRows)
            {
                int panelEnd = Math.Min(panel + PanelRows, Math.Min(end * 2, N));
                for (int t = 0; t < T; t += TRows.Count)
                {
                    byte* packed = Packed + (t / TRows.Count * BlockBytes);
                    int used = Math.Min(TRows.Count, T - t);
                    for (int n = panel; n < panelEnd; n += 2)
                    {
                        int next = Math.Min(n + 1, N - 1);
                        TTile.Multiply<TRows>(Row(n), Row(next), packed, K, sums);
                        for (int r = 0; r < used; r++)
                        {
                            Y[((long)(t + r) * N) + n] = sums[r];
                            Y[((long)(t + r) * N) + next] = sums[(next - n) * 8 + r];
                        }
                    }
                }
            }
        }

        private readonly WeightRows Row(int n) => new((nint)(Data + (n * RowBytes)), (nint)(Scales + (n * RowScales)));
    }
}
