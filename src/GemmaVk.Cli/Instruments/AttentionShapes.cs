using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Instruments;

// Letters: T rows in this pass, H query heads, K KV heads, W head width, R rows of the cache, P pairs that rotate.

/// <summary>Attention of the 12B's two kinds of layer at several depths and in every format of a cache.</summary>
internal static class AttentionShapes
{
    private static readonly int[] Depths = [0, 4096, 32768, 131072];

    /// <summary>All shapes.</summary>
    public static IEnumerable<BenchShape> All(Gemma4TextConfig config)
    {
        foreach (int depth in Depths)
        {
            foreach ((DType format, bool valuesOnly) in ((DType, bool)[])[(DType.F16, false), (DType.F16, true), (DType.Q8, false), (DType.Q8, true)])
            {
                foreach (int T in (int[])[1, 2, 4, 8, 128, 512])
                {
                    bool quick = format == DType.F16 && !valuesOnly && ((T == 1 && depth is 4096) || (T == 128 && depth == 0));
                    yield return Full(config, T, depth, format, valuesOnly, quick);
                    // Beyond its window a sliding layer costs the same at every depth, and it keeps its keys.
                    if (depth <= 4096 && !valuesOnly)
                    {
                        yield return Sliding(config, T, depth, format, quick);
                    }
                }
            }
        }
    }

    /// <summary>A cache of zeros for K heads of width W.</summary>
    public static KvRows Cache(OperandBuffers buffers, DType format, bool valuesOnly, int K, int R, int W, int P = 0)
    {
        BufferHandle? Scales() => format == DType.Q8 ? buffers.Zeros(DType.BF16, K, R, W / QuantBlocks.GroupSize) : null;
        return new KvRows(
            valuesOnly ? null : buffers.Zeros(format, K, R, W),
            buffers.Zeros(format, K, R, W),
            R,
            valuesOnly ? null : Scales(),
            Scales(),
            valuesOnly ? RebuiltKeys.Draw(W, P, R, 1, 1).On(buffers) : null);
    }

    private static BenchShape Full(Gemma4TextConfig config, int T, int depth, DType format, bool valuesOnly, bool quick)
    {
        (int K, int W) = (config.NumGlobalKeyValueHeads, config.GlobalHeadDim);
        return Shape(config.NumAttentionHeads, K, W, depth + T, 0, T, depth, quick, format, valuesOnly, (int)(W / 2 * config.PartialRotaryFactor));
    }

    private static BenchShape Sliding(Gemma4TextConfig config, int T, int depth, DType format, bool quick) => Shape(
        config.NumAttentionHeads, config.NumKeyValueHeads, config.HeadDim, config.SlidingWindow + T, config.SlidingWindow, T, depth, quick, format, valuesOnly: false, 0);

    private static BenchShape Shape(int H, int K, int W, int R, int window, int T, int depth, bool quick, DType format, bool valuesOnly, int P) => new(
        T <= MatVec.MaxRows ? nameof(AttentionDecode) : nameof(AttentionPrefill),
        T,
        depth,
        quick,
        buffers =>
        {
            KvRows cache = Cache(buffers, format, valuesOnly, K, R, W, P);
            BufferHandle q = buffers.Floats(DrawnValues.Of(T * H * W, 1)), positions = buffers.Ints([.. Enumerable.Range(depth, T)]), y = buffers.Zeros(DType.F32, T, H * W);
            return T <= MatVec.MaxRows
                ? pass => pass.AttentionDecode(new(q, cache, positions, positions, y, T, H, K, W, window))
                : pass => pass.AttentionPrefill(new(q, cache, positions, positions, y, T, H, K, W, window));
        });
}
