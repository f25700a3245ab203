using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Model;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Weights.Tests;

/// <summary>A second head, a second embedding, values beside keys: equal in value is a copy, whatever its name and type; anything else is refused.</summary>
public class SecondCopyTests
{
    private const string Embedding = "model.language_model.embed_tokens.weight";

    public static TheoryData<string, string> Heads
    {
        get
        {
            TheoryData<string, string> heads = [];
            foreach (string name in (string[])["lm_head.weight", "model.lm_head.weight", "language_model.lm_head.weight", "model.language_model.lm_head.weight", "module.lm_head.weight", "base_model.model.lm_head.weight"])
            {
                foreach (string dtype in (string[])["BF16", "F16", "F32"])
                {
                    heads.Add(name, dtype);
                }
            }

            return heads;
        }
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void AnEqualHeadIsPassedOverAndAnotherIsRefused(string name, string dtype)
    {
        (float[] values, long[] extents) = EditedCheckpoint.Plain("tiny", Embedding);
        using (TemporaryFolder equal = Tiny(ExtraTensor.Floats(name, dtype, extents, values)))
        {
            Checkpoint.Open(equal.Path).Dispose();
        }

        foreach (int at in (int[])[0, (values.Length / 2) + 7, values.Length - 1])
        {
            float[] other = [.. values];
            other[at] += 0.25f;
            using TemporaryFolder folder = Tiny(ExtraTensor.Floats(name, dtype, extents, other));
            Refused(folder, $"{name} must be a copy of {Embedding}, because config.json ties them, but differs from it");
        }
    }

    [Theory]
    [InlineData("output.weight")]
    [InlineData("text_model.embed_out.weight")]
    [InlineData("model.language_model.lm_head.linear.weight")]
    [InlineData("LM_HEAD.weight")]
    public void AMatrixOfTheEmbeddingsShapeIsAHeadWhateverItsName(string name)
    {
        (float[] values, long[] extents) = EditedCheckpoint.Plain("tiny", Embedding);
        using (TemporaryFolder equal = Tiny(ExtraTensor.Floats(name, "F32", extents, values)))
        {
            Checkpoint.Open(equal.Path).Dispose();
        }

        values[^1] += 0.25f;
        using TemporaryFolder folder = Tiny(ExtraTensor.Floats(name, "BF16", extents, values));
        Refused(folder, $"{name} must be a copy of {Embedding}, because it has its shape");
    }

    [Fact]
    public void AHeadOfAnotherShapeOrWithABiasIsRefused()
    {
        using TemporaryFolder shape = Tiny(ExtraTensor.Floats("model.lm_head.weight", "F32", [2, 96], new float[192]));
        Refused(shape, "model.lm_head.weight must be a copy");
        using TemporaryFolder bias = Tiny(ExtraTensor.Floats("lm_head.bias", "F32", [512], new float[512]));
        Refused(bias, "lm_head.bias must not be there");
    }

    [Theory]
    [InlineData("lm_head", 4, "BF16")]
    [InlineData("model.language_model.lm_head", 4, "F32")]
    [InlineData("language_model.lm_head", 8, "BF16")]
    [InlineData("lm_head", 8, "F16")]
    public void AQuantisedHeadIsComparedToo(string stem, int bits, string scaleType)
    {
        (float[] values, long[] extents) = EditedCheckpoint.Plain("tiny", Embedding);
        using (TemporaryFolder equal = Tiny(Packed(stem, bits, scaleType, values, extents)))
        {
            Checkpoint.Open(equal.Path).Dispose();
        }

        using TemporaryFolder other = Tiny(Packed(stem, bits, scaleType, [.. values.Reverse()], extents));
        Refused(other, $"{stem}.weight_packed must be a copy of {Embedding}");
        using TemporaryFolder alone = Tiny([.. Packed(stem, bits, scaleType, values, extents).Take(1)]);
        Refused(alone, $"{stem}.weight_packed must be a copy");
    }

    [Fact]
    public void AHeadInFp8IsComparedToo()
    {
        (float[] values, long[] extents) = EditedCheckpoint.Plain("tiny", Embedding);
        foreach (bool same in (bool[])[true, false])
        {
            byte[] data = [.. (same ? values : values.Reverse()).Select(value => Nearest(value * 64))];
            using TemporaryFolder folder = Tiny(
                new ExtraTensor("lm_head.weight", "F8_E4M3", extents, data), ExtraTensor.Floats("lm_head.weight_scale", "F32", [512, 1], Enumerable.Repeat(1 / 64f, 512)));
            if (same)
            {
                Checkpoint.Open(folder.Path).Dispose();
            }
            else
            {
                Refused(folder, "lm_head.weight must be a copy");
            }
        }
    }

    [Theory]
    [InlineData("model.embed_tokens.weight")]
    [InlineData("language_model.model.embed_tokens.weight")]
    [InlineData("base_model.model.embed_tokens.weight")]
    [InlineData("embed_tokens.weight")]
    public void ASecondEmbeddingIsTheSameOrRefused(string name)
    {
        (float[] values, long[] extents) = EditedCheckpoint.Plain("tiny", Embedding);
        using (TemporaryFolder equal = Tiny(ExtraTensor.Floats(name, "F32", extents, values)))
        {
            Checkpoint.Open(equal.Path).Dispose();
        }

        values[5] += 0.5f;
        using TemporaryFolder other = Tiny(ExtraTensor.Floats(name, "F32", extents, values));
        Refused(other, name, "differs from it");
    }

    [Fact]
    public void OneTensorUnderTwoNamesIsTheSameOrRefused()
    {
        (float[] values, long[] extents) = EditedCheckpoint.Plain("tiny", "model.language_model.norm.weight");
        using (TemporaryFolder equal = Tiny(ExtraTensor.Floats("model.norm.weight", "F32", extents, values)))
        {
            Checkpoint.Open(equal.Path).Dispose();
        }

        values[1] = -values[1] - 1;
        using TemporaryFolder other = Tiny(ExtraTensor.Floats("model.norm.weight", "F32", extents, values));
        Refused(other, "model.norm.weight must be the same as model.language_model.norm.weight");
    }

    [Fact]
    public void ValuesBesideAFullLayerAreItsKeysOrRefused()
    {
        LayerPlan full = LayerPlan.For(Gemma4Config.Load(Repository.Golden("tiny"))).First(plan => !plan.HasValueProjection);
        string keys = TensorNames.Layer(full.Index, LayerTensor.KProj), name = TensorNames.Layer(full.Index, LayerTensor.VProj);
        (float[] values, long[] extents) = EditedCheckpoint.Plain("tiny", keys);
        using (TemporaryFolder equal = Tiny(ExtraTensor.Floats(name, "F32", extents, values)))
        {
            Checkpoint.Open(equal.Path).Dispose();
        }

        values[^1] += 1;
        using TemporaryFolder other = Tiny(ExtraTensor.Floats(name, "BF16", extents, values));
        Refused(other, $"{name} must be a copy of {keys}", "attention_k_eq_v");
    }

    [Fact]
    public void BuffersOfARunningModelArePassedOver()
    {
        string layer = "model.language_model.layers.0.self_attn.";
        using TemporaryFolder folder = Tiny(
            ExtraTensor.Floats(layer + "rotary_emb.inv_freq", "F32", [16], new float[16]),
            ExtraTensor.Floats("model.language_model.rotary_emb.full_attention_inv_freq", "F32", [16], new float[16]),
            ExtraTensor.Floats("model.language_model.embed_tokens.embed_scale", "BF16", [], [9.8f]),
            new ExtraTensor("model.language_model.position_ids", "I64", [1, 4], new byte[32]));
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        Assert.Empty(checkpoint.Notes());
    }

    [Fact]
    public void ATensorWithoutAPlaceIsSaid()
    {
        using TemporaryFolder folder = Tiny(ExtraTensor.Floats("model.aux_head.weight", "F32", [4], new float[4]));
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        Assert.Contains("model.aux_head.weight has no place in the model and is not read", Assert.Single(checkpoint.Notes()), StringComparison.Ordinal);
    }

    private static TemporaryFolder Tiny(params ExtraTensor[] extra) => new TemporaryFolder().WithGolden("tiny").With(extra);

    private static ExtraTensor[] Packed(string stem, int bits, string scaleType, float[] values, long[] extents)
    {
        const int Group = 32;
        int top = (1 << (bits - 1)) - 1;
        float[] scales = new float[values.Length / Group];
        byte[] data = new byte[values.Length * bits / 8];
        for (int g = 0; g < scales.Length; g++)
        {
            float largest = values.AsSpan(g * Group, Group).ToArray().Max(Math.Abs);
            scales[g] = BFloat16.ToSingle(BFloat16.FromSingle(largest / top));
            for (int i = g * Group; i < (g + 1) * Group; i++)
            {
                int q = (int)Math.Clamp(MathF.Round(values[i] / scales[g]), -top - 1, top) + top + 1;
                data[bits == 8 ? i : i / 2] |= (byte)(bits == 8 ? q : q << (4 * (i & 1)));
            }
        }

        return
        [
            new ExtraTensor($"{stem}.weight_packed", "I32", [extents[0], extents[1] * bits / 32], data),
            ExtraTensor.Floats($"{stem}.weight_scale", scaleType, [extents[0], extents[1] / Group], scales),
            new ExtraTensor($"{stem}.weight_shape", "I64", [2], [.. MemoryMarshal.AsBytes(extents.AsSpan())]),
        ];
    }

    private static byte Nearest(float value) =>
        (byte)Enumerable.Range(0, 256).Where(bits => !float.IsNaN(Float8.ToSingle((byte)bits))).MinBy(bits => Math.Abs(Float8.ToSingle((byte)bits) - value));

    private static void Refused(TemporaryFolder folder, params string[] words)
    {
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Checkpoint.Open(folder.Path).Dispose());
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
    }
}
