using System;
using System.IO;
using System.Linq;
using System.Text;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Weights.Tests;

/// <summary>What lies beside the weights: adapters are refused, everything else that is passed over is said in a line.</summary>
public class FolderContentsTests
{
    [Theory]
    [InlineData("adapter_config.json")]
    [InlineData("adapter_model.safetensors")]
    [InlineData("adapter_model.bin")]
    public void AnAdapterBesideTheWeightsIsRefused(string name)
    {
        using TemporaryFolder folder = new TemporaryFolder().WithGolden("tiny");
        File.WriteAllText(folder[name], "{}");
        Refused(folder, $"also holds {name}", "merge it into the weights first");
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("chat_template.jinja")]
    [InlineData("model.safetensors")]
    public void ADeviceInPlaceOfAFileIsRefusedBeforeItIsRead(string name)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using TemporaryFolder folder = new TemporaryFolder().WithGolden("tiny");
        File.Delete(folder[name]);
        File.CreateSymbolicLink(folder[name], "/dev/zero");
        Refused(folder, $"{name} must be a file, but is a pipe or a device");
    }

    [Fact]
    public void ATemplateAndARefThatNeverEndAreNotRead()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using TemporaryFolder folder = new TemporaryFolder().WithGolden("tiny");
        Directory.CreateDirectory(folder["chat_templates"]);
        File.CreateSymbolicLink(folder["chat_templates/a.jinja"], "/dev/zero");
        using (Checkpoint checkpoint = Checkpoint.Open(folder.Path))
        {
            Assert.Empty(checkpoint.Notes());
        }

        Directory.CreateDirectory(folder["models--a--b/refs"]);
        Directory.CreateDirectory(folder["models--a--b/snapshots/c"]);
        File.CreateSymbolicLink(folder["models--a--b/refs/main"], "/dev/zero");
        Assert.Equal(folder["models--a--b/snapshots/c"], CheckpointPath.Resolve(folder["models--a--b"]));
    }

    [Fact]
    public void AnAdapterAloneIsNamedAsSuch()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["adapter_config.json"], "\ufeff{\"base_model_name_or_path\": \"google/gemma-4-12b\"}");
        File.WriteAllText(folder["adapter_model.safetensors"], "");
        Refused(folder, "holds an adapter (LoRA) alone", "for google/gemma-4-12b", "pass the merged folder");
    }

    [Theory]
    [InlineData("model.gguf", "holds the GGUF file model.gguf")]
    [InlineData("pytorch_model.bin", "holds PyTorch weights (pytorch_model.bin)")]
    [InlineData("consolidated.00.pth", "holds PyTorch weights (consolidated.00.pth)")]
    [InlineData("model.pt", "holds PyTorch weights (model.pt)")]
    [InlineData("model.onnx", "holds ONNX weights (model.onnx)")]
    [InlineData("consolidated.safetensors", "holds consolidated.safetensors under another name and no index")]
    [InlineData("model-00001-of-00002.safetensors", "under another name and no index")]
    public void WeightsOfAnotherFormAreNamed(string name, string words)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["config.json"], "{}");
        File.WriteAllText(folder[name], "x");
        Refused(folder, words);
    }

    [Fact]
    public void ALinkToNothingIsNamed()
    {
        using TemporaryFolder folder = new();
        File.CreateSymbolicLink(folder["model.safetensors"], folder["gone"]);
        Refused(folder, "model.safetensors is a link to a file that is not there");
    }

    [Fact]
    public void AFolderAsPublishedHasNoNotes()
    {
        foreach (string golden in (string[])["tiny", "tiny-w4a16-ct", "tiny-fp8-ct"])
        {
            using Checkpoint checkpoint = Checkpoint.Open(Repository.Golden(golden));
            Assert.Empty(checkpoint.Notes());
        }
    }

    [Fact]
    public void OtherWeightsAreSaidInOneLine()
    {
        using TemporaryFolder folder = new TemporaryFolder().WithGolden("tiny");
        foreach (string name in (string[])["model-q4.gguf", "pytorch_model.bin", "consolidated.safetensors", "model (1).safetensors", "model.onnx", "training_args.bin"])
        {
            File.WriteAllText(folder[name], "x");
        }

        Note(folder, "consolidated.safetensors, model (1).safetensors, model-q4.gguf, model.onnx and 1 more are not read: the weights are those of model.safetensors");
    }

    [Fact]
    public void ShardsBesideASingleFileAreSaid()
    {
        using TemporaryFolder folder = new TemporaryFolder().WithGolden("tiny");
        File.WriteAllText(folder["model.safetensors.index.json"], "{\"weight_map\":{\"a\":\"model-00001-of-00001.safetensors\"}}");
        File.Copy(folder["model.safetensors"], folder["model-00001-of-00001.safetensors"]);
        Note(folder, "model-00001-of-00001.safetensors is not read");
    }

    [Theory]
    [InlineData("{{ bos_token }}{% for m in messages %}<start_of_turn>{{ m.role }}", "it writes <start_of_turn> where Gemma 4 writes <|turn>")]
    [InlineData("<|im_start|>{{ x }}", "it writes <|im_start|>")]
    [InlineData("{{ messages[0].content }}", "it writes no <|turn>")]
    public void ATemplateOfAnotherFormatIsSaid(string template, string words)
    {
        string json = System.Text.Json.JsonSerializer.Serialize(template);
        foreach ((string name, string text) in ((string, string)[])
            [
                ("chat_template.jinja", template),
                ("chat_template.json", $"{{\"chat_template\":{json}}}"),
                ("tokenizer_config.json", $"\ufeff{{\"chat_template\":[{{\"name\":\"default\",\"template\":{json}}}]}}"),
                ("tokenizer_config.json", $"{{\"chat_template\":{json}}}"),
                ("chat_templates/tool_use.jinja", template),
            ])
        {
            using TemporaryFolder folder = new TemporaryFolder().WithGolden("tiny");
            Directory.CreateDirectory(folder["chat_templates"]);
            File.WriteAllText(folder[name], text);
            Note(folder, name, words, "prompts are written in Gemma 4's own turns");
        }
    }

    [Theory]
    [InlineData("{%- for m in messages -%}{{ '<|turn>' + m.role + '\\n' + m.content + '<turn|>\\n' }}{%- endfor -%}")]
    [InlineData("")]
    public void AGemma4TemplateIsNot(string template)
    {
        using TemporaryFolder folder = new TemporaryFolder().WithGolden("tiny");
        File.WriteAllText(folder["chat_template.jinja"], template);
        File.WriteAllText(folder["chat_template.json"], "not json");
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        Assert.Empty(checkpoint.Notes());
    }

    [Fact]
    public void SettingsThatAreNotFollowedAreSaid()
    {
        using TemporaryFolder folder = new TemporaryFolder().WithGolden("tiny");
        File.WriteAllText(folder["generation_config.json"], "{\"repetition_penalty\":1.1,\"no_repeat_ngram_size\":0,\"num_beams\":4,\"typical_p\":1.0,\"max_new_tokens\":512,\"use_cache\":true,\"bad_words_ids\":null,\"stop_strings\":[\"x\"]}");
        Note(folder, "generation_config.json: repetition_penalty 1.1, num_beams 4, max_new_tokens 512, stop_strings a list are not applied");
    }

    [Fact]
    public void NamesOfFilesDoNotSteerTheTerminal()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["adapter_config.json"], "{\"base_model_name_or_path\":\"x\\u001b[31m\\u202e" + new string('y', 100_000) + "\"}");
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Checkpoint.Open(folder.Path).Dispose());
        Assert.Contains("\\u001b[31m\\u202e", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.InRange(error.Message.Length, 500, 2200);
        Assert.EndsWith("pass the merged folder.", error.Message, StringComparison.Ordinal);
    }

    private static void Note(TemporaryFolder folder, params string[] words)
    {
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        string note = Assert.Single(checkpoint.Notes());
        Assert.All(words, word => Assert.Contains(word, note, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', note);
    }

    private static void Refused(TemporaryFolder folder, params string[] words)
    {
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Checkpoint.Open(folder.Path).Dispose());
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }
}
