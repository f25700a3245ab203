using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;
using System.Threading;
using GemmaVk.Tensors;
using GemmaVk.Weights.Generated;
using Xunit;
using Xunit.Abstractions;

namespace GemmaVk.Weights.Tests;

public class GeneratedCheckpointTests(ITestOutputHelper output)
{
    private const string Released = "model.language_model.";

    private static readonly JsonElement Published = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Golden("generated"), "tensors.json"))).RootElement;

    [Theory]
    [InlineData("", 0, 0x811C9DC5, 0xAB3E7C0B)]
    [InlineData("a", 1, 0xE40C292C, 0x18145134)]
    [InlineData("tokens.A", 39, 0xEE50C2F2, 0x96B0A533)]
    [InlineData(Released + "layers.0.self_attn.k_proj.weight_packed", 983039, 0x5871F9D0, 0x6685C15C)]
    [InlineData(Released + "embed_tokens.weight", 1006632959, 0x17AB46B4, 0xC012A891)]
    public void HashesAreThePublishedOnes(string name, uint i, uint seed, uint hash)
    {
        Assert.Equal(seed, GeneratedRule.Fnv(name));
        Assert.Equal(hash, GeneratedRule.Hash(seed, i));
    }

    [Theory]
    [InlineData("generated-6", 178, 2_884_628_124)]
    [InlineData("generated-48", 1333, 8_250_791_136)]
    [InlineData("assistant", 48, 845_713_928)]
    public void TensorsAreThePublishedOnes(string kind, int count, long bytes)
    {
        IReadOnlyList<GeneratedTensor> tensors = GeneratedCheckpoint.Tensors(kind);
        Assert.Equal(count, tensors.Count);
        Assert.Equal(bytes, GeneratedCheckpoint.DataBytes(kind));
        foreach (GeneratedTensor tensor in tensors)
        {
            JsonElement published = PublishedTensor(kind, tensor.Name);
            Assert.Equal(published[0].GetString(), tensor.Rule.DType);
            Assert.Equal(published[1].EnumerateArray().Select(extent => extent.GetInt64()), tensor.Extents);
        }
    }

    [Theory]
    [InlineData("generated-6", "layers.0.")]
    [InlineData("generated-6", "layers.5.self_attn.")]
    [InlineData("generated-6", "language_model.norm.weight")]
    [InlineData("generated-6", "vision")]
    [InlineData("generated-6", "audio")]
    [InlineData("generated-48", "layers.47.mlp.down_proj")]
    [InlineData("generated-48", "layers.41.self_attn.k_norm")]
    [InlineData("generated-48", "layer_scalar")]
    [InlineData("assistant", "projection")]
    [InlineData("assistant", "layers.0.")]
    [InlineData("assistant", "layers.3.self_attn")]
    [InlineData("assistant", "model.norm.weight")]
    public void BytesAreThePublishedOnes(string kind, string part)
    {
        List<GeneratedTensor> chosen = [.. GeneratedCheckpoint.Tensors(kind).Where(tensor => tensor.Name.Contains(part, StringComparison.Ordinal))];
        Assert.NotEmpty(chosen);
        foreach (GeneratedTensor tensor in chosen)
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            byte[] buffer = new byte[1 << 20];
            for (long offset = 0; offset < tensor.ByteLength; offset += buffer.Length)
            {
                Span<byte> block = buffer.AsSpan(0, (int)Math.Min(buffer.Length, tensor.ByteLength - offset));
                tensor.Fill(offset, block);
                hash.AppendData(block);
            }

            Assert.True(PublishedTensor(kind, tensor.Name)[2].GetString() == Convert.ToHexStringLower(hash.GetHashAndReset()), tensor.Name);
        }
    }

    [Fact]
    public void AnUnknownKindIsRefusedByName()
    {
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => GeneratedCheckpoint.Write("generated-7", "unused"));
        Assert.Contains("generated-6, generated-48, assistant", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AStoppedWriteLeavesNothing()
    {
        using TemporaryFolder folder = new();
        using CancellationTokenSource stop = new();
        Assert.ThrowsAny<OperationCanceledException>(() => GeneratedCheckpoint.Write("assistant", folder["out"], _ => stop.Cancel(), stop.Token));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [FullSizeFact]
    public void TheWholeFileOfSixLayersIsThePublishedOne() => WriteAndCompare("generated-6");

    [FullSizeFact]
    public void TheWholeFileOfAllLayersIsThePublishedOne() => WriteAndCompare("generated-48");

    [FullSizeFact]
    public void TheWholeFileOfTheAssistantIsThePublishedOne() => WriteAndCompare("assistant");

    private void WriteAndCompare(string kind)
    {
        using TemporaryFolder folder = new();
        Stopwatch watch = Stopwatch.StartNew();
        long bytes = 0;
        GeneratedCheckpoint.Write(kind, folder["out"], written => Interlocked.Add(ref bytes, written));
        output.WriteLine($"{kind}: {bytes} bytes in {watch.Elapsed.TotalSeconds:F2} s");
        Assert.Equal(GeneratedCheckpoint.DataBytes(kind), bytes);
        using TensorSource checkpoint = kind == "assistant" ? DrafterCheckpoint.Open(folder["out"]) : Checkpoint.Open(folder["out"]);
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder["out"], "model.safetensors"));
        Assert.Equal(GeneratedCheckpoint.Tensors(kind).Count, file.Tensors.Count);
        foreach (FileTensor tensor in file.Tensors.Values)
        {
            Assert.True(PublishedTensor(kind, tensor.Name)[2].GetString() == Convert.ToHexStringLower(Hash(file, tensor)), tensor.Name);
        }
    }

    private static unsafe byte[] Hash(SafetensorsFile file, FileTensor tensor)
    {
        using UnmanagedMemoryStream stream = new((byte*)file.Address(tensor), tensor.ByteLength);
        return SHA256.HashData(stream);
    }

    private static JsonElement PublishedTensor(string kind, string name) =>
        Published.GetProperty(kind == "generated-6" ? "generated-48" : kind).GetProperty(name);
}
