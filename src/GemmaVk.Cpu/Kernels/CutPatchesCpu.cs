using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: S side of a patch in pixels.

/// <summary>Twin of <see cref="CutPatches"/>: a patch is one unit; a table of 256 floats stays in the first-level cache.</summary>
internal static unsafe class CutPatchesCpu
{
    public static void Run(RowPartition pool, in CutPatches.Args args)
    {
        long count = (long)args.Patches * args.Values;
        Work work = new()
        {
            Pixels = CpuBuffer.Of<byte>(args.Pixels, DType.U8, count),
            Levels = CpuBuffer.Of<float>(args.Levels, DType.F32, 256),
            Y = CpuBuffer.Of<float>(args.Y, DType.F32, count),
            Columns = args.Columns,
            S = args.S,
        };
        pool.Run(ref work, args.Patches);
    }

    private struct Work : IRowWork
    {
        public byte* Pixels;
        public float* Levels;
        public float* Y;
        public int Columns;
        public int S;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            int line = S * 3;
            for (int p = first; p < end; p++)
            {
                // A patch's line is one run of bytes in the picture.
                byte* from = Pixels + ((((long)(p / Columns) * S * Columns) + (p % Columns)) * line);
                float* to = Y + ((long)p * S * line);
                for (int r = 0; r < S; r++)
                {
                    for (int i = 0; i < line; i++)
                    {
                        to[i] = Levels[from[i]];
                    }

                    from += (long)Columns * line;
                    to += line;
                }
            }
        }
    }
}
