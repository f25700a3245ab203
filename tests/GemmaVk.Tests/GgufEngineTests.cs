using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using GemmaVk.Runtime;
using GemmaVk.Tensors;
using GemmaVk.Text;
using GemmaVk.Weights;
using Xunit;

namespace GemmaVk.Tests;

/// <summary>A model from GGUF answers as the same one from its folder: words, pictures, clips, sounds, with a drafter; and what is no such model is refused.</summary>
public sealed class GgufEngineTests(PebbleGguf gguf) : IClassFixture<PebbleGguf>
{
    [Theory]
    [InlineData("cpu")]
    [InlineData("vulkan")]
    public void Media_become_the_published_prompts_and_answers(string device)
    {
        using GemmaEngine engine = GemmaEngine.Load(new EngineOptions { Model = gguf.Model, Device = device });
        MediaLoader loader = new(engine.Model.Config, new MediaSettings());
        Assert.Equal(gguf.Drafter, engine.DrafterFolder);
        Assert.Empty(engine.Notes);
        foreach (JsonElement example in PebbleMediaTests.Cases().Where((_, i) => i % (device == "cpu" ? 3 : 6) == 0))
        {
            LoadedMedia media = loader.Load(PebbleMediaTests.Kind(example), Repository.Example(example.GetProperty("file").GetString()!));
            MessagePart[] parts = [.. media.Parts, MessagePart.Words(example.GetProperty("text").GetString()!)];
            Assert.Equal(PebbleMediaTests.Ids(example, "prompt_ids"), PebbleMediaTests.Prompt(engine, parts));
            using GemmaSession session = engine.NewSession(1024);
            Assert.Equal(PebbleMediaTests.Ids(example, "answer_ids"), session.Ask(parts, PebbleEngine.Greedy).Ids);
        }
    }

    [Fact]
    public void Tokens_stops_and_choices_are_those_of_the_folder()
    {
        using GemmaEngine folder = GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu", Drafter = "off" });
        using GemmaEngine file = GemmaEngine.Load(new EngineOptions { Model = gguf.Model, Device = "cpu", Drafter = "off", Mmproj = "off" });
        Assert.Null(file.Model.Config.VisionConfig);
        Assert.Equal(folder.StopIds.Order(), file.StopIds.Order());
        Assert.Equal(folder.Model.Config.Generation.SuppressTokens.Order(), file.Model.Config.Generation.SuppressTokens.Order());
        Assert.Equal(folder.RecommendedChoice, file.RecommendedChoice);
        Assert.Equal(folder.Tokenizer.VocabularySize, file.Tokenizer.VocabularySize);
        foreach (bool specials in (bool[])[true, false])
        {
            const string Text = "The capital of Japan is Tokyo.\n\u00E9\U0001F600 <turn|> <|video|> <|image> 47 \u2581x";
            int[] ids = folder.Tokenizer.Encode(Text, specials);
            Assert.Equal(ids, file.Tokenizer.Encode(Text, specials));
            Assert.Equal(folder.Tokenizer.Decode(ids, false), file.Tokenizer.Decode(ids, false));
        }
    }

    [Fact]
    public void The_plan_is_that_of_the_folder()
    {
        PlanOf(Repository.Pebble, out IReadOnlyList<(string, long)> folder);
        PlanOf(gguf.Model, out IReadOnlyList<(string, long)> file);
        // Vocabularies are estimated, each by its own file.
        Assert.Equal(folder.Where(item => !item.Item1.Contains("process", StringComparison.Ordinal)), file.Where(item => !item.Item1.Contains("process", StringComparison.Ordinal)));

        static void PlanOf(string model, out IReadOnlyList<(string, long)> items)
        {
            Runtime.Planning.MemoryPlan plan = Runtime.Planning.MemoryPlanner.Plan(EnginePlan.Ask(new EngineOptions { Model = model, Device = "cpu" }, out _));
            items = [.. plan.Items.Select(item => (item.Name, item.Bytes))];
        }
    }

