using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Instruments;

// Letters: T rows in this pass, N outputs, K inputs, D hidden size, F FFN size, H query heads, W head width, V vocabulary.

/// <summary>Every kernel at the shapes of the 12B, whose numbers are the defaults of its configuration.</summary>
internal static class BenchShapes
{
    // Enough calls that starting a run does not count.
    private const int SmallCalls = 16;

    private static readonly Gemma4Config Config = new() { File = "", ModelType = "" };
    private static readonly VisionConfig Vision = new();
    private static readonly int[] FewRows = [1, 2, 4, 8];
    private static readonly int[] ManyRows = [128, 512];

    /// <summary>All shapes, kernel by kernel in the order of a pass.</summary>
    public static IReadOnlyList<BenchShape> All() => [.. Media(), .. RowWise(), .. Products(), .. AttentionShapes.All(Config), .. FusedShapes.All(Config), .. Logits()];

    private static IEnumerable<BenchShape> Media()
    {
        (int rows, int columns) = (14, 20);
        int patches = rows * columns;
        yield return Small(nameof(CutPatches), patches, true, buffers =>
        {
            BufferHandle pixels = buffers.Zeros(DType.U8, patches * Vision.PatchValues), levels = Floats(buffers, 256), y = buffers.Zeros(DType.F32, patches, Vision.PatchValues);
            return pass => pass.CutPatches(new(pixels, levels, y, rows, columns, Vision.ModelPatchSize));
        });
        yield return Small(nameof(LayerNorm), patches, true, buffers =>
        {
            int D = Vision.PatchValues;
            BufferHandle x = Floats(buffers, patches * D), w = Floats(buffers, D), b = Floats(buffers, D), y = buffers.Zeros(DType.F32, patches, D);
            return pass => pass.LayerNorm(new(x, null, w, b, y, patches, D, 1e-5f));
        });
        yield return Small(nameof(AddPositions), patches, true, buffers =>
        {
            BufferHandle x = Floats(buffers, patches * Vision.MmEmbedDim), table = buffers.Zeros(DType.BF16, Vision.MmPosembSize * 2L * Vision.MmEmbedDim);
            return pass => pass.AddPositions(new(x, table, rows, columns, Vision.MmEmbedDim));
        });
        yield return Small(nameof(PlaceRows), patches, true, buffers =>
        {
            BufferHandle soft = Floats(buffers, patches * Config.HiddenSize), x = buffers.Zeros(DType.F32, patches + 16, Config.HiddenSize);
            return pass => pass.PlaceRows(new(soft, x, patches, Config.HiddenSize, 16));
        });
    }

    private static IEnumerable<BenchShape> RowWise()
    {
        (int D, int F, int H, int W, int K) = (Config.HiddenSize, Config.IntermediateSize, Config.NumAttentionHeads, Config.HeadDim, Config.NumKeyValueHeads);
        float eps = Config.RmsNormEps;
        foreach (int T in (int[])[1, 8, .. ManyRows])
        {
            bool quick = T is 1 or 128;
            yield return Small(nameof(Embed), T, quick && T == 1, buffers =>
            {
                WeightMatrix table = buffers.Place(new NoiseMatrix(DType.Q8, Config.VocabSize / 16, D));
                BufferHandle ids = buffers.Ints([.. Enumerable.Range(0, T).Select(t => t * 31)]), x = buffers.Zeros(DType.F32, T, D);
                return pass => pass.Embed(new(ids, table, 61.97f, x, T));
            });
            yield return Small(nameof(RmsNorm), T, quick, buffers =>
            {
                BufferHandle x = Floats(buffers, T * D), w = Floats(buffers, D), y = buffers.Zeros(DType.F32, T, D);
                return pass => pass.RmsNorm(new(x, w, y, T, D, eps));
            });
            foreach (int width in (int[])[D, F])
            {
                yield return Small(nameof(QuantizeRows), T, quick && width == D, buffers =>
                {
                    BufferHandle x = Floats(buffers, T * width);
                    Activations q = new(buffers.Zeros(DType.I8, T, width), buffers.Zeros(DType.F32, T, width / 32), buffers.Zeros(DType.F32, T, width / 32));
                    return pass => pass.QuantizeRows(new(x, q, DType.Q4, T, width));
                });
            }

            yield return Small(nameof(Rope), T, quick, buffers =>
            {
                BufferHandle x = Floats(buffers, T * H * W), angles = buffers.Floats(DrawnValues.Angles(T, W, 1)), y = buffers.Zeros(DType.F32, T, H, W);
                return pass => pass.Rope(new(x, angles, y, T, H, W));
            });
            yield return Small(nameof(RmsNormRope), T, quick, buffers =>
            {
                BufferHandle x = Floats(buffers, T * H * W), w = Floats(buffers, W), angles = buffers.Floats(DrawnValues.Angles(T, W, 1)), y = buffers.Zeros(DType.F32, T, H, W);
                return pass => pass.RmsNormRope(new(x, w, angles, y, T, H, W, eps));
            });
            foreach (DType format in (DType[])[DType.F16, DType.Q8])
            {
                yield return Small(nameof(KvAppend), T, quick && format == DType.F16, buffers =>
                {
                    int R = Config.SlidingWindow + 512;
                    BufferHandle key = Floats(buffers, T * K * W), value = Floats(buffers, T * K * W), positions = buffers.Ints([.. Enumerable.Range(R - 100, T)]);
                    KvRows cache = AttentionShapes.Cache(buffers, format, valuesOnly: false, K, R, W);
                    return pass => pass.KvAppend(new(key, value, cache, positions, T, K, W));
                });
            }

            yield return Small(nameof(AddRmsNorm), T, quick, buffers =>
            {
                BufferHandle x = Floats(buffers, T * D), y = Floats(buffers, T * D), w = Floats(buffers, D), a = buffers.Zeros(DType.F32, T, D);
                // Scale 0.5 keeps the residual bounded over many runs.
                return pass => pass.AddRmsNorm(new(x, y, w, 0.5f, w, a, T, D, eps));
            });
            yield return Small(nameof(GeGlu), T, quick, buffers =>
            {
                BufferHandle gate = Floats(buffers, T * F), up = Floats(buffers, T * F), y = buffers.Zeros(DType.F32, T, F);
                return pass => pass.GeGlu(new(gate, up, y, T, F));
            });
        }
    }

