using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Weights.Tests;

/// <summary>Numbers that are not finite, in every type that has them.</summary>
public class FiniteCheckTests
{
    public static TheoryData<string, ulong, string> NotFinite => new()
    {
        { "BF16", 0x7F80, "infinity" }, { "BF16", 0xFF80, "-infinity" }, { "BF16", 0x7FC0, "NaN" }, { "BF16", 0xFF81, "NaN" },
        { "F16", 0x7C00, "infinity" }, { "F16", 0xFC00, "-infinity" }, { "F16", 0x7E00, "NaN" }, { "F16", 0xFC01, "NaN" },
        { "F32", 0x7F800000, "infinity" }, { "F32", 0xFF800000, "-infinity" }, { "F32", 0x7FC00000, "NaN" }, { "F32", 0xFF800001, "NaN" },
        { "F64", 0x7FF0000000000000, "infinity" }, { "F64", 0xFFF0000000000000, "-infinity" }, { "F64", 0x7FF8000000000000, "NaN" }, { "F64", 0xFFF0000000000001, "NaN" },
        { "F8_E4M3", 0x7F, "NaN" }, { "F8_E4M3", 0xFF, "NaN" },
        { "F8_E5M2", 0x7C, "infinity" }, { "F8_E5M2", 0xFC, "-infinity" }, { "F8_E5M2", 0x7F, "NaN" },
        { "F8_E8M0", 0xFF, "NaN" },
    };

    [Theory]
    [MemberData(nameof(NotFinite))]
    public void EveryPlaceIsLookedAt(string dtype, ulong bits, string word)
    {
        int width = SafetensorsTypes.Bytes(dtype);
        foreach (int count in (int[])[1, 7, 64, 257])
        {
            for (int at = 0; at < count; at++)
            {
                byte[] bytes = new byte[count * width];
                Assert.Equal(0, FiniteCheck.Look(dtype, bytes).Count);
                BitConverter.GetBytes(bits).AsSpan(0, width).CopyTo(bytes.AsSpan(at * width));
                Assert.Equal((at, word, 1L), FiniteCheck.Look(dtype, bytes));
            }
        }
    }

    [Theory]
    [InlineData("BF16", 0x7F7F)]
    [InlineData("F16", 0x7BFF)]
    [InlineData("F32", 0x7F7FFFFF)]
    [InlineData("F8_E4M3", 0x7E)]
    [InlineData("F8_E5M2", 0x7B)]
    [InlineData("F8_E8M0", 0xFE)]
    [InlineData("I32", 0x7FFFFFFF)]
    [InlineData("U8", 0xFF)]
    public void TheLargestNumberIsFinite(string dtype, int bits)
    {
        byte[] bytes = [.. Enumerable.Repeat(BitConverter.GetBytes(bits)[..SafetensorsTypes.Bytes(dtype)], 100).SelectMany(each => each)];
        Assert.Equal(0, FiniteCheck.Look(dtype, bytes).Count);
    }

    [Theory]
    [InlineData("tiny", "model.language_model.layers.3.mlp.up_proj.weight", 97, 0x7FC0, "[1, 1]", "NaN")]
    [InlineData("tiny", "model.language_model.norm.weight", 95, 0xFF80, "[95]", "-infinity")]
    [InlineData("tiny-w4a16-ct", "model.language_model.layers.0.mlp.up_proj.weight_scale", 4, 0x7F80, "[1, 1]", "infinity")]
    public void TheFirstBadNumberIsNamed(string golden, string name, int element, int bits, string index, string value)
    {
        using TemporaryFolder folder = new TemporaryFolder().WithGolden(golden);
        FileTensor tensor;
        using (SafetensorsFile file = SafetensorsFile.Open(folder["model.safetensors"]))
        {
            tensor = file.Tensors[name];
        }

        byte[] bytes = File.ReadAllBytes(folder["model.safetensors"]);
        for (int i = element; i < element + 2 && (2 * (i + 1)) <= tensor.ByteLength; i++)
        {
            BitConverter.GetBytes((ushort)bits).CopyTo(bytes, tensor.Offset + (2 * i));
        }

        File.WriteAllBytes(folder["model.safetensors"], bytes);
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        long read = 0;
        BadTensor bad = Assert.Single(FiniteCheck.Run(checkpoint, more => Interlocked.Add(ref read, more)));
        Assert.Equal((name, index, value), (bad.Tensor.Name, bad.Index, bad.Value));
        Assert.Equal(checkpoint.TotalBytes, read);
    }

    [Fact]
    public void GoodCheckpointsHaveNone()
    {
        foreach (string golden in (string[])["tiny", "tiny-w4a16-ct", "tiny-w8a16-ct", "tiny-fp8-ct"])
        {
            using Checkpoint checkpoint = Checkpoint.Open(Repository.Golden(golden));
            Assert.Empty(FiniteCheck.Run(checkpoint));
        }
    }
}
