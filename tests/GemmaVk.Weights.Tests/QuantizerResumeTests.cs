using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Weights.Tests;

/// <summary>Quantising that is stopped or killed, and the next run with the same command.</summary>
public class QuantizerResumeTests
{
    private const long SomeBytes = 400_000;

    [Fact]
    public void AKilledRunIsContinuedToTheSameBytes()
    {
        using TemporaryFolder folder = new();
        string source = Repository.Golden("tiny");
        (int code, string error) = ChildProgram.Run("quantize", source, folder["out"], $"{SomeBytes}");
        Assert.NotInRange(code, 0, 99);
        Assert.Empty(error);
        Assert.False(Directory.Exists(folder["out"]));
        Assert.InRange(DoneBlocks(folder), 1, 200);

        List<string> notes = [];
        long bytes = 0;
        using (Checkpoint checkpoint = Checkpoint.Open(source))
        {
            Quantizer.Write(checkpoint, folder["out"], DType.Q4, more => Interlocked.Add(ref bytes, more), notes.Add);
            Assert.Equal(Quantizer.DataBytes(checkpoint, DType.Q4), bytes);
        }

        Assert.Contains("going on with", Assert.Single(notes), StringComparison.Ordinal);
        AssertSameAsAtOnce(source, folder);
    }

    [Fact]
    public void AStoppedRunIsContinued()
    {
        using TemporaryFolder folder = new();
        Stop(Repository.Golden("tiny"), folder["out"]);
        Assert.True(DoneBlocks(folder) > 0);
        List<string> notes = [];
        Quantizer.Write(Repository.Golden("tiny"), folder["out"], DType.Q4, note: notes.Add);
        Assert.Single(notes);
        AssertSameAsAtOnce(Repository.Golden("tiny"), folder);
    }

    [Theory]
    [InlineData("source")]
    [InlineData("format")]
    [InlineData("record")]
    [InlineData("device")]
    public void AnotherSourceOrFormatStartsAgain(string what)
    {
        using TemporaryFolder source = new TemporaryFolder().WithGolden("tiny");
        using TemporaryFolder folder = new();
        Stop(source.Path, folder["out"], what == "format" ? DType.Q8 : DType.Q4);
        if (what == "source")
        {
            File.SetLastWriteTimeUtc(source["model.safetensors"], DateTime.UtcNow.AddHours(-1));
        }
        else if (what == "record")
        {
            File.WriteAllText(Path.Combine(folder["out.partial"], "progress.json"), "{\"job\":");
        }
        else if (what == "device")
        {
            string record = Path.Combine(folder["out.partial"], "progress.json");
            File.Delete(record);
            File.CreateSymbolicLink(record, OperatingSystem.IsLinux() ? "/dev/zero" : folder["out.partial"]);
        }

        List<string> notes = [];
        Quantizer.Write(source.Path, folder["out"], DType.Q4, note: notes.Add);
        Assert.Contains("starting again", Assert.Single(notes), StringComparison.Ordinal);
        AssertSameAsAtOnce(source.Path, folder);
    }

    [Theory]
    [InlineData("progress: a hash changed")]
    [InlineData("progress: more blocks than there are")]
    [InlineData("progress: fewer blocks")]
    [InlineData("progress: a number for the blocks")]
    [InlineData("progress: negative")]
    [InlineData("progress: null for a hash")]
    [InlineData("progress: cut off")]
    [InlineData("progress: gone")]
    [InlineData("progress: bytes")]
    [InlineData("partial: first byte of data")]
    [InlineData("partial: middle")]
    [InlineData("partial: last byte")]
    [InlineData("partial: header")]
    [InlineData("partial: shorter")]
    [InlineData("partial: longer")]
    [InlineData("partial: gone")]
    [InlineData("config changed")]
    [InlineData("another file")]
    public void WhatWasChangedMeanwhileIsMadeAgain(string what)
    {
        using TemporaryFolder folder = new();
        string source = Repository.Golden("tiny");
        Stop(source, folder["out"]);
        string progress = Path.Combine(folder["out.partial"], "progress.json"), partial = Path.Combine(folder["out.partial"], "model.safetensors.partial");
        string text = File.ReadAllText(progress);
        byte[] bytes = File.ReadAllBytes(partial);
        int data = 8 + (int)BitConverter.ToInt64(bytes);
        switch (what)
        {
            case "progress: a hash changed":
                int hash = text.LastIndexOf('"');
                File.WriteAllText(progress, text[..(hash - 1)] + (text[hash - 1] == '0' ? '1' : '0') + text[hash..]);
                break;
            case "progress: more blocks than there are":
                File.WriteAllText(progress, text.Replace("]", string.Concat(Enumerable.Repeat($",\"{new string('0', 64)}\"", 5000)) + "]", StringComparison.Ordinal));
                break;
            case "progress: fewer blocks":
                File.WriteAllText(progress, text[..text.IndexOf(',', text.IndexOf('[', StringComparison.Ordinal))] + "]}");
                break;
            case "progress: a number for the blocks":
                File.WriteAllText(progress, text[..text.IndexOf('[', StringComparison.Ordinal)] + "60}");
                break;
            case "progress: negative":
                File.WriteAllText(progress, text[..text.IndexOf('[', StringComparison.Ordinal)] + "[-1]}");
                break;
            case "progress: null for a hash":
                File.WriteAllText(progress, text[..(text.IndexOf('[', StringComparison.Ordinal) + 1)] + "null]}");
                break;
            case "progress: cut off":
                File.WriteAllText(progress, text[..(text.Length / 2)]);
                break;
            case "progress: gone":
                File.Delete(progress);
                break;
            case "progress: bytes":
                File.WriteAllBytes(progress, [0xFF, 0xFE, 0, 1]);
                break;
            case "partial: first byte of data":
                bytes[data] ^= 1;
                File.WriteAllBytes(partial, bytes);
                break;
            case "partial: middle":
                bytes[(data + bytes.Length) / 2] ^= 0x40;
                File.WriteAllBytes(partial, bytes);
                break;
            case "partial: last byte":
                bytes[^1] ^= 0x80;
                File.WriteAllBytes(partial, bytes);
                break;
            case "partial: header":
                bytes[20] ^= 1;
                File.WriteAllBytes(partial, bytes);
                break;
            case "partial: shorter":
                File.WriteAllBytes(partial, bytes[..^1]);
                break;
            case "partial: longer":
                File.WriteAllBytes(partial, [.. bytes, 0]);
                break;
            case "partial: gone":
                File.Delete(partial);
                break;
            case "config changed":
                File.AppendAllText(Path.Combine(folder["out.partial"], "config.json"), " ");
                break;
            default:
                File.WriteAllText(Path.Combine(folder["out.partial"], "model-00001-of-00002.safetensors"), "x");
                break;
        }

        Quantizer.Write(source, folder["out"], DType.Q4);
        AssertSameAsAtOnce(source, folder);
    }