    private static IEnumerable<BenchShape> Products()
    {
        (int D, int F, int Q) = (Config.HiddenSize, Config.IntermediateSize, Config.NumAttentionHeads * Config.HeadDim);
        foreach ((DType format, int N, int K) in ((DType, int, int)[])
        [
            (DType.Q4, F, D), (DType.Q4, D, F), (DType.Q4, Q, D), (DType.Q4, D, Q), (DType.Q8, F, D), (DType.Q8, D, F), (DType.F8E4M3, F, D), (DType.BF16, F, D), (DType.BF16, D, F),
            (DType.Q4F16, F, D), (DType.Q8F16, F, D), (DType.Q4K, F, D), (DType.Q4K, D, F), (DType.Q5K, F, D), (DType.Q6K, F, D), (DType.Q6K, D, F),
        ])
        {
            foreach (int T in FewRows)
            {
                bool quick = N == F && ((format == DType.Q4 && (T is 1 or 8)) || (format == DType.BF16 && T == 1));
                yield return new BenchShape(nameof(MatVec), T, 0, quick, buffers =>
                {
                    WeightMatrix[] w = Matrices(buffers, format, N, K);
                    Activations x = buffers.Rows(DrawnValues.Of(T * K, 1), QuantBlocks.HasGroups(format), format, T, K);
                    BufferHandle y = buffers.Zeros(DType.F32, T, N);
                    return pass => Array.ForEach(w, matrix => pass.MatVec(new(x, matrix, y, T)));
                });
            }
        }

        foreach ((DType format, int N, int K) in ((DType, int, int)[])[(DType.Q4, F, D), (DType.Q4, D, F), (DType.Q8, F, D), (DType.Q4K, F, D), (DType.Q6K, F, D), (DType.F8E4M3, F, D), (DType.BF16, F, D)])
        {
            foreach (int T in ManyRows)
            {
                yield return new BenchShape(nameof(MatMul), T, 0, format == DType.Q4 && N == F && T == 128, buffers =>
                {
                    WeightMatrix w = buffers.Place(new NoiseMatrix(format, N, K));
                    Activations x = buffers.Rows(DrawnValues.Of(T * K, 1), QuantBlocks.HasGroups(format), format, T, K);
                    BufferHandle y = buffers.Zeros(DType.F32, T, N);
                    return pass => pass.MatMul(new(x, w, y, T));
                });
            }
        }

        // The head has one row per pass and a matrix that no cache holds.
        foreach (DType format in (DType[])[DType.Q8, DType.Q6K])
        {
            yield return new BenchShape(nameof(MatVec), 1, 0, false, buffers =>
            {
                WeightMatrix w = buffers.Place(new NoiseMatrix(format, Config.VocabSize, D));
                Activations x = buffers.Rows(DrawnValues.Of(D, 1), true, format, 1, D);
                BufferHandle y = buffers.Zeros(DType.F32, Config.VocabSize);
                return pass => pass.MatVec(new(x, w, y, 1));
            });
        }
    }

    private static IEnumerable<BenchShape> Logits()
    {
        int V = Config.VocabSize;
        foreach (int T in (int[])[1, 8])
        {
            yield return Small(nameof(SoftCap), T, T == 1, buffers =>
            {
                BufferHandle x = Floats(buffers, T * V), y = buffers.Zeros(DType.F32, T, V);
                return pass => pass.SoftCap(new(x, y, 30, T * V));
            });
        }

        foreach (Sample.Choice choice in (Sample.Choice[])[new(), new(1, TopK: 64, TopP: 0.95f, Seed: 42)])
        {
            yield return new BenchShape(nameof(Sample), 1, 0, choice.Temperature == 0, buffers =>
            {
                BufferHandle logits = Floats(buffers, V), suppress = buffers.Ints(V - 2, V - 1), positions = buffers.Ints(7), ids = buffers.Ints(0);
                return pass => pass.Sample(new(logits, suppress, 2, positions, ids, 1, V, choice));
            });
        }
    }

    // As many matrices as together are larger than the caches of a large processor or card.
    private static WeightMatrix[] Matrices(OperandBuffers buffers, DType format, int N, int K)
    {
        const long uncached = 192 << 20;
        int count = (int)Math.Clamp((uncached / QuantBlocks.MatrixBytes(format, N, K)) + 1, 2, 16);
        return [.. Enumerable.Range(0, count).Select(_ => buffers.Place(new NoiseMatrix(format, N, K)))];
    }

    /// <summary>A shape of a kernel so small that many calls make one sample.</summary>
    internal static BenchShape Small(string kernel, int rows, bool quick, Func<OperandBuffers, Action<IPass>> prepare) => new(kernel, rows, 0, quick, buffers =>
    {
        Action<IPass> once = prepare(buffers);
        return pass =>
        {
            for (int i = 0; i < SmallCalls; i++)
            {
                once(pass);
            }
        };
    });

    private static BufferHandle Floats(OperandBuffers buffers, int count) => buffers.Floats(DrawnValues.Of(count, 1));
}
