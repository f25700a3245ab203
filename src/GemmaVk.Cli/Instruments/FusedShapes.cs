using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Instruments;

// Letters: T rows in this pass, D hidden size, F FFN size, H query heads, K KV heads, W head width, R rows of the cache.

/// <summary>Kernels that fuse several, at the shapes of the 12B's decoding and verifying passes.</summary>
internal static class FusedShapes
{
    private const int Layers = 3;

    /// <summary>All shapes.</summary>
    public static IEnumerable<BenchShape> All(Gemma4TextConfig config)
    {
        foreach (int T in (int[])[1, 2, 4, 8])
        {
            bool quick = T is 1 or 8;
            foreach (DType format in (DType[])[DType.Q4, DType.Q8, DType.Q4K, DType.BF16])
            {
                yield return Qkv(config, T, format, quick && format == DType.Q4);
                yield return Gate(config, T, format, quick && format == DType.Q4);
            }

            yield return Norm(config, T, quick);
            yield return Append(config, T, quick);
            yield return Attention(config, T, T == 1);
        }
    }

    private static BenchShape Qkv(Gemma4TextConfig config, int T, DType format, bool quick) => new(nameof(MatVecQkv), T, 0, quick, buffers =>
    {
        (int D, int q, int kv) = (config.HiddenSize, config.NumAttentionHeads * config.HeadDim, config.NumKeyValueHeads * config.HeadDim);
        Activations x = buffers.Rows(DrawnValues.Of(T * D, 1), QuantBlocks.HasGroups(format), format, T, D);
        BufferHandle queries = buffers.Zeros(DType.F32, T, q), keys = buffers.Zeros(DType.F32, T, kv), values = buffers.Zeros(DType.F32, T, kv);
        // Several layers, so that no cache holds their matrices.
        WeightMatrix[] w = Matrices(buffers, format, D, 2 * Layers, q, kv, kv);
        return pass =>
        {
            for (int i = 0; i < w.Length; i += 3)
            {
                pass.MatVecQkv(new(x, w[i], w[i + 1], w[i + 2], queries, keys, values, T));
            }
        };
    });

    private static BenchShape Gate(Gemma4TextConfig config, int T, DType format, bool quick) => new(nameof(MatVecGeGlu), T, 0, quick, buffers =>
    {
        (int D, int F, bool rows) = (config.HiddenSize, config.IntermediateSize, QuantBlocks.HasGroups(format));
        Activations x = buffers.Rows(DrawnValues.Of(T * D, 1), rows, format, T, D);
        BufferHandle g = buffers.Zeros(DType.F32, T, F), u = buffers.Zeros(DType.F32, T, F);
        Activations y = rows ? buffers.EmptyRows((long)T * F) : new Activations(g);
        WeightMatrix[] w = Matrices(buffers, format, D, Layers, F, F);
        return pass =>
        {
            for (int i = 0; i < w.Length; i += 2)
            {
                pass.MatVecGeGlu(new(x, w[i], w[i + 1], g, u, y, format, T));
            }
        };
    });

    private static BenchShape Norm(Gemma4TextConfig config, int T, bool quick) => BenchShapes.Small(nameof(AddRmsNormQuantize), T, quick, buffers =>
    {
        int D = config.HiddenSize;
        BufferHandle x = Floats(buffers, T * D), y = Floats(buffers, T * D), w = Floats(buffers, D), a = buffers.Zeros(DType.F32, T, D);
        Activations rows = buffers.EmptyRows((long)T * D);
        // Scale 0.5 keeps the residual bounded over many runs.
        return pass => pass.AddRmsNormQuantize(new(new(x, y, w, 0.5f, w, a, T, D, config.RmsNormEps), rows, DType.Q4));
    });

    private static BenchShape Append(Gemma4TextConfig config, int T, bool quick) => BenchShapes.Small(nameof(RmsNormRopeAppend), T, quick, buffers =>
    {
        (int H, int K, int W, int R) = (config.NumAttentionHeads, config.NumKeyValueHeads, config.HeadDim, config.SlidingWindow + 512);
        BufferHandle q = Floats(buffers, T * H * W), key = Floats(buffers, T * K * W), value = Floats(buffers, T * K * W), w = Floats(buffers, W);
        BufferHandle angles = buffers.Floats(DrawnValues.Angles(T, W, 1)), positions = buffers.Ints(First(R - 100, T));
        KvRows cache = AttentionShapes.Cache(buffers, DType.F16, valuesOnly: false, K, R, W);
        return pass => pass.RmsNormRopeAppend(new(q, key, value, value, w, w, angles, cache, positions, T, H, K, W, config.RmsNormEps));
    });

    private static BenchShape Attention(Gemma4TextConfig config, int T, bool quick) => BenchShapes.Small(nameof(AttentionDecodeQuantize), T, quick, buffers =>
    {
        (int H, int K, int W, int R) = (config.NumAttentionHeads, config.NumKeyValueHeads, config.HeadDim, config.SlidingWindow + T);
        KvRows cache = AttentionShapes.Cache(buffers, DType.F16, valuesOnly: false, K, R, W);
        BufferHandle q = Floats(buffers, T * H * W), positions = buffers.Ints(First(4096, T)), y = buffers.Zeros(DType.F32, T, H * W);
        Activations rows = buffers.EmptyRows((long)T * H * W);
        return pass => pass.AttentionDecodeQuantize(new(new(q, cache, positions, positions, y, T, H, K, W, config.SlidingWindow), rows, DType.Q4));
    });

    private static WeightMatrix[] Matrices(OperandBuffers buffers, DType format, int inputs, int times, params int[] outputs)
    {
        WeightMatrix[] all = new WeightMatrix[times * outputs.Length];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = buffers.Place(new NoiseMatrix(format, outputs[i % outputs.Length], inputs));
        }

        return all;
    }

    private static int[] First(int position, int T)
    {
        int[] positions = new int[T];
        for (int t = 0; t < T; t++)
        {
            positions[t] = position + t;
        }

        return positions;
    }

    private static BufferHandle Floats(OperandBuffers buffers, int count) => buffers.Floats(DrawnValues.Of(count, 1));
}