    [SharedFact("golden", "tokenizer", "ggml-vocab-gemma-4.gguf")]
    public void The_real_vocabulary_gives_the_published_ids()
    {
        BpeTokenizer tokenizer = ModelTokenizer.Load(Path.Combine(Repository.Shared!, "golden", "tokenizer", "ggml-vocab-gemma-4.gguf"))!;
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Repository.Golden("tokenizer", "encode.json")));
        JsonElement[] cases = [.. document.RootElement.GetProperty("cases").EnumerateArray()];
        Assert.Equal(2083, cases.Length);
        Assert.All(cases, example => Assert.Equal(PebbleMediaTests.Ids(example, "ids"), tokenizer.Encode(example.GetProperty("text").GetString(), example.GetProperty("specials").GetBoolean())));
    }

    [SharedFact("golden", "tokenizer", "ggml-vocab-gemma-4.gguf")]
    public void A_vocabulary_alone_is_no_model() => Refused(
        () => Checkpoint.Open(Path.Combine(Repository.Shared!, "golden", "tokenizer", "ggml-vocab-gemma-4.gguf")), "holds a vocabulary alone");

    [PeerFact]
    public void Llama_cpp_loads_what_convert_writes_and_chooses_the_same_tokens()
    {
        int[] ids = [2, 5, 100, 200, 300, 400, 17, 512, 77, 901];
        string peer = PeerFactAttribute.Folder!;
        System.Diagnostics.ProcessStartInfo start = new(Path.Combine(peer, "llbench"), ["--lib", Path.Combine(peer, "lib"), "logits", "-m", gguf.Model, "--tokens", string.Join(',', ids), "-o", gguf["logits"]])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        float[] theirs = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(gguf["logits"])).ToArray();
        using GemmaEngine engine = GemmaEngine.Load(new EngineOptions { Model = gguf.Model, Device = "cpu", Drafter = "off", Precision = Runtime.Forward.Precision.Reference });
        int V = engine.Model.Config.VocabSize;
        Assert.Equal(ids.Length * V, theirs.Length);
        new Runtime.Forward.Tracer(engine.Model).Run(ids, steps: false, (name, first, width, values) =>
        {
            for (int r = 0; name == "logits" && r < values.Length / width; r++)
            {
                // It rounds rows that meet BF16 weights to BF16.
                float[] own = values.Slice(r * width, width).ToArray(), other = theirs[((first + r) * V)..((first + r + 1) * V)];
                Assert.True(own.Zip(other, (a, b) => MathF.Abs(a - b)).Max() < 0.05f, $"row {first + r}");
                Assert.Equal(Array.IndexOf(other, other.Max()), Array.IndexOf(own, own.Max()));
            }
        });
    }

    [Fact]
    public void What_is_not_this_model_is_named()
    {
        Refused(() => Checkpoint.Open(gguf.Drafter), "general.architecture must be \"gemma4\", but is \"gemma4-assistant\"", "pass it with --drafter");
        Refused(() => Checkpoint.Open(gguf.Projector), "is \"clip\"", "pass it with --mmproj");
        Refused(() => DrafterCheckpoint.Open(gguf.Model), "must be \"gemma4-assistant\", but is \"gemma4\"", "pass it with --model");
        Refused(() => Checkpoint.Open(gguf.Model, gguf.Drafter), "must be \"clip\"");
        Refused(() => Checkpoint.Open(gguf.Model, "nowhere.gguf"), "--mmproj nowhere.gguf", "nothing is there");
        Refused(() => Checkpoint.Open(Repository.Pebble, gguf.Projector), "expected together with a GGUF model");
        Refused(() => Checkpoint.Open(Changed("llama.gguf", gguf.Model, "gemma4", "llama4")), "is \"llama4\"", "GemmaVk runs Gemma 4 12B");
        Refused(() => Checkpoint.Open(Number("width.gguf", gguf.Model, "gemma4.feed_forward_length", 1024)), "must have shape [256, 1024] by the metadata");
        Refused(() => Checkpoint.Open(Number("layers.gguf", gguf.Model, "gemma4.block_count", 7)), "a list of block_count = 7");
        Refused(() => Checkpoint.Open(Number("ple.gguf", gguf.Model, "gemma4.embedding_length_per_layer_input", 256)), "embedding_length_per_layer_input must be 0");
        Refused(() => Checkpoint.Open(Number("shared.gguf", gguf.Model, "gemma4.attention.shared_kv_layers", 2)), "num_kv_shared_layers must be 0");
        Refused(() => Checkpoint.Open(Number("rotation.gguf", gguf.Model, "gemma4.rope.dimension_count", 64)), "rope.dimension_count must be 128, but is 64");
        Refused(() => Checkpoint.Open(Number("model.gguf", gguf.Model, "token_embd.weight", 1000, after: 12)), "must have a row for each of the 1024 tokens");
        Refused(() => Checkpoint.Open(Changed("place.gguf", gguf.Model, "blk.0.attn_q.weight", "blk.0.attn_x.weight")), "tensor blk.0.attn_x.weight must have a place");
        Refused(() => Checkpoint.Open(Changed("missing.gguf", gguf.Model, "blk.0.attn_q.weight", "blk.9.attn_q.weight")), "must hold tensor model.language_model.layers.0.self_attn.q_proj.weight");
        Refused(() => Checkpoint.Open(Changed("tokens.gguf", gguf.Model, "tokenizer.ggml.modelgemma4", "tokenizer.ggml.modelgemma3", apart: true)), "byte-pair encoding");
        Refused(() => Checkpoint.Open(gguf.Model, Number("other.gguf", gguf.Projector, "clip.vision.projection_dim", 512)), "it is the projector of another model");
        Refused(() => Checkpoint.Open(gguf.Model, Changed("kind.gguf", gguf.Projector, "gemma4uv", "gemma4ux")), "clip.vision.projector_type must be \"gemma4uv\"");
        Refused(() => Checkpoint.Open(Cut("cut.gguf", gguf.Model)), "a truncated download?");
        Refused(() => Checkpoint.Open(Text("pointer.gguf", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 7\n")), "git lfs pull");
    }

    [Fact]
    public void A_drafter_that_does_not_match_is_named()
    {
        string other = Number("other-assistant.gguf", gguf.Drafter, "gemma4-assistant.embedding_length_out", 512);
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => GemmaEngine.Load(new EngineOptions { Model = gguf.Model, Device = "cpu", Drafter = other }));
        Assert.Contains("other-assistant.gguf", error.Message, StringComparison.Ordinal);
        Assert.Contains("--drafter off runs without one", error.Message, StringComparison.Ordinal);
    }

    private static void Refused(Func<TensorSource> open, params string[] words)
    {
        string message = Assert.Throws<GemmaVkException>(() => open().Dispose()).Message;
        Assert.All(words, word => Assert.Contains(word, message, StringComparison.Ordinal));
    }

    private string Text(string name, string text)
    {
        File.WriteAllText(gguf[name], text);
        return gguf[name];
    }

    private string Cut(string name, string source)
    {
        File.WriteAllBytes(gguf[name], File.ReadAllBytes(source)[..^100]);
        return gguf[name];
    }

    /// <summary>A copy with the first occurrence of a text exchanged for one of the same length.</summary>
    private string Changed(string name, string source, string from, string to, bool apart = false)
    {
        byte[] bytes = File.ReadAllBytes(source);
        if (apart)
        {
            // Key, type and length stand between the two.
            int key = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(from[..^6]));
            Encoding.UTF8.GetBytes(to[^6..]).CopyTo(bytes, key + from.Length - 6 + 12);
        }
        else
        {
            Encoding.UTF8.GetBytes(to).CopyTo(bytes, bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(from)));
        }

        File.WriteAllBytes(gguf[name], bytes);
        return gguf[name];
    }

    /// <summary>A copy with another number behind a name: behind a key stands its type first.</summary>
    private string Number(string name, string source, string key, uint value, int after = 4)
    {
        byte[] bytes = File.ReadAllBytes(source);
        int at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(key)) + key.Length + after;
        BitConverter.TryWriteBytes(bytes.AsSpan(at), value);
        File.WriteAllBytes(gguf[name], bytes);
        return gguf[name];
    }
}
