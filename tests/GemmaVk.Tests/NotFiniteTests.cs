using System;
using System.IO;
using GemmaVk.Tensors;
using GemmaVk.Weights;
using Xunit;

namespace GemmaVk.Tests;

/// <summary>A weight that is no number: an error that says where, and not an answer of padding.</summary>
public sealed class NotFiniteTests
{
    [Theory]
    [InlineData("cpu", "model.language_model.layers.2.mlp.up_proj.weight", 0x7FC0)]
    [InlineData("cpu", "model.language_model.layers.0.self_attn.k_proj.weight", 0xFF80)]
    [InlineData("vulkan", "model.language_model.layers.2.mlp.up_proj.weight", 0x7FC0)]
    [InlineData("vulkan", "model.language_model.layers.0.self_attn.k_proj.weight", 0xFF80)]
    public void ABadWeightEndsTheAnswerWithItsPosition(string device, string tensor, int bits)
    {
        using BadPebble folder = new(tensor, (ushort)bits);
        foreach (float temperature in (float[])[0, 1])
        {
            using GemmaEngine engine = GemmaEngine.Load(new EngineOptions { Model = folder.Path, Device = device, Drafter = "off", Context = 256 });
            using GemmaSession session = engine.NewSession(256);
            GemmaVkException error = Assert.Throws<GemmaVkException>(() => session.Ask("What are you?", new AskOptions { Draw = new DrawOptions(temperature), MaxTokens = 4 }));
            Assert.Contains("logits at position ", error.Message, StringComparison.Ordinal);
            Assert.Contains("inspect --check", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("model.language_model.norm.weight", 0x7F80)]
    [InlineData("model.language_model.layers.3.layer_scalar", 0x7FC0)]
    public void ABadNormIsNamedWhenItIsLoaded(string tensor, int bits)
    {
        using BadPebble folder = new(tensor, (ushort)bits);
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => GemmaEngine.Load(new EngineOptions { Model = folder.Path, Device = "cpu", Drafter = "off", Context = 64 }).Dispose());
        Assert.Contains($"tensor {tensor} must hold finite numbers", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ABadDrafterIsNamedAsSuch()
    {
        using BadPebble drafter = new("model.layers.0.mlp.up_proj.weight", 0x7FC0, "pebble-assistant");
        using GemmaEngine engine = GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu", Drafter = drafter.Path, DraftLength = 2, Context = 256 });
        using GemmaSession session = engine.NewSession(256);
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => session.Ask("Count from one to three.", new AskOptions { Draw = new DrawOptions(0), MaxTokens = 20 }));
        Assert.Contains("the drafter's logits", error.Message, StringComparison.Ordinal);
        Assert.Contains("--drafter off", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NotesOfTheFolderReachWhoeverLoads()
    {
        using BadPebble folder = new("model.language_model.norm.weight", 0x3F80);
        File.WriteAllText(Path.Combine(folder.Path, "chat_template.jinja"), "<|im_start|>");
        using GemmaEngine engine = GemmaEngine.Load(new EngineOptions { Model = folder.Path, Device = "cpu", Drafter = "off", Context = 64 });
        Assert.Contains("chat_template.jinja", Assert.Single(engine.Notes), StringComparison.Ordinal);
    }

    /// <summary>A copy of a small checkpoint with one other number in it.</summary>
    private sealed class BadPebble : IDisposable
    {
        public BadPebble(string tensor, ushort bits, string name = "pebble")
        {
            string file = System.IO.Path.Combine(Path, "model.safetensors");
            foreach (string each in Directory.GetFiles(System.IO.Path.Combine(Repository.Root, "weights", name)))
            {
                File.Copy(each, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(each)));
            }

            long offset, length;
            using (SafetensorsFile source = SafetensorsFile.Open(file))
            {
                Assert.Equal("BF16", source.Tensors[tensor].DType);
                (offset, length) = (source.Tensors[tensor].Offset, source.Tensors[tensor].ByteLength);
            }

            using FileStream stream = File.OpenWrite(file);
            stream.Position = offset + Math.Min(6, length - 2);
            stream.Write(BitConverter.GetBytes(bits));
        }

        public string Path { get; } = Directory.CreateTempSubdirectory("gemmavk-bad-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
