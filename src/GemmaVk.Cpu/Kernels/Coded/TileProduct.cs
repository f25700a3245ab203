using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GemmaVk.Cpu.Kernels.Products;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Coded;

// Letters: T rows, N outputs, K columns, G groups of 32 of them, r row of 16.

/// <summary>
/// Drives <see cref="TileKernel"/> over a matrix: rows of x are packed once, 16 at a time; each thread unpacks 16 weight rows into a
/// tile of its own, which all rows of x pass over.
/// <code>
/// packed:  [ceil(T / 16)] of  activations [16 lanes, blocks, 16 rows, 32] INT8
///                             units       [16 lanes, blocks, 16 rows] F32
/// </code>
/// </summary>
internal static unsafe class TileProduct
{
    /// <summary>Longest rows: a tile of unpacked weights lies on a thread's stack.</summary>
    public const int MostColumns = 24576;

    private const int Rows = TileKernel.Rows;
    private const int Lanes = TileKernel.Lanes;
    private const int GroupBytes = TileKernel.GroupBytes;
    private const int UnitBytes = Rows * sizeof(float);

    public static void Run(RowPartition pool, Scratch scratch, ProductCode code, in ProductSource source, WeightMatrix w, BufferHandle y, int T)
    {
        int G = w.K / QuantBlocks.GroupSize;
        int blocks = (G + Lanes - 1) / Lanes;
        int batches = (T + Rows - 1) / Rows;
        Packing packing = new()
        {
            Source = source,
            Packed = scratch.Take((long)batches * BatchBytes(blocks)),
            T = T,
            G = G,
            Blocks = blocks,
        };
        Tiling tiling = new()
        {
            Kernel = code.Tile,
            Packed = packing.Packed,
            Data = CpuBuffer.Of<byte>(w.Data, w.Format, (long)w.N * w.K),
            Scales = CpuBuffer.Of<ushort>(w.Scale!, QuantBlocks.ScaleType(w.Format), (long)w.N * G),
            Nibbles = QuantBlocks.HasNibbles(w.Format),
            Halfs = QuantBlocks.ScaleType(w.Format) == DType.F16,
            Y = CpuBuffer.Of<float>(y, DType.F32, (long)T * w.N),
            T = T,
            N = w.N,
            G = G,
            Blocks = blocks,
        };
        pool.Run(ref packing, batches * blocks);
        pool.Run(ref tiling, (w.N + Rows - 1) / Rows);
    }

    private static long BatchBytes(int blocks) => (long)Lanes * blocks * (GroupBytes + UnitBytes);

    /// <summary>First group of a block: where G is no multiple of 16 the last one starts earlier, so that it ends with the row.</summary>
    private static int Origin(int block, int G) => Math.Max(Math.Min(block * Lanes, G - Lanes), 0);

    private struct Packing : IRowWork
    {
        public ProductSource Source;
        public byte* Packed;
        public int T;
        public int G;
        public int Blocks;

        /// <summary>Units are the blocks of all batches.</summary>
        public readonly void Rows(int first, int end, int worker)
        {
            for (int unit = first; unit < end; unit++)
            {
                (int batch, int block) = (unit / Blocks, unit % Blocks);
                byte* steps = Packed + (batch * BatchBytes(Blocks));
                float* units = (float*)(steps + ((long)Lanes * Blocks * GroupBytes));
                int origin = Origin(block, G);
                for (int lane = 0; lane < Lanes; lane++)
                {
                    int g = origin + lane, place = (lane * Blocks) + block;
                    for (int r = 0; r < TileKernel.Rows; r++)
                    {
                        long t = (batch * TileKernel.Rows) + r, from = (t * G) + g;
                        bool present = t < T && g < G;
                        Vector256<sbyte> row = present ? Vector256.Load(Source.Q + (from * QuantBlocks.GroupSize)) : default;
                        row.Store((sbyte*)steps + (((long)place * GroupBytes) + (r * QuantBlocks.GroupSize)));
                        // Groups that an earlier block did count nothing here.
                        units[(place * TileKernel.Rows) + r] = present && g >= block * Lanes ? Source.Unit[from] : 0;
                    }
                }
            }
        }
    }

    private struct Tiling : IRowWork
    {
        public Microkernel Kernel;
        public byte* Packed;
        public byte* Data;
        public ushort* Scales;
        public bool Nibbles;
        public bool Halfs;
        public float* Y;
        public int T;
        public int N;
        public int G;
        public int Blocks;

