using System;
using System.Linq;
using GemmaVk.Gpu;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Tests;

/// <summary>Cases of attention as properties draw them, and the published ones.</summary>
public static class AttentionCases
{
    // The published keys were turned by angles rounded to F32, and the values are the same F16.
    private const double RebuiltTolerance = 2e-5;

    /// <summary>Draws the rest of a case. Rows of steps are whole groups.</summary>
    public static AttentionCase Of(AttentionSizes sizes, int T, int seed)
    {
        int width = sizes.Format == DType.Q8 ? (sizes.W + 31) / 32 * 32 : sizes.W;
        int seen = sizes.Window == 0 ? sizes.Start : Math.Min(sizes.Start, sizes.Window);
        return AttentionCase.Draw(T, sizes.H, sizes.K, width, seen + T + 8 + (seed % 3), sizes.Start, sizes.Window, sizes.Format, seed, sizes.ValuesOnly && sizes.Window == 0);
    }

    /// <summary>Holds an assertion on each Vulkan backend while it runs a case in one of the forms that measuring may choose.</summary>
    /// <param name="c">The case.</param>
    /// <param name="seed">Which form.</param>
    /// <param name="assertion">Takes the backend's name, and words for the case.</param>
    public static void InADrawnForm(AttentionCase c, int seed, Action<string, string> assertion) => Backends.Each(name =>
    {
        if (Backends.Get(name) is not VulkanBackend vulkan)
        {
            return;
        }

        using KernelSession session = new(name);
        (string heads, AttentionForm usual, AttentionForm[] others) = vulkan.FormsOf(c.Call(session));
        AttentionForm form = others.Length == 0 ? usual : others[(seed & int.MaxValue) % others.Length];
        vulkan.Tuning.Try(heads, form);
        try
        {
            assertion(name, $"{form}: {c}");
        }
        finally
        {
            vulkan.Tuning.Try(heads, null);
        }
    });

    /// <summary>Compares a way of running with the published cases.</summary>
    /// <param name="run">The way.</param>
    /// <param name="inHalves">It multiplies halves where the cache is of F16.</param>
    /// <param name="halvesOfRebuilt">It multiplies halves of rebuilt keys.</param>
    public static void Golden(Func<AttentionCase, float[]> run, bool inHalves = false, bool halvesOfRebuilt = false)
    {
        foreach (string name in new[] { "attention_sliding", "attention_picture", "attention_full" })
        {
            GoldenFile golden = GoldenFile.Open($"ops/{name}.safetensors");
            int[] q = golden.Shape("q");
            int[] k = golden.Shape("k");
            (int H, int n, int W, int K, int R) = (q[0], q[1], q[2], k[0], k[1]);
            bool full = name == "attention_full";
            int window = full ? 0 : name == "attention_picture" ? golden.Values<int>("window")[0] : 1024;
            int[] block = name == "attention_picture" ? golden.Values<int>("block") : [0, 0];
            float[] queries = golden.Floats("q");
            int[] positions = golden.Values<int>("positions");
            float[] expected = golden.Floats("out"), keys = golden.Floats("k"), values = golden.Floats("v");
            float largest = values.Max(MathF.Abs);
            RebuiltKeys? rebuilt = full ? RebuiltKeys.Of(golden.Floats("k_norm"), W / 8, R, 1_000_000) : null;
            // The cases give scattered rows, and a pass has consecutive ones: one row at a time.
            for (int row = 0; row < n; row++)
            {
                float[] one = [.. Enumerable.Range(0, H).SelectMany(h => queries.Skip(((h * n) + row) * W).Take(W))];
                int position = positions[row];
                int reach = position >= block[0] && position < block[1] ? block[1] - 1 : position;
                AttentionCase single = new(
                    one, keys, values, [position], [reach], 1, H, K, W, R, window, full ? DType.F32 : DType.F16);
                ReadOnlySpan<float> wanted = expected.AsSpan(row * H * W, H * W);
                Comparison.Close(wanted, run(single), inHalves && !full ? Tolerances.AttentionInHalves : Tolerances.PublishedAttention, $"{golden.Name} row {row} at {position}", largest);
                if (rebuilt is not null)
                {
                    // The same rows without their keys: v and k_norm are what is left of them.
                    single = single with { Keys = [], Format = DType.F16, Rebuilt = rebuilt };
                    Comparison.Close(
                        wanted, run(single), inHalves || halvesOfRebuilt ? Tolerances.AttentionInHalves : new Tolerance(RebuiltTolerance, 1e-5), $"{golden.Name} from values, row {row} at {position}", largest);
                }
            }
        }
    }

    /// <summary>A case's result on the backend of a name.</summary>
    public static float[] Run(this AttentionCase attention, string backend, bool decode, int first = 0)
    {
        using KernelSession session = new(backend);
        return attention.Run(session, decode, first);
    }
}