    [Fact]
    public void ASourceThatChangesMeanwhileIsAnErrorAndLeavesNothing()
    {
        using TemporaryFolder source = new TemporaryFolder().WithGolden("tiny");
        using TemporaryFolder folder = new();
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Quantizer.Write(
            source.Path, folder["out"], DType.Q4, _ => File.SetLastWriteTimeUtc(source["model.safetensors"], DateTime.UnixEpoch)));
        Assert.Contains("must not change while it is in use", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void AFolderInTheMakingBelongsToOneRun()
    {
        using TemporaryFolder folder = new();
        using (CheckpointFolder first = CheckpointFolder.Create(folder["out"]))
        {
            first.Write("a", [1]);
            Assert.Contains("another one is writing it", Assert.Throws<GemmaVkException>(() => CheckpointFolder.Create(folder["out"])).Message, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(first.Path, "a")));
            first.Keep();
        }

        using (CheckpointFolder second = CheckpointFolder.Create(folder["out"]))
        {
            Assert.True(File.Exists(Path.Combine(second.Path, "a")));
            second.Clear();
            Assert.False(File.Exists(Path.Combine(second.Path, "a")));
            second.Write("b", [1, 2]);
            second.Commit();
        }

        Assert.Equal(["b"], Directory.GetFileSystemEntries(folder["out"]).Select(Path.GetFileName));
        Assert.Equal(["out"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void SomebodysOwnFilesAreNotTakenForLeftOvers()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["out.partial"]);
        File.WriteAllText(Path.Combine(folder["out.partial"], "mine"), "keep");
        Assert.Contains("out.partial must be free", Assert.Throws<GemmaVkException>(() => CheckpointFolder.Create(folder["out"])).Message, StringComparison.Ordinal);
        Assert.Equal("keep", File.ReadAllText(Path.Combine(folder["out.partial"], "mine")));
    }

    [Fact]
    public void AnEmptyFolderIsGivenBackWhenNothingCame()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["out"]);
        CheckpointFolder.Create(folder["out"]).Dispose();
        Assert.Equal([folder["out"]], Directory.GetFileSystemEntries(folder.Path));
    }

    private static void Stop(string source, string target, DType format = DType.Q4)
    {
        using Checkpoint checkpoint = Checkpoint.Open(source);
        using CancellationTokenSource stop = new();
        long written = 0;
        void Count(long bytes)
        {
            if (Interlocked.Add(ref written, bytes) > SomeBytes)
            {
                stop.Cancel();
            }
        }

        Assert.ThrowsAny<OperationCanceledException>(() => Quantizer.Write(checkpoint, target, format, Count, note: null, blocksPerSave: 8, stop.Token));
    }

    private static int DoneBlocks(TemporaryFolder folder) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(folder["out.partial"], "progress.json"))).RootElement.GetProperty("blocks").GetArrayLength();

    private static void AssertSameAsAtOnce(string source, TemporaryFolder folder)
    {
        Quantizer.Write(source, folder["whole"], DType.Q4);
        string[] names = [.. Directory.GetFiles(folder["whole"]).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)];
        Assert.Equal(names, Directory.GetFiles(folder["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(names, name => Assert.Equal(File.ReadAllBytes(Path.Combine(folder["whole"], name)), File.ReadAllBytes(Path.Combine(folder["out"], name))));
        Assert.False(Directory.Exists(folder["out.partial"]));
    }
}
