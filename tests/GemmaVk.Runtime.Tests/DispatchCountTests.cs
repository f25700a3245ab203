using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Gpu;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Weights;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>A layer is eight dispatches in passes of up to eight rows: on fast cards the start of each costs as much as a small kernel does.</summary>
public class DispatchCountTests
{
    private const int PerLayer = 8;

    [Theory]
    [InlineData("tiny", false, DType.F16, FullKvStorage.KeysAndValues)]
    [InlineData("tiny-w4a16-ct", true, DType.Q8, FullKvStorage.Values)]
    public void Decoding_and_verifying_take_eight_dispatches_a_layer(string checkpointName, bool quantise, DType kv, FullKvStorage fullKv)
    {
        using VulkanBackend backend = VulkanBackend.Create(new GpuOptions { Timing = true });
        using Checkpoint checkpoint = Checkpoint.Open(Repository.Golden(checkpointName));
        using GemmaModel model = GemmaModel.Load(checkpoint, backend, new Precision(kv, quantise, FullKv: fullKv), chunk: 20);
        using Session session = model.NewSession(64);
        int id = session.Prefill([.. Enumerable.Range(20, 12)], default);
        _ = session.Decode(id, default);
        Check(backend, model.Plan.Count, quantise);
        _ = session.Verify([.. Enumerable.Range(30, MatVec.MaxRows)], default);
        Check(backend, model.Plan.Count, quantise);
    }

    /// <summary>The same numbers in BF16 and in F32: a layer that has both is computed product by product, and to the same tokens.</summary>
    [Fact]
    public void Matrices_of_different_formats_go_through_kernels_of_their_own()
    {
        using VulkanBackend backend = VulkanBackend.Create(new GpuOptions { Timing = true });
        using Checkpoint checkpoint = Checkpoint.Open(Repository.Golden("tiny"));
        using GemmaModel alike = GemmaModel.Load(checkpoint, backend, new Precision(), chunk: 20);
        using GemmaModel mixed = GemmaModel.Load(checkpoint, backend, new Precision(), chunk: 20);
        using GemmaModel floats = GemmaModel.Load(checkpoint, backend, new Precision(Linears: DType.F32), chunk: 20);
        List<LayerWeights> layers = (List<LayerWeights>)mixed.Weights.Layers;
        LayerWeights own = layers[0];
        layers[0] = own with { KProj = floats.Weights.Layers[0].KProj, UpProj = floats.Weights.Layers[0].UpProj };
        Assert.NotEqual(own.KProj.Format, layers[0].KProj.Format);
        int[] expected = Answer(alike);
        Assert.DoesNotContain("GeGlu", Kernels(backend));
        Assert.Equal(expected, Answer(mixed));
        string[] kernels = Kernels(backend);
        Assert.Equal(["MatVec", "MatVec", "MatVec", "RmsNormRopeAppend", "AttentionDecode", "MatVec", "AddRmsNorm", "MatVec", "MatVec", "GeGlu", "MatVec", "AddRmsNorm", "MatVecQkv"], kernels[2..15]);
        layers[0] = own;

        static int[] Answer(GemmaModel model)
        {
            using Session session = model.NewSession(64);
            int id = session.Prefill([.. Enumerable.Range(20, 12)], default);
            List<int> ids = [];
            for (int i = 0; i < 6; i++)
            {
                id = session.Decode(id, default);
                ids.Add(id);
            }

            return [.. ids];
        }
    }

    /// <summary>Nothing goes to the host and back within a step or a round of drafts: each is one submission.</summary>
    [Fact]
    public void A_step_and_a_round_of_drafts_are_one_submission_each()
    {
        using FaultyDriver driver = new();
        using TinyPair pair = new("vulkan-whole", new Precision(), drafts: 4);
        using Session session = pair.Model.NewSession(64);
        int id = session.Prefill([.. Enumerable.Range(20, 12)], default);
        int[] drafts = new int[4];
        for (int round = 0; round < 3; round++)
        {
            int before = driver.Counts["vkQueueSubmit"];
            id = session.Decode(id, default);
            int between = driver.Counts["vkQueueSubmit"];
            pair.Drafter.Propose(session.Cache, id, 0, drafts);
            Assert.Equal((1, 1), (between - before, driver.Counts["vkQueueSubmit"] - between));
        }
    }

    private static string[] Kernels(VulkanBackend backend) => [.. backend.LastRun.Select(span => span.Call.Kernel)];

    private static void Check(VulkanBackend backend, int layers, bool quantise)
    {
        string[] kernels = Kernels(backend);
        string[] before = quantise ? ["Embed", "RmsNorm", "QuantizeRows"] : ["Embed", "RmsNorm"];
        Assert.Equal(before, kernels[..before.Length]);
        string seam = quantise ? "AddRmsNormQuantize" : "AddRmsNorm";
        string[] layer =
        [
            "MatVecQkv", "RmsNormRopeAppend", quantise ? "AttentionDecodeQuantize" : "AttentionDecode", "MatVec", seam, "MatVecGeGlu", "MatVec", seam,
        ];
        Assert.Equal(PerLayer, layer.Length);
        for (int i = 0; i < layers; i++)
        {
            Assert.Equal(layer, kernels.AsSpan(before.Length + (i * PerLayer), PerLayer).ToArray());
        }

        Assert.Equal("MatVec", kernels[before.Length + (layers * PerLayer)]);
    }
}
