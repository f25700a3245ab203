using System;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Forward;
using Xunit;

namespace GemmaVk.Runtime.Tests;

public class RopeAnglesTests
{
    // The 12B's two kinds of layers.
    private static readonly LayerPlan Sliding = new(0, LayerKind.Sliding, 16, 8, 256, 1024, 10_000, 128, 256, true);
    private static readonly LayerPlan Full = new(5, LayerKind.Full, 16, 1, 512, 0, 1_000_000, 64, 512, false);

    [Theory]
    [InlineData("sliding_attention", AngleDefinition.Exact)]
    [InlineData("full_attention", AngleDefinition.Exact)]
    [InlineData("sliding_attention", AngleDefinition.Published)]
    [InlineData("full_attention", AngleDefinition.Published)]
    public void Angles_match_at_every_golden_position(string kind, AngleDefinition definition)
    {
        using GoldenCase golden = new(Repository.Golden("ops", "rope.safetensors"));
        RopeAngles angles = new(kind[0] == 's' ? Sliding : Full, definition);
        int[] positions = golden.Ints("positions");
        Assert.Contains(262143, positions);
        float[] rows = new float[positions.Length * angles.W];
        angles.Fill(positions, rows);

        int half = angles.W / 2;
        // The published tables repeat each half; the exact ones have one half.
        string suffix = definition == AngleDefinition.Exact ? "64" : "";
        int stride = definition == AngleDefinition.Exact ? half : angles.W;
        float[] cos = golden.Floats($"{kind}.cos{suffix}");
        float[] sin = golden.Floats($"{kind}.sin{suffix}");
        float[] invFreq = golden.Floats($"{kind}.inv_freq");
        // One frequency in 192 differs in its last bit from the published library's, whose power is not correctly rounded.
        for (int t = 0; t < positions.Length; t++)
        {
            for (int i = 0; i < half; i++)
            {
                bool published = i is not (29 or 111);
                double tolerance = 1e-6 + (published ? 0 : positions[t] * invFreq[i] * 1.2e-7);
                Assert.InRange(rows[(t * angles.W) + i] - cos[(t * stride) + i], -tolerance, tolerance);
                Assert.InRange(rows[(t * angles.W) + half + i] - sin[(t * stride) + i], -tolerance, tolerance);
            }
        }
    }

    [Fact]
    public void Full_layers_rotate_only_the_first_quarter()
    {
        RopeAngles angles = new(Full, AngleDefinition.Exact);
        float[] row = new float[512];
        angles.Fill([12345], row);
        Assert.All(row[64..256], cos => Assert.Equal(1f, cos));
        Assert.All(row[(256 + 64)..], sin => Assert.Equal(0f, sin));
        Assert.True(row[..64].Distinct().Count() > 32);
    }

    /// <summary>What attention rebuilds keys with: two rows of the tables give the angles of any position.</summary>
    [Fact]
    public void Two_table_rows_add_up_to_any_position()
    {
        using GoldenCase golden = new(Repository.Golden("ops", "rope.safetensors"));
        const int P = 64, Step = KeysFromValues.Step;
        RopeAngles angles = new(Full, AngleDefinition.Exact);
        float[] coarse = angles.Table(262144 / Step, Step);
        float[] fine = angles.Table(Step, 1);
        float[] norm = [.. Enumerable.Repeat(1f, 512)];
        // A head of ones in the lower half: the key is then cosines and sines.
        float[] value = [.. Enumerable.Range(0, 512).Select(w => w < 256 ? 1f : 0f)];
        float[] key = new float[512];
        float[] exact = new float[512];
        Random random = new(1);
        int[] positions = [.. golden.Ints("positions"), .. Enumerable.Range(0, 500).Select(_ => random.Next(262144))];
        foreach (int position in positions)
        {
            KeysFromValues.Reference(value, norm, coarse, fine, position, P, key);
            angles.Fill([position], exact);
            for (int i = 0; i < P; i++)
            {
                Assert.InRange(key[i] - exact[i], -5e-7, 5e-7);
                Assert.InRange(key[256 + i] - exact[256 + i], -5e-7, 5e-7);
            }
        }
    }
}
