using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GemmaVk.Gpu;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Model;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Planning;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Weights;
using Xunit;

namespace GemmaVk.Runtime.Tests;

// Letters: D hidden size of the target, V vocabulary.

/// <summary>Drafts against the published implementation's, on the tiny pair and on the full-size one from the formula.</summary>
public class DrafterTests
{
    private const int Rounds = 6;

    /// <summary>Forms of attention are measured by how many heads share keys, and before the drafter is loaded.</summary>
    [Fact]
    public void Heads_that_a_drafter_shares_otherwise_than_the_model_are_measured_too()
    {
        using TinyPair pair = new("vulkan", Precision.Reference with { Kv = DType.F16 });
        (GemmaModel model, DrafterConfig config) = (pair.Model, pair.DrafterCheckpoint.Config);
        AttentionSample[] own = [.. model.AttentionSamples()];
        Assert.Equal(own.Length, model.AttentionSamples(drafter: DrafterPlan.For(config, model.Config)).Count);
        AttentionSample[] more = [.. model.AttentionSamples(drafter: DrafterPlan.For(config with { NumAttentionHeads = 8 }, model.Config)).Where(sample => own.All(each => each.H != sample.H))];
        Assert.Equal(own.Count(sample => sample.T == 1), more.Length);
        Assert.All(more, sample => Assert.Equal((1, 8), (sample.T, sample.H)));
        HashSet<string> heads = [.. own.Select(Heads)];
        foreach (AttentionSample sample in more)
        {
            Assert.DoesNotContain(Heads(sample), heads);
            using AttentionCalls calls = sample.Open();
            using IRecording recording = pair.Backend.Record("a drafter's", calls.Record);
            pair.Backend.Run(recording);
        }

        string Heads(AttentionSample sample)
        {
            using AttentionCalls calls = sample.Open();
            return ((VulkanBackend)pair.Backend).FormsOf(calls.Calls[0]).Heads;
        }
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void Drafts_of_the_tiny_pair_are_the_published_ones(string device)
    {
        using GoldenCase golden = new(Repository.Golden("tiny-cases", "drafts.safetensors"));
        using TinyPair pair = new(device, Precision.Reference);
        int D = pair.Model.Config.HiddenSize, V = pair.Model.Config.VocabSize;
        int[] ids = golden.Ints("ids");
        int compared = 0;
        foreach (int L in (int[])[2, 10, 16, 17, 18, 40, 70])
        {
            using Session session = pair.Model.NewSession(100);
            session.Prefill(ids.AsSpan(0, L - 1), null);
            float[] logits = golden.Floats($"{L}.logits");
            float[] hidden = golden.Floats($"{L}.hidden");
            int[] drafts = new int[Rounds + 1];
            float[] drawn = new float[V];
            float[] handed = new float[D];
            for (int k = 1; k <= Rounds + 1; k++)
            {
                pair.Drafter.Propose(session.Cache, ids[L - 1], pair.Model.Forward.Rows - 1, drafts.AsSpan(0, k));
                if (k <= Rounds)
                {
                    pair.Backend.Read(pair.Drafter.Buffers.Logits, drawn.AsSpan());
                    Compare.Close(logits.AsSpan((k - 1) * V, V), drawn, 1e-3, $"logits of draft {k} after {L} tokens");
                }

                if (k > 1)
                {
                    // The hidden row that draft k started from is what draft k - 1 handed over.
                    pair.Backend.Read(pair.Drafter.Buffers.Hidden, handed.AsSpan());
                    Compare.Close(hidden.AsSpan((k - 2) * D, D), handed, 1e-3, $"hidden row of draft {k - 1} after {L} tokens");
                }

                compared++;
            }

            Assert.Equal(golden.Ints($"{L}.tokens"), drafts[..Rounds]);
            Assert.Equal(L - 1, session.Length);
        }

        Assert.Equal(7 * (Rounds + 1), compared);
    }

    [GoldenFact("generated", "F.safetensors")]
    public void Case_F_in_F32_on_the_CPU() => CheckGenerated("F", "cpu", Exact, new DrafterPrecision(DType.BF16, DType.BF16), tolerance: 1e-3, gap: 2e-3);

    [GoldenFact("generated", "F.safetensors")]
    public void Case_F_as_it_runs_on_the_CPU() => CheckGenerated("F", "cpu", new Precision(), new DrafterPrecision(), tolerance: 1.5, gap: 1);

    [GoldenFact("generated", "F.safetensors")]
    public void Case_F_as_it_runs_on_lavapipe() => CheckGenerated("F", "vulkan", new Precision(), new DrafterPrecision(), tolerance: 1.5, gap: 1);

    [GoldenFact("generated", "B.draft.safetensors", fullSize: true)]
    public void Case_B_of_all_48_layers_in_F32_on_the_CPU() =>
        CheckGenerated("B.draft", "cpu", Exact, new DrafterPrecision(DType.BF16, DType.BF16), tolerance: 2e-3, gap: 4e-3);

    [Theory]
    [MemberData(nameof(Backends.Devices), MemberType = typeof(Backends))]
    public void A_plan_knows_the_bytes_of_the_weights(string device)
    {
        using TinyPair pair = new(device, new Precision());
        Assert.Equal(pair.Drafter.Weights.Bytes, Planned(pair, new DrafterPrecision()));
        using Drafter packed = Drafter.Load(pair.Model, pair.DrafterCheckpoint, new DrafterPrecision(DType.Q4, DType.Q8));
        Assert.Equal(packed.Weights.Bytes, Planned(pair, new DrafterPrecision(DType.Q4, DType.Q8)));
        Assert.True(packed.Weights.BytesPerStep < pair.Drafter.Weights.BytesPerStep / 1.8);
    }

    private static long Planned(TinyPair pair, DrafterPrecision precision) => PlannedWeight
        .Drafter(CheckpointFacts.Of(pair.DrafterCheckpoint), precision.For(pair.DrafterCheckpoint.Config), inPlace: false)
        .Sum(weight => weight.Bytes);

    [Fact]
    public void A_drafter_of_another_model_is_refused_and_both_are_named()
    {
        using IBackend backend = Backends.Open("cpu");
        using Checkpoint checkpoint = Checkpoint.Open(Repository.Golden("tiny"));
        using GemmaModel model = GemmaModel.Load(checkpoint, backend, new Precision());
        using DrafterCheckpoint other = DrafterCheckpoint.Open(Path.Combine(Repository.Root, "weights", "pebble-assistant"));
        GemmaVkException wrong = Assert.Throws<GemmaVkException>(() => Drafter.Load(model, other, new DrafterPrecision()));
        Assert.Contains("pebble-assistant", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("tiny", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("hidden_size = 96", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("is 256", wrong.Message, StringComparison.Ordinal);
    }

    private static Precision Exact => Precision.Reference with { Embedding = DType.BF16 };

    private static void CheckGenerated(string name, string device, Precision precision, DrafterPrecision drafting, double tolerance, double gap)
    {
        using GoldenCase prompt = new(Generated("A.safetensors"));
        using GoldenCase golden = new(Generated(name + ".safetensors"));
        using IBackend backend = Backends.Open(device);
        using Checkpoint checkpoint = Checkpoint.Open(GeneratedData.Folder(name == "F" ? "generated-6" : "generated-48"));
        using DrafterCheckpoint assistant = DrafterCheckpoint.Open(GeneratedData.Folder("assistant"));
        using GemmaModel model = GemmaModel.Load(checkpoint, backend, precision);
        // All of the head's logits are looked at here, and not only the largest.
        using Drafter drafter = Drafter.Load(model, assistant, drafting with { HeadOutline = HeadOutline.Off });
        using Session session = model.NewSession(64);
        session.Prefill(prompt.Ints("token_ids"), null);
        int V = model.Config.VocabSize;
        int[] topIds = golden.Ints("top_ids");
        float[] topLogits = golden.Floats("top_logits");
        int[] expected = golden.Ints("draft_ids");
        float[] logits = new float[V];
        for (int k = 1; k <= expected.Length; k++)
        {
            int[] drafts = new int[k];
            drafter.Propose(session.Cache, golden.Ints("first_token")[0], model.Forward.Rows - 1, drafts);
            backend.Read(drafter.Buffers.Logits, logits.AsSpan());
            float[] best = [.. topIds.Skip((k - 1) * 16).Take(16).Select(id => logits[id])];
            Compare.Close(topLogits.AsSpan((k - 1) * 16, 16), best, tolerance, $"logits of draft {k}");
            if (topLogits[(k - 1) * 16] - topLogits[((k - 1) * 16) + 1] <= gap)
            {
                // A draft that may fall either way decides what the next ones start from.
                Assert.True(k > 1, "no draft could be compared");
                return;
            }

            Assert.Equal(expected[..k], drafts);
        }
    }

    private static string Generated(string file) => Path.Combine(Repository.Shared!, "golden", "generated", file);
}
