using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FsCheck.Xunit;
using GemmaVk.Tensors;
using GemmaVk.Weights.Gguf;
using Xunit;

namespace GemmaVk.Weights.Tests;

/// <summary>Headers of GGUF files as they should and should not be: each of the second kind is a class of fault that readers of the format have had.</summary>
public class GgufHeaderTests
{
    private static byte[] U32(uint value) => GgufBytes.U32(value);

    private static byte[] U64(ulong value) => GgufBytes.U64(value);

    private static GgufBytes One => new GgufBytes().Pair("general.architecture", "gemma4").Tensor("a", 0, 0, 4, 2);

    /// <summary>What is wrong, the file, and words that the sentence must have.</summary>
    private static readonly Dictionary<string, (Func<byte[]> File, string Words)> Faults = new()
    {
        ["other beginning"] = (() => [.. "GGML"u8, .. new byte[40]], "begins with \"GGUF\", but begins otherwise"),
        ["pointer of git lfs"] = (() => [.. "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"u8], "git lfs pull"),
        ["safetensors"] = (() => [64, 0, 0, 0, 0, 0, 0, 0, .. "{\"a\":1}"u8, .. new byte[64]], "as a safetensors file does"),
        ["version 1"] = (() => new GgufBytes { Version = 1 }.Build(32), "says version 1"),
        ["version 4"] = (() => new GgufBytes { Version = 4 }.Build(32), "says version 4"),
        ["big-endian"] = (() => new GgufBytes { Version = 3u << 24 }.Build(32), "is big-endian"),
        ["pairs beyond the file"] = (() => new GgufBytes { Pairs = 1000 }.Build(32), "at most"),
        ["pairs that wrap"] = (() => new GgufBytes { Pairs = ulong.MaxValue }.Build(32), "18446744073709551615"),
        ["tensors beyond the file"] = (() => new GgufBytes { Tensors = 1UL << 62 }.Build(32), "at most"),
        ["one tensor too many"] = (() => { GgufBytes b = One; b.Tensors++; return b.Build(32); }, "its GGUF header must give"),
        ["one pair too many"] = (() => { GgufBytes b = One; b.Pairs++; return b.Build(32); }, "its GGUF header must give"),
        ["key longer than the file"] = (() => new GgufBytes { Pairs = 1 }.Raw([.. U64(1UL << 40), .. new byte[30]]), "1099511627776 bytes for it"),
        ["key length that wraps"] = (() => new GgufBytes { Pairs = 1 }.Raw([.. U64(ulong.MaxValue), .. new byte[30]]), "18446744073709551615 bytes for it"),
        ["empty key"] = (() => new GgufBytes().Pair("", 1).Build(32), "an empty one"),
        ["key of 65,536 bytes"] = (() => new GgufBytes().Pair(new string('k', 65536), 1).Build(32), "one of 65536 bytes"),
        ["key that is no UTF-8"] = (() => new GgufBytes { Pairs = 1 }.Raw([.. U64(2), 0xC3, 0x28, .. U32(4), .. U32(1)]), "no UTF-8"),
        ["key twice"] = (() => new GgufBytes().Pair("a", 1).Pair("a", 1).Build(32), "a twice"),
        ["type 13"] = (() => new GgufBytes().Pair("a", 13, 0, 0, 0, 0).Build(32), "a type of 0 to 12 for a"),
        ["string longer than the file"] = (() => new GgufBytes().Pair("a", 8, U64(1UL << 33)).Build(32), "8589934592 bytes for it"),
        ["flag of 2"] = (() => new GgufBytes().Pair("a", 7, 2).Build(32), "0 or 1 for a"),
        ["flags with a 3"] = (() => new GgufBytes().Array("a", 7, 2, 1, 3).Build(32), "0 or 1 for a"),
        ["array longer than the file"] = (() => new GgufBytes().Array("a", 6, 1UL << 30).Build(32), "1073741824"),
        ["array whose bytes wrap"] = (() => new GgufBytes().Array("a", 10, (1UL << 61) + 1).Build(32), "for which it has room"),
        ["array of 2^64 - 1"] = (() => new GgufBytes().Array("a", 0, ulong.MaxValue).Build(32), "for which it has room"),
        ["strings beyond the file"] = (() => new GgufBytes().Array("a", 8, 3, [.. GgufBytes.Text("x"), .. GgufBytes.Text("y"), .. U64(1000)]).Build(0), "1000 bytes for it"),
        ["array of type 99"] = (() => new GgufBytes().Array("a", 99, 1, 0).Build(32), "a type of 0 to 12 for a"),
        ["arrays 5 deep"] = (() => new GgufBytes().Array("a", 9, 1, Deep(4)).Build(32), "arrays at most 4 deep"),
        ["arrays 60 deep"] = (() => new GgufBytes().Array("a", 9, 1, Deep(60)).Build(32), "arrays at most 4 deep"),
        ["alignment 0"] = (() => One.Pair("general.alignment", 0).Build(32), "general.alignment must be a power of two"),
        ["alignment 48"] = (() => One.Pair("general.alignment", 48).Build(32), "but is 48"),
        ["alignment 4"] = (() => One.Pair("general.alignment", 4).Build(32), "but is 4"),
        ["alignment 2^31"] = (() => One.Pair("general.alignment", 1u << 31).Build(32), "but is 2147483648"),
        ["alignment of another type"] = (() => One.Pair("general.alignment", "32").Build(32), "but is Text"),
        ["tensor without a name"] = (() => new GgufBytes().Tensor("", 0, 0, 1).Build(32), "an empty one"),
        ["tensor name of 256 bytes"] = (() => new GgufBytes().Tensor(new string('t', 256), 0, 0, 1).Build(32), "one of 256 bytes"),
        ["rank 0"] = (() => new GgufBytes().Tensor("a", 0, 0).Build(32), "1 to 4 extents"),
        ["rank 5"] = (() => new GgufBytes().Tensor("a", 0, 0, 1, 1, 1, 1, 1).Build(32), "1 to 4 extents"),
        ["rank 2^32 - 1"] = (() => new GgufBytes { Tensors = 1 }.Raw([.. GgufBytes.Text("a"), .. U32(uint.MaxValue), .. new byte[40]]), "but gives 4294967295"),
        ["extent 0"] = (() => new GgufBytes().Tensor("a", 0, 0, 0, 4).Build(32), "extents of 1 to 2^63 - 1"),
        ["extent 2^63"] = (() => new GgufBytes().Tensor("a", 0, 0, 1UL << 63).Build(32), "extents of 1 to 2^63 - 1"),
        ["product that wraps"] = (() => new GgufBytes().Tensor("a", 0, 0, 1UL << 32, 1UL << 32).Build(32), "overflows 64 bits"),
        ["product that wraps to 16"] = (() => new GgufBytes().Tensor("a", 0, 0, 4, (1UL << 62) + 1).Build(32), "overflows 64 bits"),
        ["type that is not known"] = (() => new GgufBytes().Tensor("a", 200, 0, 4).Build(32), "type number 200"),
        ["type that was removed"] = (() => new GgufBytes().Tensor("a", 4, 0, 32).Build(32), "type number 4"),
        ["half a block"] = (() => new GgufBytes().Tensor("a", 2, 0, 48).Build(64), "rows of a multiple of 32 elements for Q4_0"),
        ["half a super block"] = (() => new GgufBytes().Tensor("a", 12, 0, 128, 2).Build(512), "rows of a multiple of 256 elements for Q4_K"),
        ["offset off the alignment"] = (() => new GgufBytes().Tensor("a", 0, 8, 1).Build(64), "an offset that is a multiple of 32"),
        ["offset beyond the file"] = (() => new GgufBytes().Tensor("a", 0, 1UL << 40, 1).Build(64), "bytes within the file"),
        ["offset that wraps"] = (() => new GgufBytes().Tensor("a", 0, ulong.MaxValue - 31, 8).Build(64), "bytes within the file"),
        ["cut off"] = (() => One.Build(31), "a truncated download?"),
        ["name twice"] = (() => new GgufBytes().Tensor("a", 0, 0, 1).Tensor("a", 0, 32, 1).Build(64), "names a twice"),
        ["overlap"] = (() => new GgufBytes().Tensor("a", 0, 0, 9).Tensor("b", 0, 32, 1).Build(64), "a and b overlap"),
        ["same place"] = (() => new GgufBytes().Tensor("a", 0, 0, 1).Tensor("b", 0, 0, 1).Build(64), "overlap"),
    };

