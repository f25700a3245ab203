using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Cache;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Weights;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>
/// Prompts with pictures, clips and sound on the tiny model against the published implementation, under the rule of
/// tests/golden/README.md: a picture sees all of itself in sliding layers, cut by the window on its past side only, and is
/// causal in full layers.
/// </summary>
public class GoldenMediaTests
{
    private const double Exact = ActivationTolerances.Float32;

    private static readonly string[] Names =
        ["image", "image_first", "image_longer_than_window", "two_images", "mixed", "audio", "audio_longer_than_window", "video"];

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void Activations_are_the_published_ones(string device)
    {
        using Loaded tiny = new(device);
        foreach (string name in Names)
        {
            using GoldenCase golden = Golden(name);
            Dictionary<string, float[]> trace = tiny.Trace(golden, steps: false);
            int rows = golden.Ints("ids").Length * 96;
            float[] hidden = golden.Floats("hidden");
            Compare.Close(golden.Floats("soft"), trace["soft"], Exact, $"{name}: soft rows");
            for (int layer = 0; layer < 12; layer++)
            {
                Compare.Close(hidden.AsSpan(layer * rows, rows), trace[$"hidden.{layer}"], Exact, $"{name}: input of layer {layer}");
            }

            Compare.Close(golden.Floats("final"), trace["final"], Exact, $"{name}: final");
            Compare.Close(golden.Floats("logits"), trace["logits"], Exact, $"{name}: logits");
        }
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void Caches_and_greedy_continuations_are_the_published_ones(string device)
    {
        using Loaded tiny = new(device);
        foreach (string name in Names)
        {
            using GoldenCase golden = Golden(name);
            PromptRows prompt = MediaCase.Prompt(tiny.Model, golden);
            using Session session = tiny.Model.NewSession(prompt.Length + 24);
            int id = session.Prefill(prompt, default(Sample.Choice));
            foreach (int layer in new[] { 4, 5, 10, 11 })
            {
                LayerKv kv = session.Cache.Layers[layer];
                Compare.Close(golden.Floats($"k.{layer}"), Rows(tiny, kv, kv.Rows.Keys!, prompt.Length), Exact, $"{name}: keys of layer {layer}");
                Compare.Close(golden.Floats($"v.{layer}"), Rows(tiny, kv, kv.Rows.Values, prompt.Length), Exact, $"{name}: values of layer {layer}");
            }

            int[] expected = golden.Ints("greedy");
            float[] expectedLogits = golden.Floats("greedy_logits");
            float[] logits = new float[tiny.Model.Config.VocabSize];
            for (int step = 0; step < expected.Length; step++)
            {
                Assert.True(expected[step] == id, $"{name}, step {step}: {id}, expected {expected[step]}");
                session.ReadLogits(logits);
                Compare.Close(expectedLogits.AsSpan(step * logits.Length, logits.Length), logits, Exact, $"{name}: logits of step {step}");
                id = session.Decode(id, default);
            }
        }
    }

    /// <summary>Chunks that end inside pictures, chunks shorter than a picture, and sounds over several chunks.</summary>
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void Chunks_never_split_a_picture(string device)
    {
        // ILGPU's own device is slow, and where chunks end is decided above the kernels.
        foreach (int chunk in device == "ilgpu" ? new[] { 8 } : [3, 8, 13])
        {
            using Loaded tiny = new(device, chunk, largestPicture: 24);
            Assert.Equal(24, tiny.Model.Buffers.C);
            foreach (string name in Names)
            {
                using GoldenCase golden = Golden(name);
                Dictionary<string, float[]> trace = tiny.Trace(golden, steps: false);
                Compare.Close(golden.Floats("soft"), trace["soft"], Exact, $"{name}: soft rows in chunks of {chunk}");
                Compare.Close(golden.Floats("logits"), trace["logits"], Exact, $"{name}: logits in chunks of {chunk}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void Every_step_of_a_sliding_and_a_full_layer_matches(string device)
    {
        using Loaded tiny = new(device);
        using GoldenCase golden = Golden("steps");
        Dictionary<string, float[]> trace = tiny.Trace(golden, steps: true);
        string[] steps =
        [
            "attn_norm", "q_proj", "q_norm", "q_rope", "k_proj", "k_norm", "k_rope", "v_proj", "v", "attn_out", "o_proj", "post_attn_norm",
            "ff_norm_in", "ff_norm", "gate", "up", "gated", "down", "post_ff_norm", "out",
        ];
        foreach (string key in steps.SelectMany(step => new[] { $"0.{step}", $"5.{step}" }).Where(key => key != "5.v_proj"))
        {
            Compare.Close(golden.Floats(key), trace[key], Exact, key);
        }
    }

    private static GoldenCase Golden(string name) => new(Repository.Golden("tiny-cases", name + ".safetensors"));

    // The cache is [heads, R, W]; the golden arrays are [heads, rows, W].
    private static float[] Rows(Loaded tiny, LayerKv kv, BufferHandle cache, int rows)
    {
        long heads = cache.Shape[0], W = cache.Shape[2];
        float[] values = new float[heads * rows * W];
        for (int head = 0; head < heads; head++)
        {
            tiny.Model.Backend.Read(cache, values.AsSpan((int)(head * rows * W), (int)(rows * W)), head * kv.Rows.R * W);
        }

        return values;
    }

    private sealed class Loaded : IDisposable
    {
        private readonly IBackend _backend;
        private readonly Checkpoint _checkpoint;

        public Loaded(string device, int chunk = 512, int? largestPicture = null)
        {
            _backend = Backends.Open(device);
            _checkpoint = Checkpoint.Open(Repository.Golden("tiny"));
            Model = GemmaModel.Load(_checkpoint, _backend, Precision.Reference, chunk, largestPicture: largestPicture);
        }

        public GemmaModel Model { get; }

        public Dictionary<string, float[]> Trace(GoldenCase golden, bool steps)
        {
            Dictionary<string, List<float>> rows = [];
            new Tracer(Model).Run(MediaCase.Prompt(Model, golden), steps, (name, _, _, values) =>
            {
                if (!rows.TryGetValue(name, out List<float>? all))
                {
                    rows.Add(name, all = []);
                }

                all.AddRange(values);
            });
            return rows.ToDictionary(entry => entry.Key, entry => entry.Value.ToArray());
        }

        public void Dispose()
        {
            Model.Dispose();
            _checkpoint.Dispose();
            _backend.Dispose();
        }
    }
}
