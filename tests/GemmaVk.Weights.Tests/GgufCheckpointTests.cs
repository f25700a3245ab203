using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Weights.Gguf;
using GemmaVk.Weights.Gguf.Blocks;
using GemmaVk.Weights.Gguf.Writing;
using Xunit;

namespace GemmaVk.Weights.Tests;

/// <summary>The same checkpoint as a folder and as GGUF: configuration and every number.</summary>
public class GgufCheckpointTests
{
    private static string Assistant => Repository.Path("weights", "pebble-assistant");

    [Fact]
    public void AFolderThereAndBackIsTheSame()
    {
        using TemporaryFolder folder = new();
        Assert.Equal([folder["p.gguf"], folder["mmproj-p.gguf"]], GgufExport.Write(Repository.Pebble, folder["p.gguf"]));
        GgufImport.Write(folder["p.gguf"], "auto", folder["back"]);
        using Checkpoint source = Checkpoint.Open(Repository.Pebble), file = Checkpoint.Open(folder["p.gguf"]), back = Checkpoint.Open(folder["back"]);
        Same(source, file);
        Same(source, back);
        Same(source.Config, file.Config);
        Same(source.Config, back.Config);
        Assert.Empty(file.Notes());
        Assert.True(File.Exists(folder["back/tokenizer.json"]));

        GgufExport.Write(Assistant, folder["a.gguf"]);
        GgufImport.Write(folder["a.gguf"], "off", folder["assistant"]);
        using DrafterCheckpoint drafter = DrafterCheckpoint.Open(Assistant), drafterFile = DrafterCheckpoint.Open(folder["a.gguf"]), drafterBack = DrafterCheckpoint.Open(folder["assistant"]);
        Same(drafter, drafterFile);
        Same(drafter, drafterBack);
        Same(drafter.Config, drafterFile.Config);
        Assert.Equal(drafter.Config.BackboneHiddenSize, drafterFile.Config.BackboneHiddenSize);
        Assert.True(DrafterCheckpoint.Describes(folder["a.gguf"]));
        Assert.False(DrafterCheckpoint.Describes(folder["p.gguf"]));
    }

    [SharedFact("weights", "gguf", "pebble-bf16.gguf")]
    public void FilesOfThePublishedConverterAreTheSame()
    {
        string shared = Path.Combine(Repository.Shared!, "weights");
        using Checkpoint source = Checkpoint.Open(Path.Combine(shared, "pebble")), file = Checkpoint.Open(Path.Combine(shared, "gguf", "pebble-bf16.gguf"));
        Assert.NotNull(file.Config.VisionConfig);
        Same(source, file);
        Same(source.Config, file.Config);
        using DrafterCheckpoint drafter = DrafterCheckpoint.Open(Path.Combine(shared, "pebble-assistant")), drafterFile = DrafterCheckpoint.Open(Path.Combine(shared, "gguf", "pebble-assistant-bf16.gguf"));
        Same(drafter, drafterFile);
        Same(drafter.Config, drafterFile.Config);
    }

    [SharedFact("weights", "gguf", "pebble-bf16.gguf")]
    public void OurFilesHoldTheBytesOfThePublishedConverter()
    {
        using TemporaryFolder folder = new();
        string shared = Path.Combine(Repository.Shared!, "weights");
        GgufExport.Write(Path.Combine(shared, "pebble"), folder["p.gguf"]);
        GgufExport.Write(Path.Combine(shared, "pebble-assistant"), folder["a.gguf"]);
        foreach ((string ours, string theirs) in ((string, string)[])[("p", "pebble-bf16"), ("mmproj-p", "pebble-mmproj-bf16"), ("a", "pebble-assistant-bf16")])
        {
            using GgufFile mine = GgufFile.Open(folder[$"{ours}.gguf"]), published = GgufFile.Open(Path.Combine(shared, "gguf", $"{theirs}.gguf"));
            Assert.Equal(published.Tensors.Keys.Order(), mine.Tensors.Keys.Order());
            foreach (FileTensor tensor in published.Tensors.Values)
            {
                Assert.Equal(tensor.Kind, mine.Tensors[tensor.Name].Kind);
                Assert.True(published.Bytes(tensor).SequenceEqual(mine.Bytes(mine.Tensors[tensor.Name])), tensor.Name);
            }
        }
    }