    public static TheoryData<string> Names => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void AFaultIsOneSentenceThatNamesTheFile(string fault)
    {
        (Func<byte[]> file, string words) = Faults[fault];
        byte[] bytes = file();
        long before = GC.GetAllocatedBytesForCurrentThread();
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => GgufHeader.Parse(bytes, bytes.Length, "some.gguf"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000 + (60L * bytes.Length));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Contains("some.gguf", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void BothVersionsAreRead(uint version)
    {
        GgufBytes bytes = One.Pair("general.alignment", 64).Tensor("b", 8, 64, 32, 3);
        bytes.Version = version;
        bytes.Alignment = 64;
        byte[] file = bytes.Build(64 + 102);
        GgufHeader header = GgufHeader.Parse(file, file.Length, "some.gguf");
        Assert.Equal(version, header.Version);
        Assert.Equal([2, 4], header.Tensors["a"].Extents);
        Assert.Equal("Q8_0 [3, 32]", header.Tensors["b"].Kind);
        Assert.Equal(102, header.Tensors["b"].ByteLength);
        Assert.Equal(64, header.Tensors["b"].Offset - header.Tensors["a"].Offset);
        Assert.Equal(0, file[header.Tensors["a"].Offset]);
    }

    [Fact]
    public void EveryTypeOfValueIsRead()
    {
        byte[] file = new GgufBytes()
            .Pair("u8", 0, 200).Pair("i8", 1, 0xFF).Pair("u16", 2, 1, 2).Pair("i16", 3, 0xFE, 0xFF).Pair("u32", 4, U32(70000)).Pair("i32", 5, U32(uint.MaxValue))
            .Pair("f32", 6, BitConverter.GetBytes(1.5f)).Pair("bool", 7, 1).Pair("text", "\u00E9").Pair("u64", 10, U64(5)).Pair("i64", 11, U64(ulong.MaxValue)).Pair("f64", 12, BitConverter.GetBytes(0.1))
            .Array("list", 2, 3, 1, 0, 2, 0, 3, 0).Array("nested", 9, 2, [.. U32(0), .. U64(1), 7, .. U32(8), .. U64(1), .. GgufBytes.Text("x")]).Array("flags", 7, 2, 1, 0).Array("none", 8, 0)
            .Pair("last", 1).Build(0);
        GgufMetadata metadata = new(GgufHeader.Parse(file, file.Length, "f").Values, file, "f");
        Assert.Equal([200, -1, 513, -2, 70000, -1, 5, -1, 1], ((string[])["u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "last"]).Select(key => metadata.Whole(key)!.Value));
        Assert.Equal((1.5, 0.1, 200.0), (metadata.Number("f32")!.Value, metadata.Number("f64")!.Value, metadata.Number("u8")!.Value));
        Assert.Equal((true, "\u00E9"), (metadata.Flag("bool"), metadata.Text("text")));
        Assert.Equal([1, 2, 3], metadata.Wholes("list")!);
        Assert.Equal([1, 0], metadata.Wholes("flags")!);
        Assert.Equal((2L, 0L, (long?)null), (metadata.Length("nested")!.Value, metadata.Length("none")!.Value, metadata.Length("absent")));
        Assert.Null(metadata.Text("absent"));
    }

    [Theory]
    [InlineData("text", "a whole number", "Text")]
    [InlineData("list", "a whole number", "an array of 3 F32")]
    [InlineData("big", "a whole number within 2147483647", "18446744073709551615")]
    [InlineData("f32", "a whole number", "F32")]
    public void AValueOfAnotherTypeIsOneSentence(string key, string expected, string came)
    {
        byte[] file = new GgufBytes().Pair("text", "7").Array("list", 6, 3, new byte[12]).Pair("big", 10, U64(ulong.MaxValue)).Pair("f32", 6, BitConverter.GetBytes(float.NaN)).Build(0);
        GgufMetadata metadata = new(GgufHeader.Parse(file, file.Length, "some.gguf").Values, file, "some.gguf");
        Assert.Contains($"some.gguf: {key} must be {expected}, but is {came}", Assert.Throws<GemmaVkException>(() => metadata.Whole(key)).Message, StringComparison.Ordinal);
        Assert.Contains(key == "f32" ? "a finite number" : "must be", Assert.Throws<GemmaVkException>(() => metadata.Flag(key) ?? metadata.Number(key) > 0).Message + "a finite number", StringComparison.Ordinal);
        Assert.Throws<GemmaVkException>(() => metadata.Flag(key));
        Assert.Throws<GemmaVkException>(() => metadata.Wholes(key));
    }

    [Property(MaxTest = 1500)]
    public void MutatedHeadersParseOrFailInOneSentence(Damages damages)
    {
        byte[] original = One.Pair("general.alignment", 32).Array("tokenizer.ggml.tokens", 8, 3, [.. GgufBytes.Text("a"), .. GgufBytes.Text("bc"), .. GgufBytes.Text("")])
            .Array("flags", 7, 4, 1, 0, 1, 0).Tensor("b", 14, 32, 256, 2).Tensor("c", 39, 480, 32).Build(512);
        byte[] damaged = damages.Apply(original, original.Length - 512);
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            foreach (FileTensor tensor in GgufHeader.Parse(damaged, damaged.Length, "some.gguf").Tensors.Values)
            {
                Assert.InRange(tensor.Offset, 24, damaged.Length);
                Assert.InRange(tensor.Offset + tensor.ByteLength, tensor.Offset + 1, damaged.Length);
            }
        }
        catch (GemmaVkException error)
        {
            Assert.Contains("some.gguf", error.Message, StringComparison.Ordinal);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000 + (60L * damaged.Length));
    }

    private static byte[] Deep(int more) => more == 0 ? [.. U32(0), .. U64(1), 1] : [.. U32(9), .. U64(1), .. Deep(more - 1)];
}
