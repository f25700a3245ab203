using System;
using System.IO;
using System.Linq;
using FsCheck.Xunit;
using Xunit;

namespace GemmaVk.Weights.Tests;

public class SafetensorsWriterTests
{
    [Property(MaxTest = 100)]
    public void WhatIsWrittenIsRead(StoredTensors tensors)
    {
        using TemporaryFolder folder = new();
        string path = folder["x.safetensors"];
        SafetensorsEntry[] entries = [.. tensors.List.Select((t, i) => new SafetensorsEntry($"t.{i} \"ü\"", t.Type, [.. t.Extents.Select(e => (long)e)]))];
        byte[][] contents = [.. entries.Select((entry, i) => Enumerable.Range(i, (int)Bytes(entry)).Select(b => (byte)b).ToArray())];
        using (SafetensorsWriter writer = SafetensorsWriter.Create(path, entries))
        {
            // Last tensor first, each in two parts, back to front: the order is the caller's.
            for (int i = entries.Length - 1; i >= 0; i--)
            {
                int half = contents[i].Length / 2;
                writer.Write(entries[i].Name, half, contents[i].AsSpan(half));
                writer.Write(entries[i].Name, 0, contents[i].AsSpan(0, half));
            }

            writer.Commit();
        }

        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal(entries.Length, file.Tensors.Count);
        Assert.Equal("pt", file.Metadata["format"]);
        for (int i = 0; i < entries.Length; i++)
        {
            FileTensor read = file.Tensors[entries[i].Name];
            Assert.Equal(entries[i].DType, read.DType);
            Assert.Equal(entries[i].Extents, read.Extents);
            Assert.Equal(contents[i], file.Bytes(read).ToArray());
            Assert.Equal(0, read.Offset % Width(read.DType));
        }
    }

    [Fact]
    public void AnUnfinishedFileIsNeverSeen()
    {
        using TemporaryFolder folder = new();
        string path = folder["x.safetensors"];
        File.WriteAllText(path, "old");
        SafetensorsEntry[] entries = [new("a", "U8", [4])];
        using (SafetensorsWriter writer = SafetensorsWriter.Create(path, entries))
        {
            writer.Write("a", 0, [1, 2, 3]);
            Assert.Throws<InvalidOperationException>(writer.Commit);
            Assert.Throws<ArgumentOutOfRangeException>(() => writer.Write("a", 3, [1, 2]));
            Assert.Equal("old", File.ReadAllText(path));
        }

        Assert.Equal([path], Directory.GetFiles(folder.Path));
        Assert.Equal("old", File.ReadAllText(path));
    }

    private static int Width(string type) => type switch { "U8" => 1, "BF16" => 2, "F32" => 4, _ => 8 };

    private static long Bytes(SafetensorsEntry entry) => entry.Extents.Aggregate((long)Width(entry.DType), (product, extent) => product * extent);
}
