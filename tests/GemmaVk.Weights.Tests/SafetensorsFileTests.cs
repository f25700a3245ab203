using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using FsCheck.Xunit;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Weights.Tests;

public class SafetensorsFileTests
{
    private static readonly Lazy<byte[]> Assistant = new(() => File.ReadAllBytes(Repository.Golden("tiny-assistant", "model.safetensors")));

    private const string One = """{"a":{"dtype":"BF16","shape":[2,2],"data_offsets":[0,8]}}""";

    [Fact]
    public void AFolderIsCalledOne()
    {
        using TemporaryFolder folder = new();
        Assert.Contains("must be a safetensors file, but is a folder; give a file in it", Assert.Throws<GemmaVkException>(() => SafetensorsFile.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    /// <summary>A header, the bytes of data behind it, and words the error must have.</summary>
    public static TheoryData<string, int, string> BadHeaders => new()
    {
        { One, 7, "within the 7 bytes" },
        { One, 0, "truncated download" },
        { """{"a":{"dtype":"BF16","shape":[2,2],"data_offsets":[8,0]}}""", 8, "in order" },
        { """{"a":{"dtype":"BF16","shape":[2,2],"data_offsets":[0,6]}}""", 8, "8 bytes apart for BF16 [2, 2], but gives 6" },
        { """{"a":{"dtype":"BF16","shape":[2,2],"data_offsets":[-8,0]}}""", 8, "whole numbers" },
        { """{"a":{"dtype":"BF16","shape":[2,2.5],"data_offsets":[0,8]}}""", 8, "whole numbers" },
        { """{"a":{"dtype":"BF16","shape":[2,-2],"data_offsets":[0,8]}}""", 8, "whole numbers" },
        { """{"a":{"dtype":"BF16","shape":[2,"2"],"data_offsets":[0,8]}}""", 8, "whole numbers" },
        { """{"a":{"dtype":"BF16","shape":[9223372036854775807,9223372036854775807,4],"data_offsets":[0,8]}}""", 8, "overflows" },
        { """{"a":{"dtype":"BF16","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 8, "overflows" },
        { """{"a":{"dtype":"BF16","shape":[4],"data_offsets":[0,18446744073709551616]}}""", 8, "whole numbers" },
        { """{"a":{"dtype":"BF16","shape":[4],"data_offsets":[0]}}""", 8, "two data_offsets" },
        { """{"a":{"dtype":"BF16","data_offsets":[0,8]}}""", 8, "not all of them" },
        { """{"a":{"dtype":"BF16","shape":[4],"shape":[4],"data_offsets":[0,8]}}""", 8, "once each" },
        { """{"a":{"dtype":7,"shape":[4],"data_offsets":[0,8]}}""", 8, "valid UTF-8 JSON" },
        { """{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[4],"data_offsets":[7,11]}}""", 11, "\"a\" and \"b\" overlap" },
        { """{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"a":{"dtype":"U8","shape":[8],"data_offsets":[8,16]}}""", 16, "twice" },
        { """{"a":3}""", 8, "valid UTF-8 JSON" },
        { """["a"]""", 8, "valid UTF-8 JSON" },
        { """{"a":{"dtype":"BF16","shape":[2,2],"data_offsets":[0,8]}""", 8, "valid UTF-8 JSON" },
        { """{"__metadata__":{"a":{"b":1}}}""", 8, "valid UTF-8 JSON" },
        { """{"\ud800":{"dtype":"BF16","shape":[2,2],"data_offsets":[0,8]}}""", 8, "valid UTF-8 JSON" },
        { "", 8, "valid UTF-8 JSON" },
        { One + "x", 8, "valid UTF-8 JSON" },
    };

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public void ABadHeaderIsOneSentence(string header, int dataBytes, string words)
    {
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => OpenBytes(Make(Encoding.UTF8.GetBytes(header), dataBytes)));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Contains(".safetensors", error.Message, StringComparison.Ordinal);
        Assert.Contains("download or convert the file again", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL << 63)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1000UL)]
    [InlineData(100_000_001UL)]
    public void ABadHeaderLengthIsOneSentence(ulong length)
    {
        byte[] file = Make(Encoding.UTF8.GetBytes(One), 8);
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => OpenBytes(file));
        Assert.Contains("header", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "empty")]
    [InlineData(7, "only 7 bytes long")]
    public void AShortFileIsOneSentence(int length, string words) =>
        Assert.Contains(words, Assert.Throws<GemmaVkException>(() => OpenBytes(new byte[length])).Message, StringComparison.Ordinal);

    [Fact]
    public void InvalidUtf8InANameIsOneSentence()
    {
        byte[] header = Encoding.UTF8.GetBytes(One);
        header[2] = 0xFF;
        Assert.Contains("UTF-8", Assert.Throws<GemmaVkException>(() => OpenBytes(Make(header, 8))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingFileIsOneSentence() =>
        Assert.Contains("nowhere.safetensors", Assert.Throws<GemmaVkException>(() => SafetensorsFile.Open("nowhere.safetensors")).Message, StringComparison.Ordinal);

    [Fact]
    public void UnsortedTensorsGapsUnknownTypesAndTrailingSpacesAreFine()
    {
        const string Header =
            """{"b":{"dtype":"I16","shape":[2],"data_offsets":[8,12]},"a":{"dtype":"F6_Z","shape":[3],"data_offsets":[0,2]},"c":{"dtype":"U8","shape":[0,7],"data_offsets":[12,12]},"s":{"dtype":"U8","shape":[],"data_offsets":[12,13]}}   """;
        byte[] bytes = Make(Encoding.UTF8.GetBytes(Header), 13);
        bytes[^5] = 0x34;
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["x.safetensors"], bytes);
        using SafetensorsFile file = SafetensorsFile.Open(folder["x.safetensors"]);
        Assert.Equal(4, file.Tensors.Count);
        Assert.Equal([0x34, 0, 0, 0], file.Bytes(file.Tensors["b"])[..4].ToArray());
        Assert.Equal("I16 [2]", file.Tensors["b"].Kind);
    }

    [Fact]
    public void SymbolicLinksAreFollowed()
    {
        using TemporaryFolder folder = new();
        File.CreateSymbolicLink(folder["link.safetensors"], Path.Combine(Repository.Golden("tiny"), "model.safetensors"));
        using SafetensorsFile file = SafetensorsFile.Open(folder["link.safetensors"]);
        Assert.Equal(3704640, file.Length);
    }

    [Property(MaxTest = 1500)]
    public void MutatedHeadersParseOrFailInOneSentence(Damages damages)
    {
        byte[] original = Assistant.Value;
        int header = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(original);
        using TemporaryFolder folder = new();
        byte[] damaged = damages.Apply(original, header);
        string path = folder.Write("x.safetensors", damaged);
        // Damage may make the header longer, up to the file's end.
        long read = damaged.Length < 8 ? header : (long)Math.Clamp(BinaryPrimitives.ReadUInt64LittleEndian(damaged), (ulong)header, (ulong)Math.Max(header, damaged.Length));
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            foreach (FileTensor tensor in file.Tensors.Values)
            {
                Assert.InRange(tensor.Offset, 8, file.Length);
                Assert.InRange(tensor.Offset + tensor.ByteLength, tensor.Offset, file.Length);
            }
        }
        catch (GemmaVkException error)
        {
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
            Assert.InRange(error.Message.Length, 1, 1000);
        }

        // Names as UTF-16, records and two tables, or .NET's own sentence that quotes it: some multiple of the header, never of the numbers in it.
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 100_000 + (100 * read), $"{allocated} bytes for a header of {read}");
    }

    private static byte[] Make(byte[] header, int dataBytes)
    {
        byte[] file = new byte[8 + header.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, 8);
        return file;
    }

    private static void OpenBytes(byte[] bytes)
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["x.safetensors"], bytes);
        SafetensorsFile.Open(folder["x.safetensors"]).Dispose();
    }
}
