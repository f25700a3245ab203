using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Weights;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class TraceTests
{
    private const float Tolerance = 1e-3f;

    [Theory]
    [InlineData("text")]
    [InlineData("one_token")]
    [InlineData("image")]
    [InlineData("mixed")]
    [InlineData("video")]
    public void Traces_equal_the_published_implementation(string name)
    {
        using TemporaryFolder folder = new();
        CommandRun run = CommandRun.Of("trace", "--model", Repository.Golden("tiny"), "--case", Repository.Golden("tiny-cases", $"{name}.safetensors"), "--out", folder["out"], "--device", "cpu");
        Assert.True(run.Code == 0, run.Error);
        using SafetensorsFile ours = SafetensorsFile.Open(folder["out"]);
        using SafetensorsFile golden = SafetensorsFile.Open(Repository.Golden("tiny-cases", $"{name}.safetensors"));
        string[] tensors = ["final", "hidden", "logits", .. golden.Tensors.ContainsKey("soft") ? ["soft"] : Array.Empty<string>()];
        Assert.Equal(tensors, ours.Tensors.Keys.Order());
        foreach (string tensor in ours.Tensors.Keys)
        {
            Assert.Equal("F32", ours.Tensors[tensor].DType);
            Assert.Equal(golden.Tensors[tensor].Extents, ours.Tensors[tensor].Extents);
            float[] expected = Values(golden, tensor);
            float[] actual = Values(ours, tensor);
            // Rows of the residual stream grow with depth: compare with their own size.
            float scale = tensor == "logits" ? 1 : Math.Max(1, expected.Max(Math.Abs));
            Assert.True(Distance(expected, actual) < Tolerance * scale, $"{tensor}: {Distance(expected, actual)} of {scale}");
        }
    }

    [Theory]
    [InlineData("w4a16")]
    [InlineData("w8a16")]
    [InlineData("fp8")]
    public void Quantised_checkpoints_are_traced_on_their_own_values(string name)
    {
        using TemporaryFolder folder = new();
        string golden = Repository.Golden("tiny-cases", "quantised.safetensors");
        CommandRun run = CommandRun.Of("trace", "--model", Repository.Golden($"tiny-{name}-ct"), "--case", golden, "--out", folder["out"], "--device", "cpu");
        Assert.True(run.Code == 0, run.Error);
        using SafetensorsFile ours = SafetensorsFile.Open(folder["out"]);
        using SafetensorsFile theirs = SafetensorsFile.Open(golden);
        Assert.True(Distance(Values(theirs, $"{name}.logits"), Values(ours, "logits")) < Tolerance);
    }

    [Fact]
    public void Steps_have_the_golden_names_and_widths_and_lead_from_layer_to_layer()
    {
        using TemporaryFolder folder = new();
        const string ids = "2,17,300,41,5";
        CommandRun run = CommandRun.Of("trace", "--model", Repository.Golden("tiny"), "--ids", ids, "--steps", "--out", folder["out"], "--device", "cpu");
        Assert.True(run.Code == 0, run.Error);
        using SafetensorsFile ours = SafetensorsFile.Open(folder["out"]);
        using SafetensorsFile golden = SafetensorsFile.Open(Repository.Golden("tiny-cases", "steps.safetensors"));
        foreach (FileTensor tensor in golden.Tensors.Values.Where(tensor => char.IsAsciiDigit(tensor.Name[0])))
        {
            Assert.True(ours.Tensors.TryGetValue(tensor.Name, out FileTensor? mine), $"{tensor.Name} is missing");
            Assert.Equal(5, mine.Extents[0]);
            Assert.Equal(tensor.Extents.Skip(1).Aggregate(1L, (product, extent) => product * extent), mine.Extents[1]);
        }

        float[] hidden = Values(ours, "hidden");
        int layer = hidden.Length / 12;
        for (int i = 0; i < 11; i++)
        {
            Assert.Equal(hidden[((i + 1) * layer)..((i + 2) * layer)], Values(ours, $"{i}.out"));
        }

        float[] sum = [.. hidden.Take(layer).Zip(Values(ours, "0.post_attn_norm"), (x, y) => x + y)];
        Assert.True(Distance(sum, Values(ours, "0.ff_norm_in")) < 1e-5);
    }

    [Fact]
    public void A_prompt_is_written_with_the_chat_template()
    {
        using TemporaryFolder folder = new();
        CommandRun run = CommandRun.Of("trace", "--prompt", "What is 8 + 0?", "--out", folder["out"], "--device", "cpu");
        Assert.True(run.Code == 0, run.Error);
        using SafetensorsFile ours = SafetensorsFile.Open(folder["out"]);
        Assert.Equal([28L, 1024L], ours.Tensors["logits"].Extents);
    }

    [Fact]
    public void Placeholders_without_media_are_refused()
    {
        using TemporaryFolder folder = new();
        CommandRun run = CommandRun.Of("trace", "--model", Repository.Golden("tiny"), "--ids", "2,5,7,7,6", "--out", folder["out"], "--device", "cpu");
        Assert.Equal(1, run.Code);
        Assert.Contains("expected a picture at row 2, but no further medium was given", run.Error, StringComparison.Ordinal);
        Assert.Empty(System.IO.Directory.GetFileSystemEntries(folder.Path));
    }

    private static float[] Values(SafetensorsFile file, string name) => MemoryMarshal.Cast<byte, float>(file.Bytes(file.Tensors[name])).ToArray();

    private static float Distance(IReadOnlyList<float> a, IReadOnlyList<float> b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
}