        /// <summary>Units are 16 weight rows.</summary>
        public readonly void Rows(int first, int end, int worker)
        {
            int groups = Lanes * Blocks;
            byte* room = stackalloc byte[(groups * (GroupBytes + UnitBytes)) + ((Lanes + 1) * GroupBytes * 2) + CpuBuffer.Alignment];
            sbyte* weights = (sbyte*)(((nint)room + CpuBuffer.Alignment - 1) & -CpuBuffer.Alignment);
            float* scales = (float*)(weights + (groups * GroupBytes));
            float* sums = scales + (groups * TileKernel.Rows);
            TileArguments arguments = new()
            {
                Weights = weights,
                Scales = scales,
                Sums = sums,
                Dots = (int*)(sums + (Lanes * TileKernel.Rows * TileKernel.Rows)),
                Blocks = Blocks,
            };
            for (int unit = first; unit < end; unit++)
            {
                int n = unit * TileKernel.Rows;
                for (int block = 0; block < Blocks; block++)
                {
                    Unpack(n, block, weights, scales);
                }

                for (int t = 0; t < T; t += TileKernel.Rows)
                {
                    arguments.Activations = (sbyte*)Packed + (t / TileKernel.Rows * BatchBytes(Blocks));
                    arguments.Units = (float*)(arguments.Activations + (groups * GroupBytes));
                    Kernel.Run(&arguments);
                    Totals(sums, t, n);
                }
            }
        }

        /// <summary>A block of 16 weight rows as the kernel wants it; rows behind the last are the last one again.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Unpack(int n, int block, sbyte* weights, float* scales)
        {
            int bytes = Nibbles ? 16 : 32, origin = Origin(block, G);
            for (int lane = 0; lane < Lanes; lane++)
            {
                int g = origin + lane, place = (lane * Blocks) + block;
                sbyte* to = weights + (place * GroupBytes);
                float* scale = scales + (place * TileKernel.Rows);
                if (g >= G)
                {
                    new Span<sbyte>(to, GroupBytes).Clear();
                    new Span<float>(scale, TileKernel.Rows).Clear();
                    continue;
                }

                for (int i = 0; i < TileKernel.Rows; i++)
                {
                    ushort half = Scales[((long)Math.Min(n + i, N - 1) * G) + g];
                    scale[i] = Halfs ? Float16.ToSingle(half) : BFloat16.ToSingle(half);
                }

                for (int half = 0; half < bytes / 16; half++)
                {
                    Vector512<byte> a = Pieces(n, g, half, bytes), b = Pieces(n + 1, g, half, bytes), c = Pieces(n + 2, g, half, bytes), d = Pieces(n + 3, g, half, bytes);
                    Lanes512.Transpose(ref a, ref b, ref c, ref d);
                    if (Nibbles)
                    {
                        Store(Lanes512.HighNibbles(a), Lanes512.HighNibbles(b), Lanes512.HighNibbles(c), Lanes512.HighNibbles(d), 8, to + (GroupBytes / 2));
                        (a, b, c, d) = (Lanes512.LowNibbles(a), Lanes512.LowNibbles(b), Lanes512.LowNibbles(c), Lanes512.LowNibbles(d));
                    }

                    Store(a, b, c, d, Nibbles ? (byte)8 : (byte)0, to + (half * GroupBytes / 2));
                }
            }
        }

        private static void Store(Vector512<byte> a, Vector512<byte> b, Vector512<byte> c, Vector512<byte> d, byte offset, sbyte* to)
        {
            Vector512<byte> less = Vector512.Create(offset);
            (a - less).Store((byte*)to);
            (b - less).Store((byte*)to + 64);
            (c - less).Store((byte*)to + 128);
            (d - less).Store((byte*)to + 192);
        }

        /// <summary>16 bytes of weight rows n, n + 4, n + 8 and n + 12: transposed, the rows of four such vectors are in their order.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly Vector512<byte> Pieces(int n, int g, int half, int bytes) => Vector512.Create(
            Vector256.Create(Piece(n, g, half, bytes), Piece(n + 4, g, half, bytes)),
            Vector256.Create(Piece(n + 8, g, half, bytes), Piece(n + 12, g, half, bytes)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly Vector128<byte> Piece(int n, int g, int half, int bytes) =>
            Vector128.Load(Data + ((((long)Math.Min(n, N - 1) * G) + g) * bytes) + (half * 16));

        /// <summary>The lanes' sums added as <see cref="Lanes512.Sum"/> adds them, for 16 weight rows at once.</summary>
        private readonly void Totals(float* sums, int t, int n)
        {
            int count = Math.Min(TileKernel.Rows, N - n);
            float* totals = stackalloc float[TileKernel.Rows];
            for (int r = 0; r < Math.Min(TileKernel.Rows, T - t); r++)
            {
                Vector512<float> total = (Fourth(sums, r, 0) + Fourth(sums, r, 2)) + (Fourth(sums, r, 1) + Fourth(sums, r, 3));
                total.Store(totals);
                new ReadOnlySpan<float>(totals, count).CopyTo(new Span<float>(Y + ((long)(t + r) * N) + n, count));
            }
        }

        private static Vector512<float> Fourth(float* sums, int r, int p) => (Lane(sums, r, p) + Lane(sums, r, p + 8)) + (Lane(sums, r, p + 4) + Lane(sums, r, p + 12));

        /// <summary>The sums of lane p of the intrinsics, which do not have the groups in their order.</summary>
        private static Vector512<float> Lane(float* sums, int r, int p) =>
            Vector512.Load(sums + (((((p % 4 * 4) + (p / 4)) * TileKernel.Rows) + r) * TileKernel.Rows));
    }
}
