using System;
using System.Buffers.Binary;
using System.IO;
using System.Text;
using System.Text.Json.Nodes;
using GemmaVk.Model;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Weights.Tests;

public class BadCheckpointTests
{
    [Fact]
    public void NothingThereIsOneSentence() => Expect("no/such/folder", "no/such/folder must be a folder", "nothing is there");

    [Fact]
    public void AnEmptyPathIsOneSentence() => Expect("", "--model must be a folder", "nothing is there");

    [Fact]
    public void AnEmptyFolderIsOneSentence()
    {
        using TemporaryFolder folder = new();
        Expect(folder.Path, "must hold model.safetensors or model.safetensors.index.json", "is empty");
    }

    [Fact]
    public void AFileIsOneSentenceThatNamesTheFolder() =>
        Expect(Path.Combine(Repository.Golden("tiny"), "model.safetensors"), "is a file", "pass the folder that holds it: " + Repository.Golden("tiny"));

    [Fact]
    public void AGgufIsOneSentenceWhateverItsName()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["model.bin"], "GGUF\u0003\0\0\0"u8.ToArray());
        Expect(folder["model.bin"], "must be at least 24 bytes long", "only 8 bytes long");
        File.Move(folder["model.bin"], folder["model.gguf"]);
        Expect(folder.Path, "holds the GGUF file model.gguf", $"pass the GGUF file itself: {folder["model.gguf"]}");
        File.Move(folder["model.gguf"], folder["model.safetensors"]);
        File.Copy(Path.Combine(Repository.Golden("tiny"), "config.json"), folder["config.json"]);
        Expect(folder.Path, "is a GGUF file");
    }

    [Fact]
    public void AFolderWithoutConfigIsOneSentence()
    {
        using TemporaryFolder folder = new TemporaryFolder().WithGolden("tiny");
        File.Delete(folder["config.json"]);
        Expect(folder.Path, "must hold config.json");
    }

    [Fact]
    public void ATruncatedFileIsOneSentence()
    {
        using TemporaryFolder folder = new TemporaryFolder().WithGolden("tiny");
        using (FileStream stream = File.OpenWrite(folder["model.safetensors"]))
        {
            stream.SetLength(stream.Length / 2);
        }

        Expect(folder.Path, "model.safetensors", "truncated download", "download or convert the file again");
    }

    [Fact]
    public void ADrafterIsNotATarget()
    {
        Expect(Repository.Golden("tiny-assistant"), "model_type", "gemma4_unified_assistant", "this is a drafter");
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => DrafterCheckpoint.Open(Repository.Golden("tiny")));
        Assert.Contains("gemma4_unified_assistant", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hidden_size", 128, "[512, 128]", "BF16 [512, 96]")]
    [InlineData("intermediate_size", 192, "[96, 192]", "BF16 [96, 160]")]
    [InlineData("vocab_size", 513, "[513, 96]", "BF16 [512, 96]")]
    [InlineData("global_head_dim", 32, "[32]", "BF16 [64]")]
    public void AConfigThatDisagreesWithTheTensorsShowsBoth(string key, int value, string expected, string actual)
    {
        using TemporaryFolder folder = new TemporaryFolder().WithGolden("tiny");
        EditConfig(folder, config => config["text_config"]![key] = value);
        Expect(folder.Path, expected, actual, "by config.json");
    }

    [Fact]
    public void AMissingTensorIsNamed()
    {
        using TemporaryFolder folder = new TemporaryFolder().WithGolden("tiny");
        EditHeader(folder, header => header.Replace("layers.7.mlp.up_proj.weight", "layers.7.mlp.xx_proj.weight", StringComparison.Ordinal));
        Expect(folder.Path, "must hold tensor model.language_model.layers.7.mlp.up_proj.weight");
    }

    [Fact]
    public void MoreLayersThanConfiguredAreNamed()
    {
        using TemporaryFolder folder = new TemporaryFolder().WithGolden("tiny");
        EditConfig(folder, config =>
        {
            config["text_config"]!["num_hidden_layers"] = 11;
            config["text_config"]!["layer_types"]!.AsArray().RemoveAt(11);
        });
        Expect(folder.Path, "tensor model.language_model.layers.11.", "must have a place in the model that config.json describes, but has none");
    }

    [Fact]
    public void ASecondHeadThatDiffersIsNamed()
    {
        using TemporaryFolder folder = new TemporaryFolder().WithGolden("tiny-w4a16-ct");
        long offset;
        using (SafetensorsFile file = SafetensorsFile.Open(folder["model.safetensors"]))
        {
            offset = file.Tensors[TensorNames.LmHead].Offset;
        }

        byte[] bytes = File.ReadAllBytes(folder["model.safetensors"]);
        bytes[offset + 5] ^= 1;
        File.WriteAllBytes(folder["model.safetensors"], bytes);
        Expect(folder.Path, "lm_head.weight must be a copy of model.language_model.embed_tokens.weight");
    }

    [Fact]
    public void AWrongTypeShowsBoth()
    {
        using TemporaryFolder folder = new TemporaryFolder().WithGolden("tiny");
        EditHeader(folder, header => header.Replace(
            "\"model.language_model.norm.weight\":{\"dtype\":\"BF16\"", "\"model.language_model.norm.weight\":{\"dtype\":\"I16\" ", StringComparison.Ordinal));
        Expect(folder.Path, "model.language_model.norm.weight must be BF16, F16 or F32, but is I16 [96]");
    }

    [Theory]
    [InlineData("tiny-w4a16-ct")]
    [InlineData("tiny-fp8-ct")]
    public void QuantisedWeightsNeedTheirConfig(string golden)
    {
        using TemporaryFolder folder = new TemporaryFolder().WithGolden(golden);
        EditConfig(folder, config => config.Remove("quantization_config"));
        Expect(folder.Path, "quantization_config", "_proj");
    }

    [Fact]
    public void AQuantisedFileOfTheOtherWidthShowsBoth()
    {
        using TemporaryFolder folder = new TemporaryFolder().WithGolden("tiny-w4a16-ct");
        EditConfig(folder, config => config["quantization_config"]!["config_groups"]!["group_0"]!["weights"]!["num_bits"] = 8);
        Expect(folder.Path, "weight_packed must have shape [96, 40]", "I32 [96, 20]");
    }

    [Fact]
    public void ARecordedShapeThatDisagreesShowsBoth()
    {
        using TemporaryFolder folder = new TemporaryFolder().WithGolden("tiny-w4a16-ct");
        byte[] bytes = File.ReadAllBytes(folder["model.safetensors"]);
        int data = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        bytes[data] = 97;
        File.WriteAllBytes(folder["model.safetensors"], bytes);
        Expect(folder.Path, "weight_shape must say [96, 160], but says [97, 160]");
    }

    private static void Expect(string path, params string[] words)
    {
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Checkpoint.Open(path).Dispose());
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
        Assert.EndsWith(".", error.Message.Replace(Repository.Golden("tiny"), ".", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static void EditConfig(TemporaryFolder folder, Action<JsonObject> edit)
    {
        JsonObject config = JsonNode.Parse(File.ReadAllText(folder["config.json"]))!.AsObject();
        edit(config);
        File.WriteAllText(folder["config.json"], config.ToJsonString());
    }

    private static void EditHeader(TemporaryFolder folder, Func<string, string> edit)
    {
        byte[] bytes = File.ReadAllBytes(folder["model.safetensors"]);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        string old = Encoding.UTF8.GetString(bytes, 8, length), edited = edit(old);
        Assert.NotEqual(old, edited);
        Assert.Equal(length, edited.Length);
        Encoding.UTF8.GetBytes(edited).CopyTo(bytes, 8);
        File.WriteAllBytes(folder["model.safetensors"], bytes);
    }
}
