using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using GemmaVk.Model;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Weights.Tests;

public class CheckpointIndexTests
{
    [Fact]
    public void ShardsReadLikeTheSingleFile()
    {
        using TemporaryFolder folder = Sharded(name => name);
        using Checkpoint single = Checkpoint.Open(Repository.Golden("tiny")), sharded = Checkpoint.Open(folder.Path);
        Same(single, sharded);
        Assert.Equal(3, sharded.List().Select(entry => entry.File).Distinct().Count());
        Assert.Equal(single.TotalBytes, sharded.TotalBytes);
    }

    /// <summary>Every spelling of spec 2.1: the names of re-uploads and of the running model.</summary>
    [Theory]
    [InlineData("model.language_model.", "language_model.model.", "model.vision_embedder.", "vision_embedder.")]
    [InlineData("model.language_model.", "model.", "model.vision_embedder.", "model.embed_vision.")]
    [InlineData("model.embed_vision.embedding_projection", "model.embed_vision.multimodal_embedder.embedding_projection", "model.vision_embedder.", "model.embed_vision.")]
    [InlineData("model.embed_vision.", "embed_vision.", "model.vision_embedder.", "embed_vision.")]
    [InlineData("model.embed_vision.embedding", "embed_vision.multimodal_embedder.embedding", "model.embed_audio.", "embed_audio.")]
    public void OtherSpellingsReadTheSame(string from, string to, string alsoFrom, string alsoTo)
    {
        using TemporaryFolder folder = Sharded(name => name.Replace(from, to, StringComparison.Ordinal).Replace(alsoFrom, alsoTo, StringComparison.Ordinal));
        using Checkpoint single = Checkpoint.Open(Repository.Golden("tiny")), renamed = Checkpoint.Open(folder.Path);
        Same(single, renamed);
    }

    [Fact]
    public void AMissingShardIsNamed()
    {
        using TemporaryFolder folder = Sharded(name => name);
        File.Delete(folder["model-00002-of-00003.safetensors"]);
        Expect(folder, "model.safetensors.index.json lists model-00002-of-00003.safetensors", "does not");
    }

    [Fact]
    public void AListedTensorThatIsNotThereIsNamed()
    {
        using TemporaryFolder folder = Sharded(name => name);
        Edit(folder, map => map["model.language_model.ghost"] = "model-00001-of-00003.safetensors");
        Expect(folder, "model-00001-of-00003.safetensors holds tensor \"model.language_model.ghost\", but it does not");
    }

    [Theory]
    [InlineData("../model-00001-of-00003.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    [InlineData("..")]
    public void AShardOutsideTheFolderIsRefused(string shard)
    {
        using TemporaryFolder folder = Sharded(name => name);
        Edit(folder, map => map["model.language_model.norm.weight"] = shard);
        Expect(folder, "must name files in its own folder", $"\"{shard}\"");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"weight_map\":{}}")]
    [InlineData("{\"weight_map\":{\"a\":1}}")]
    [InlineData("{\"weight_map\":{\"a\":\"b\",\"a\":\"b\"}}")]
    [InlineData("{\"weight_map\":")]
    [InlineData("")]
    public void AMalformedIndexIsOneSentence(string text)
    {
        using TemporaryFolder folder = Sharded(name => name);
        File.WriteAllText(folder["model.safetensors.index.json"], text);
        Expect(folder, "must be a JSON object whose weight_map gives a file name for each tensor");
    }

    [Fact]
    public void HalfAndFullFloatsWiden()
    {
        using TemporaryFolder folder = Sharded(name => name, convert: true);
        using Checkpoint single = Checkpoint.Open(Repository.Golden("tiny")), converted = Checkpoint.Open(folder.Path);
        string half = TensorNames.Layer(0, LayerTensor.QProj), full = TensorNames.Layer(0, LayerTensor.KProj);
        Assert.Equal(DType.F32, converted.Matrix(half).Format);
        Assert.Equal(DType.F32, converted.Matrix(full).Format);
        // These BF16 weights are within F16's range to 2^-24.
        Assert.All(single.Matrix(half).Values().Zip(converted.Matrix(half).Values()), pair => Assert.Equal(pair.First, pair.Second, 1e-7));
        Assert.Equal(single.Matrix(full).Values(), converted.Matrix(full).Values());
        Assert.Equal(single.Matrix(full).Values(), converted.Matrix(full, DType.BF16).Values());
        Assert.Equal(single.Matrix(full, DType.Q4).Values(), converted.Matrix(full, DType.Q4).Values());
        Assert.Equal(single.Vector(TensorNames.FinalNorm), converted.Vector(TensorNames.FinalNorm));
    }

    private static void Same(Checkpoint expected, Checkpoint actual)
    {
        foreach (TensorSpec spec in expected.Table.Where(spec => spec.Role != TensorRole.Duplicate))
        {
            if (spec.Role == TensorRole.Vector)
            {
                Assert.Equal(expected.Vector(spec.Name), actual.Vector(spec.Name));
            }
            else
            {
                Assert.Equal(expected.Matrix(spec.Name).ReadAll().Data, actual.Matrix(spec.Name).ReadAll().Data);
            }
        }
    }

    private static void Expect(TemporaryFolder folder, params string[] words)
    {
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Checkpoint.Open(folder.Path).Dispose());
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }

