using System;
using System.Globalization;
using System.IO;
using System.Linq;
using GemmaVk.Model;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Weights.Tests;

public class MappedPagesTests
{
    private const int Bytes = 16 << 20;

    [Fact]
    public void PrefetchedPagesAreThereAndReleasedOnesAreNot()
    {
        if (!OperatingSystem.IsLinux())
        {
            // The advice has no effect elsewhere: there is nothing to see.
            return;
        }

        using TemporaryFolder folder = new();
        string path = folder["model.safetensors"];
        byte[] written = new byte[Bytes];
        new Random(1).NextBytes(written);
        using (SafetensorsWriter writer = SafetensorsWriter.Create(path, [new SafetensorsEntry("w", "BF16", [Bytes / 2])]))
        {
            writer.Write("w", 0, written);
            writer.Commit();
        }

        using SafetensorsFile file = SafetensorsFile.Open(path);
        FileTensor tensor = file.Tensors["w"];
        MappedPages.Prefetch(path, file.Address(tensor), Bytes);
        Assert.InRange(Resident(path), Bytes, Bytes + (1 << 20));
        // Half of it, from the middle of a page to the middle of another.
        MappedPages.Release(file.Address(tensor) + 5000, Bytes / 2);
        // A page of 2 MiB at either end may go as a whole.
        Assert.InRange(Resident(path), (Bytes / 2) - (4 << 20), (Bytes / 2) + (1 << 20));
        Assert.Equal(written, file.Bytes(tensor));
        // From the middle of a page to the last byte of the file.
        file.Hold(tensor, 5000, Bytes - 5000);
        Assert.InRange(Resident(path), Bytes - 5000, Bytes + (1 << 20));
        Assert.Equal(written, file.Bytes(tensor));
        Assert.Equal(HasLargePages, Advice(path).Contains("hg", StringComparison.Ordinal));
        MappedPages.Prefetch(path, file.Address(tensor), 0);
        MappedPages.Release(file.Address(tensor), 1);
    }

    [Fact]
    public void AFileThatWasCutOffIsOneSentence()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using TemporaryFolder folder = new();
        string path = folder["model.safetensors"];
        using (SafetensorsWriter writer = SafetensorsWriter.Create(path, [new SafetensorsEntry("w", "BF16", [Bytes / 2])]))
        {
            writer.Write("w", 0, new byte[Bytes]);
            writer.Commit();
        }

        using SafetensorsFile file = SafetensorsFile.Open(path);
        using (FileStream cut = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            cut.SetLength(Bytes / 2);
        }

        GemmaVkException e = Assert.Throws<GemmaVkException>(() => MappedPages.Prefetch(path, file.Address(file.Tensors["w"]), Bytes));
        Assert.Contains(path, e.Message);
        Assert.Equal(e.Message, Assert.Throws<GemmaVkException>(() => file.Hold(file.Tensors["w"], 0, Bytes)).Message);
    }

    [Theory]
    [InlineData("tiny", DType.Q8)]
    [InlineData("tiny", DType.F32)]
    [InlineData("tiny-w4a16-ct", null)]
    [InlineData("tiny-w8a16-ct", null)]
    public void ReleasedRowsReadTheSame(string checkpoint, DType? target)
    {
        using Checkpoint opened = Checkpoint.Open(Repository.Golden(checkpoint));
        foreach (string name in new[] { TensorNames.EmbedTokens, TensorNames.Layer(0, LayerTensor.DownProj) })
        {
            MatrixSource matrix = opened.Matrix(name, target);
            (byte[] data, ushort[] scale) = Read(matrix);
            matrix.Release(0, matrix.Rows);
            matrix.Prefetch(1, matrix.Rows - 1);
            (byte[] again, ushort[] scaleAgain) = Read(matrix);
            Assert.Equal(data, again);
            Assert.Equal(scale, scaleAgain);
        }
    }

    private static (byte[] Data, ushort[] Scale) Read(MatrixSource matrix)
    {
        byte[] data = new byte[matrix.Rows * QuantBlocks.RowBytes(matrix.Format, matrix.Columns)];
        ushort[] scale = new ushort[matrix.Rows * QuantBlocks.RowScales(matrix.Format, matrix.Columns)];
        matrix.ReadRows(0, matrix.Rows, data, scale);
        return (data, scale);
    }

    private static bool HasLargePages => Directory.Exists("/sys/kernel/mm/transparent_hugepage");

    /// <summary>What the system was told of a mapped file: "VmFlags: rd mr me ms hg" under the file's line.</summary>
    private static string Advice(string path) => File.ReadLines("/proc/self/smaps")
        .SkipWhile(line => !line.EndsWith(path, StringComparison.Ordinal))
        .First(line => line.StartsWith("VmFlags:", StringComparison.Ordinal));

    /// <summary>Bytes of a mapped file that this process holds: "Rss: 123 kB" under the file's line.</summary>
    private static long Resident(string path) => File.ReadLines("/proc/self/smaps")
        .SkipWhile(line => !line.EndsWith(path, StringComparison.Ordinal))
        .First(line => line.StartsWith("Rss:", StringComparison.Ordinal))
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..2]
        .Sum(kilobytes => long.Parse(kilobytes, CultureInfo.InvariantCulture) * 1024);
}
