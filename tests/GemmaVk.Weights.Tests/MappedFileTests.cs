using System;
using System.IO;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Weights.Tests;

/// <summary>A weight file that changes while it is mapped.</summary>
public class MappedFileTests
{
    private const int Bytes = 1 << 20;

    [LinuxFact]
    public void AFileMadeShorterWhileItIsReadEndsTheProcessWithASentence()
    {
        using TemporaryFolder folder = new();
        string path = Write(folder["x.safetensors"], 1);
        (int code, string error) = ChildProgram.Run("fault", path);
        Assert.Equal(1, code);
        Assert.Equal($"gemmavk: {path} must stay whole while it is in use, but bytes of it can no longer be read: it was made shorter, or its disk failed. Put the whole file back and start again.", error.Trim());
    }

    [LinuxFact]
    public void AFaultInAnotherMappingIsTheRuntimesAsBefore()
    {
        using TemporaryFolder folder = new();
        (int code, string error) = ChildProgram.Run("fault-elsewhere", Write(folder["x.safetensors"], 1), Write(folder["y.safetensors"], 1));
        Assert.NotInRange(code, 0, 127);
        Assert.DoesNotContain("gemmavk:", error, StringComparison.Ordinal);
        Assert.Contains("AccessViolationException", error, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void AFileMadeShorterIsSeenBeforeItIsTouched()
    {
        using TemporaryFolder folder = new();
        string path = Write(folder["x.safetensors"], 1);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        file.CheckUnchanged();
        Change(path, stream => stream.SetLength(5000));
        GemmaVkException error = Assert.Throws<GemmaVkException>(file.CheckUnchanged);
        Assert.Contains($"{path} must not change while it is in use", error.Message, StringComparison.Ordinal);
        Assert.Contains("now has 5,000", error.Message, StringComparison.Ordinal);
        Assert.Throws<GemmaVkException>(() => file.Read(file.Tensors["x"], 0, new byte[Bytes]));
    }

    [LinuxFact]
    public void AFileWrittenOverInPlaceIsSeen()
    {
        using TemporaryFolder folder = new();
        string path = Write(folder["x.safetensors"], 1);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-1));
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Change(path, stream => stream.WriteByte(3));
        Assert.Throws<GemmaVkException>(file.CheckUnchanged);
    }

    [LinuxFact]
    public void AFileReplacedUnderItsNameOrDeletedStaysWhatItWas()
    {
        using TemporaryFolder folder = new();
        string path = Write(folder["x.safetensors"], 1);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        FileTensor tensor = file.Tensors["x"];
        File.Move(Write(folder["new"], 2), path, overwrite: true);
        file.CheckUnchanged();
        Assert.Equal(1, file.Bytes(tensor)[^1]);
        using (SafetensorsFile second = SafetensorsFile.Open(path))
        {
            Assert.Equal(2, second.Bytes(tensor)[^1]);
        }

        File.Delete(path);
        file.CheckUnchanged();
        byte[] read = new byte[Bytes];
        file.Read(tensor, 0, read);
        Assert.True(read.AsSpan().IndexOfAnyExcept((byte)1) < 0);
    }

    private static void Change(string path, Action<FileStream> change)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        change(stream);
    }

    private static string Write(string path, byte value)
    {
        byte[] bytes = new byte[Bytes];
        Array.Fill(bytes, value);
        using SafetensorsWriter writer = SafetensorsWriter.Create(path, [new("x", "U8", [Bytes])]);
        writer.Write("x", 0, bytes);
        writer.Commit();
        return path;
    }
}