    [Theory]
    [InlineData(DType.Q4, DType.Q4F16, "Q4_0")]
    [InlineData(DType.Q8, DType.Q8F16, "Q8_0")]
    public void IntegersThatGgufCanHoldKeepTheirValues(DType format, DType read, string type)
    {
        using TemporaryFolder folder = new();
        Quantizer.Write(Repository.Pebble, folder["q"], format);
        GgufExport.Write(folder["q"], folder["q.gguf"]);
        using Checkpoint source = Checkpoint.Open(folder["q"]), file = Checkpoint.Open(folder["q.gguf"]);
        StoredFormat stored = Assert.Single(file.Formats(), kind => kind.Type == type);
        Assert.Equal((read, true, 40), (stored.Format, stored.IsExact, stored.Count));
        Assert.Equal(DType.Q8, file.UsualEmbedding);
        foreach (TensorSpec spec in source.Table.Where(spec => spec.Role == TensorRole.Linear))
        {
            MatrixSource matrix = file.Matrix(spec.Name);
            Assert.Equal(read, matrix.Format);
            Assert.True(source.Matrix(spec.Name, DType.F32).ReadAll().Data.AsSpan().SequenceEqual(file.Matrix(spec.Name, DType.F32).ReadAll().Data), spec.Name);
            if (spec.Name.EndsWith("k_proj.weight", StringComparison.Ordinal))
            {
                Assert.Equal(source.Matrix(spec.Name).Values(), matrix.Values());
            }
        }

        // Safetensors has no such blocks: somebody chooses.
        Assert.Contains("--plain f32", Assert.Throws<GemmaVkException>(() => GgufImport.Write(folder["q.gguf"], "auto", folder["plain"])).Message, StringComparison.Ordinal);
        GgufImport.Write(folder["q.gguf"], "auto", folder["plain"], DType.F32);
        using Checkpoint plain = Checkpoint.Open(folder["plain"]);
        Assert.All(source.Table.Where(spec => spec.Role == TensorRole.Linear), spec => Assert.True(
            source.Matrix(spec.Name, DType.F32).ReadAll().Data.AsSpan().SequenceEqual(plain.Matrix(spec.Name).ReadAll().Data), spec.Name));
    }

    [Theory]
    [InlineData("Q4_0", DType.Q4F16, 0)]
    [InlineData("Q4_0", DType.Q8F16, 0)]
    [InlineData("Q5_0", DType.Q8F16, 0)]
    [InlineData("Q8_0", DType.Q8F16, 0)]
    [InlineData("IQ4_NL", DType.Q8F16, 0)]
    [InlineData("MXFP4", DType.Q8, 0)]
    [InlineData("Q4_1", DType.Q8, 0.006)]
    [InlineData("Q5_1", DType.Q8, 0.006)]
    [InlineData("Q2_K", DType.Q8, 0.006)]
    [InlineData("Q3_K", DType.Q6K, 0)]
    [InlineData("Q4_K", DType.Q4K, 0)]
    [InlineData("Q5_K", DType.Q5K, 0)]
    [InlineData("Q6_K", DType.Q6K, 0)]
    [InlineData("Q4_K", DType.Q8, 0.006)]
    [InlineData("Q6_K", DType.Q8, 0.006)]
    [InlineData("IQ4_XS", DType.Q8, 0.006)]
    public void BlocksBecomeTheFormatThatIsSaidAtTheLossThatIsSaid(string name, DType format, double most)
    {
        GgmlType type = GgmlType.Named(name)!;
        using SafetensorsFile golden = SafetensorsFile.Open(Repository.Golden("gguf", "blocks.safetensors"));
        // Random scales of MXFP4 reach infinity; the first rows of the others hold every kind of scale.
        byte[] blocks = golden.Bytes(golden.Tensors[name + ".blocks"]).ToArray();
        if (name == "MXFP4")
        {
            blocks = [.. Enumerable.Repeat(blocks[(5 * 17)..], 2).SelectMany(bytes => bytes).Take(16 * 17)];
        }

        int rows = blocks.Length / type.BlockBytes / (256 / type.BlockElements);
        using TemporaryFolder folder = new();
        SafetensorsEntry entry = new("m", name, [rows, 256]);
        using (GgufWriter writer = GgufWriter.Create(folder["m.gguf"], new GgufPairs(), [entry]))
        {
            writer.Write("m", 0, blocks.AsSpan(0, rows * 256 / type.BlockElements * type.BlockBytes));
            writer.Commit();
        }

        using GgufFile file = GgufFile.Open(folder["m.gguf"]);
        BlockMatrix stored = new(new TensorSpec("m", new Shape(rows, 256), TensorRole.Linear), file, file.Tensors["m"], type);
        MatrixSource made = BlockConversion.To(stored, format);
        Assert.Equal(format, made.Format);
        Assert.Equal(most == 0, BlockConversion.IsExact(type, format));
        float[] expected = stored.Values(), actual = made.Values();
        for (int i = 0; i < expected.Length; i++)
        {
            float largest = expected.AsSpan(i / 32 * 32, 32).ToArray().Max(MathF.Abs);
            Assert.True(Math.Abs(actual[i] - expected[i]) <= most * largest, $"element {i}: {actual[i]} and not {expected[i]}");
        }
    }

