using System;
using System.IO;
using System.Linq;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Weights.Tests;

/// <summary>A disk that is too small, or that others fill meanwhile: no file under its final name that is not whole.</summary>
public class FullDiskTests
{
    private static readonly SafetensorsEntry[] Entries = [new("a", "U8", [3 << 20]), new("b", "F32", [1 << 18])];

    [SmallDiskFact]
    public void ADiskThatIsTooSmallIsSaidBeforeTheFirstByteWithBothNumbers()
    {
        using SmallDisk disk = new(megabytes: 2);
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => SafetensorsWriter.Create(disk["x.safetensors"], Entries));
        Assert.Matches(@"x\.safetensors needs 4,194,\d\d\d bytes, but 2,097,152 are free on its disk; make room", error.Message);
        Assert.Empty(Directory.GetFileSystemEntries(disk.Path));
    }

    [SmallDiskFact]
    public void ACheckpointThatDoesNotFitLeavesNothing()
    {
        using SmallDisk disk = new(megabytes: 8);
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => GeneratedCheckpoint.Write("assistant", disk["out"]));
        Assert.Matches("needs 845,7.* bytes, but 8,.* are free", error.Message);
        Assert.Empty(Directory.GetFileSystemEntries(disk.Path));
    }

    [SmallDiskFact]
    public void ADiskThatOthersFillMeanwhileDoesNotMatter()
    {
        using SmallDisk disk = new(megabytes: 8);
        using (SafetensorsWriter writer = SafetensorsWriter.Create(disk["x.safetensors"], Entries))
        {
            Assert.Throws<IOException>(() => File.WriteAllBytes(disk["greedy"], new byte[8 << 20]));
            foreach (SafetensorsEntry entry in Entries)
            {
                byte[] bytes = new byte[entry.Name == "a" ? 3 << 20 : 1 << 20];
                Array.Fill(bytes, (byte)7);
                writer.Write(entry.Name, 0, bytes);
            }

            writer.Commit();
        }

        using SafetensorsFile file = SafetensorsFile.Open(disk["x.safetensors"]);
        Assert.All(file.Tensors.Values, tensor => Assert.True(file.Bytes(tensor).IndexOfAnyExcept((byte)7) < 0));
    }

    [SmallDiskFact]
    public void SmallFilesThatNoLongerFitLeaveNothingEither()
    {
        using SmallDisk disk = new(megabytes: 1);
        using TemporaryFolder source = new TemporaryFolder().WithGolden("tiny");
        File.WriteAllBytes(source["notes.txt"], new byte[2 << 20]);
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Quantizer.Write(source.Path, disk["out"], DType.Q4));
        Assert.Contains("free space", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(disk.Path));
    }

    [LinuxFact]
    public void ALimitOnFileSizesIsAnErrorAndNoSignal()
    {
        using TemporaryFolder folder = new();
        // 64 KiB; the runtime's own doubly mapped code would fall under the limit too.
        string command = $"ulimit -f 64; DOTNET_EnableWriteXorExecute=0 exec dotnet '{typeof(FullDiskTests).Assembly.Location}' quantize '{Repository.Golden("tiny")}' '{folder["out"]}'";
        (int code, string error) = ChildProgram.Start("bash", "-c", command);
        Assert.Equal(1, code);
        Assert.Matches(@"model\.safetensors needs [\d,]+ bytes, but .*a limit of the shell \(ulimit -f\)", error);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }
}
