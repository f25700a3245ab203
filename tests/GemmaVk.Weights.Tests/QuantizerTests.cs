using System;
using System.IO;
using System.Linq;
using System.Threading;
using GemmaVk.Model;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Weights.Tests;

public class QuantizerTests
{
    [Theory]
    [InlineData("tiny", DType.Q4)]
    [InlineData("tiny", DType.Q8)]
    [InlineData("tiny-fp8-ct", DType.Q8)]
    [InlineData("tiny-w8a16-ct", DType.Q4)]
    [InlineData("tiny-w4a16-ct", DType.Q8)]
    public void TheResultLoadsAndHoldsWhatConversionOnLoadingGives(string folder, DType format)
    {
        using TemporaryFolder temporary = new();
        long bytes = 0;
        using Checkpoint source = Checkpoint.Open(Repository.Golden(folder));
        Quantizer.Write(source, temporary["out"], format, written => Interlocked.Add(ref bytes, written));
        Assert.Equal(Quantizer.DataBytes(source, format), bytes);

        using Checkpoint result = Checkpoint.Open(temporary["out"]);
        Assert.Equal(format, result.Quantization!.Format);
        foreach (TensorSpec spec in source.Table.Where(spec => spec.Role != TensorRole.Duplicate))
        {
            if (spec.Role == TensorRole.Vector)
            {
                Assert.Equal(source.Vector(spec.Name), result.Vector(spec.Name));
            }
            else
            {
                (byte[] data, ushort[] scale) = source.Matrix(spec.Name, spec.Role == TensorRole.Linear ? format : null).ReadAll();
                (byte[] resultData, ushort[] resultScale) = result.Matrix(spec.Name).ReadAll();
                Assert.Equal(data, resultData);
                Assert.Equal(scale, resultScale);
            }
        }

        Assert.DoesNotContain(result.List(), entry => entry.Tensor.Name == TensorNames.LmHead);
        Assert.False(Directory.Exists(temporary["out"] + ".partial"));
    }

    [Theory]
    [InlineData("tiny-w4a16-ct", DType.Q4)]
    [InlineData("tiny-w8a16-ct", DType.Q8)]
    public void ItIsAtLeastAsCloseAsThePublishedQuantiser(string folder, DType format)
    {
        using Checkpoint plain = Checkpoint.Open(Repository.Golden("tiny"));
        using Checkpoint published = Checkpoint.Open(Repository.Golden(folder));
        double ours = 0, theirs = 0;
        foreach (TensorSpec spec in plain.Table.Where(spec => spec.Role == TensorRole.Linear))
        {
            float[] values = plain.Matrix(spec.Name).Values();
            ours += SquaredError(values, plain.Matrix(spec.Name, format).Values());
            theirs += SquaredError(values, published.Matrix(spec.Name).Values());
        }

        // INT8: both round to a grid of 255 or 256 levels; a scale for 127 steps instead of 127.5 costs 0.4 %.
        Assert.True(ours <= theirs * (format == DType.Q4 ? 1 : 1.02), $"{ours} against {theirs}");
    }

    [Fact]
    public void OtherFilesComeAlongAndWeightsDoNot()
    {
        using TemporaryFolder source = new TemporaryFolder().WithGolden("tiny");
        File.WriteAllText(source["tokenizer.json"], "{}");
        File.WriteAllText(source["chat_template.jinja"], "x");
        File.WriteAllText(source["model.gguf"], "x");
        using TemporaryFolder target = new();
        Quantizer.Write(source.Path, target["out"], DType.Q4);
        Assert.Equal(
            ["chat_template.jinja", "config.json", "config.per_layer.json", "model.safetensors", "tokenizer.json"],
            Directory.GetFiles(target["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void AStoppedRunLeavesNothing()
    {
        using TemporaryFolder target = new();
        using CancellationTokenSource stop = new();
        Assert.ThrowsAny<OperationCanceledException>(
            () => Quantizer.Write(Repository.Golden("tiny"), target["out"], DType.Q4, _ => stop.Cancel(), cancellation: stop.Token));
        Assert.Empty(Directory.GetFileSystemEntries(target.Path));
    }

    [Fact]
    public void ADamagedWeightStopsItAndLeavesNothing()
    {
        using TemporaryFolder source = new TemporaryFolder().WithGolden("tiny");
        long offset;
        using (SafetensorsFile file = SafetensorsFile.Open(source["model.safetensors"]))
        {
            offset = file.Tensors[TensorNames.Layer(2, LayerTensor.UpProj)].Offset;
        }

        byte[] bytes = File.ReadAllBytes(source["model.safetensors"]);
        (bytes[offset + 400], bytes[offset + 401]) = (0xC0, 0x7F);
        File.WriteAllBytes(source["model.safetensors"], bytes);
        using TemporaryFolder target = new();
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Quantizer.Write(source.Path, target["out"], DType.Q8));
        Assert.Contains("layers.2.mlp.up_proj.weight", error.Message, StringComparison.Ordinal);
        Assert.Contains("row 2", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(target.Path));
    }

    [Fact]
    public void AnOccupiedFolderOrTheSameFormatIsRefused()
    {
        using TemporaryFolder target = new();
        File.WriteAllText(target["there.txt"], "x");
        Assert.Contains("new or empty folder", Assert.Throws<GemmaVkException>(() => Quantizer.Write(Repository.Golden("tiny"), target.Path, DType.Q4)).Message, StringComparison.Ordinal);
        Assert.Contains("already", Assert.Throws<GemmaVkException>(() => Quantizer.Write(Repository.Golden("tiny-w4a16-ct"), target["out"], DType.Q4)).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(target["there.txt"]));
    }

    private static double SquaredError(float[] expected, float[] actual) =>
        expected.Zip(actual, (e, a) => ((double)e - a) * (e - a)).Sum();
}