    private static void Edit(TemporaryFolder folder, Action<JsonObject> edit)
    {
        JsonObject index = JsonNode.Parse(File.ReadAllText(folder["model.safetensors.index.json"]))!.AsObject();
        edit(index["weight_map"]!.AsObject());
        File.WriteAllText(folder["model.safetensors.index.json"], index.ToJsonString());
    }

    /// <summary>The tiny checkpoint in three shards, its tensors renamed and, on request, layer 0's Q and K and the norm as F16 and F32.</summary>
    private static TemporaryFolder Sharded(Func<string, string> rename, bool convert = false)
    {
        TemporaryFolder folder = new();
        File.Copy(Path.Combine(Repository.Golden("tiny"), "config.json"), folder["config.json"]);
        using SafetensorsFile source = SafetensorsFile.Open(Path.Combine(Repository.Golden("tiny"), "model.safetensors"));
        JsonObject map = [];
        FileTensor[] tensors = [.. source.Tensors.Values];
        for (int shard = 0; shard < 3; shard++)
        {
            string name = $"model-{shard + 1:00000}-of-00003.safetensors";
            List<(SafetensorsEntry Entry, byte[] Bytes)> own = [];
            foreach (FileTensor tensor in tensors.Where((_, i) => i % 3 == shard))
            {
                byte[] bytes = source.Bytes(tensor).ToArray();
                string type = "BF16";
                if (convert && tensor.Name == TensorNames.Layer(0, LayerTensor.QProj))
                {
                    (type, bytes) = ("F16", [.. Floats(bytes).SelectMany(value => BitConverter.GetBytes((Half)value))]);
                }
                else if (convert && (tensor.Name == TensorNames.Layer(0, LayerTensor.KProj) || tensor.Name == TensorNames.FinalNorm))
                {
                    (type, bytes) = ("F32", [.. Floats(bytes).SelectMany(BitConverter.GetBytes)]);
                }

                own.Add((new SafetensorsEntry(rename(tensor.Name), type, tensor.Extents), bytes));
                map[rename(tensor.Name)] = name;
            }

            using SafetensorsWriter writer = SafetensorsWriter.Create(folder[name], [.. own.Select(pair => pair.Entry)]);
            own.ForEach(pair => writer.Write(pair.Entry.Name, 0, pair.Bytes));
            writer.Commit();
        }

        File.WriteAllText(folder["model.safetensors.index.json"], new JsonObject { ["metadata"] = new JsonObject(), ["weight_map"] = map }.ToJsonString());
        return folder;
    }

    private static float[] Floats(byte[] bf16) => [.. Enumerable.Range(0, bf16.Length / 2).Select(i => BFloat16.ToSingle(BitConverter.ToUInt16(bf16, 2 * i)))];
}