    [Fact]
    public void PartsAreOneModel()
    {
        using TemporaryFolder folder = new();
        Part(folder["m-00001-of-00002.gguf"], 0, 2, "a", total: 2);
        Part(folder["m-00002-of-00002.gguf"], 1, 2, "b");
        foreach (string part in (string[])["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"])
        {
            List<GgufFile> parts = GgufParts.Open(folder[part]);
            Assert.Equal(["a", "b"], GgufParts.Tensors(parts).Keys);
            GgufParts.Close(parts);
        }

        Refused(folder["x-00001-of-00002.gguf"], "m-00001-of-00002.gguf", "x-00002-of-00002.gguf must lie beside it");
        Refused(folder["alone.gguf"], "m-00001-of-00002.gguf", "its name must end in -00001-of-00002.gguf");
        Part(folder["m-00002-of-00002.gguf"], 0, 2, "b");
        Refused(folder["m-00001-of-00002.gguf"], null, "split.no must be 1 of 2, as its name says, but is 0 of 2");
        Part(folder["m-00002-of-00002.gguf"], 1, 2, "a");
        Refused(folder["m-00001-of-00002.gguf"], null, "must not hold tensor a");
        Part(folder["m-00002-of-00002.gguf"], 1, 2, "b");
        Part(folder["m-00001-of-00002.gguf"], 0, 2, "a", total: 3);
        Refused(folder["m-00001-of-00002.gguf"], null, "split.tensors.count must be 2");

        void Refused(string path, string? copyOf, string words)
        {
            if (copyOf is not null)
            {
                File.Copy(folder[copyOf], path);
            }

            GemmaVkException error = Assert.Throws<GemmaVkException>(() =>
            {
                List<GgufFile> parts = GgufParts.Open(path);
                try
                {
                    GgufParts.Tensors(parts);
                }
                finally
                {
                    GgufParts.Close(parts);
                }
            });
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AConversionThatIsStoppedAtTheProjectorLeavesNoModel()
    {
        using TemporaryFolder folder = new();
        using System.Threading.CancellationTokenSource stop = new();
        bool reached = false;
        Assert.ThrowsAny<OperationCanceledException>(() => GgufExport.Write(Repository.Pebble, folder["p.gguf"], cancellation: stop.Token, progress: _ =>
        {
            if (File.Exists(folder["p.gguf"]))
            {
                reached = true;
                stop.Cancel();
            }
        }));
        Assert.True(reached);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void NeighboursAreFoundByTheirNames()
    {
        using TemporaryFolder folder = new();
        foreach (string name in (string[])["gemma-4-12b-it-Q4_0.gguf", "mmproj-gemma-4-12b-it-bf16.gguf", "mtp-gemma-4-12B-it-Q4_0.gguf", "mmproj-other.gguf", "other-Q8_0.gguf"])
        {
            File.WriteAllText(folder[name], "GGUF");
        }

        Assert.Equal(folder["mmproj-gemma-4-12b-it-bf16.gguf"], GgufNeighbours.Projector(folder["gemma-4-12b-it-Q4_0.gguf"], "auto"));
        Assert.Equal(folder["mtp-gemma-4-12B-it-Q4_0.gguf"], GgufNeighbours.Drafter(folder["gemma-4-12b-it-Q4_0.gguf"]));
        Assert.Equal(folder["mmproj-other.gguf"], GgufNeighbours.Projector(folder["other-Q8_0.gguf"], "auto"));
        Assert.Null(GgufNeighbours.Drafter(folder["other-Q8_0.gguf"]));
        Assert.Null(GgufNeighbours.Projector(folder["gemma-4-12b-it-Q4_0.gguf"], "off"));
        // A longer name's files are not those of a shorter one, and "p" is no word of "mmproj".
        foreach (string name in (string[])["other-chess.gguf", "mmproj-other-chess.gguf", "mtp-other.gguf", "mtp-other-chess.gguf", "p.gguf"])
        {
            File.WriteAllText(folder[name], "GGUF");
        }

        Assert.Equal(folder["mmproj-other.gguf"], GgufNeighbours.Projector(folder["other-Q8_0.gguf"], "auto"));
        Assert.Equal(folder["mmproj-other-chess.gguf"], GgufNeighbours.Projector(folder["other-chess.gguf"], "auto"));
        Assert.Equal(folder["mtp-other.gguf"], GgufNeighbours.Drafter(folder["other-Q8_0.gguf"]));
        Assert.Null(GgufNeighbours.Projector(folder["p.gguf"], "auto"));
        File.WriteAllText(folder["mmproj-gemma-4-12b-it-f16.gguf"], "GGUF");
        Assert.Contains("say which with --mmproj FILE", Assert.Throws<GemmaVkException>(() => GgufNeighbours.Projector(folder["gemma-4-12b-it-Q4_0.gguf"], "auto")).Message, StringComparison.Ordinal);
    }

    private static void Part(string path, int no, int count, string tensor, int? total = null)
    {
        GgufPairs pairs = new();
        pairs.Add("split.no", no);
        pairs.Add("split.count", count);
        if (total is { } tensors)
        {
            pairs.Add("split.tensors.count", tensors);
        }

        using GgufWriter writer = GgufWriter.Create(path, pairs, [new SafetensorsEntry(tensor, "F32", [1])]);
        writer.Write(tensor, 0, new byte[4]);
        writer.Commit();
    }

    private static void Same(TensorSource expected, TensorSource actual)
    {
        foreach (TensorSpec spec in expected.Table.Where(spec => spec.Role != TensorRole.Duplicate))
        {
            if (spec.Role == TensorRole.Vector)
            {
                Assert.Equal(expected.Vector(spec.Name), actual.Vector(spec.Name));
                continue;
            }

            // The converter widens some matrices; their numbers are the same.
            MatrixSource mine = actual.Matrix(spec.Name), theirs = expected.Matrix(spec.Name, mine.Format);
            Assert.True(theirs.ReadAll().Data.AsSpan().SequenceEqual(mine.ReadAll().Data), spec.Name);
        }
    }

    private static void Same(Gemma4TextConfig expected, Gemma4TextConfig actual)
    {
        Assert.Equal(expected.LayerTypes, actual.LayerTypes);
        Assert.Equal(LayerPlan.For(expected), LayerPlan.For(actual));
        Assert.Equal(
            (expected.HiddenSize, expected.IntermediateSize, expected.VocabSize, expected.MaxPositionEmbeddings, expected.FinalLogitSoftcapping, expected.RmsNormEps, expected.NumKvSharedLayers),
            (actual.HiddenSize, actual.IntermediateSize, actual.VocabSize, actual.MaxPositionEmbeddings, actual.FinalLogitSoftcapping, actual.RmsNormEps, actual.NumKvSharedLayers));
        Assert.Equal((expected.AttentionKEqV, expected.BidirectionalVision, expected.BosTokenId, expected.PadTokenId), (actual.AttentionKEqV, actual.BidirectionalVision, actual.BosTokenId, actual.PadTokenId));
        if (expected is not Gemma4Config target || actual is not Gemma4Config other)
        {
            return;
        }

        Assert.Equal(target.EosTokenId, other.EosTokenId);
        Assert.Equal(target.Generation with { SuppressTokens = [], Unheeded = [] }, other.Generation with { SuppressTokens = [], Unheeded = [] });
        Assert.Equal(target.Generation.SuppressTokens, other.Generation.SuppressTokens);
        Assert.Equal((target.VisionConfig, target.AudioConfig, target.Processor), (other.VisionConfig, other.AudioConfig, other.Processor));
        Assert.Equal(
            (target.ImageTokenId, target.AudioTokenId, target.VideoTokenId, target.BoiTokenId, target.EoiTokenId, target.BoaTokenId, target.EoaTokenIndex),
            (other.ImageTokenId, other.AudioTokenId, other.VideoTokenId, other.BoiTokenId, other.EoiTokenId, other.BoaTokenId, other.EoaTokenIndex));
    }
}
