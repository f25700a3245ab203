using System;
using System.IO;
using System.IO.Pipes;
using System.Threading.Tasks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Weights.Tests;

/// <summary>What names for writing stand for: ordinary files are replaced whole, links followed, devices and pipes written to or refused.</summary>
public sealed class OutputTargetTests
{
    private static readonly byte[] Fresh = [1, 2, 3];

    [Fact]
    public void An_ordinary_file_is_replaced_when_the_new_one_is_whole()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["a"], "old");
        OutputTarget target = OutputTarget.Of(folder["a"]);
        Assert.Equal(OutputKind.File, target.Kind);
        Assert.Throws<InvalidOperationException>(() => target.Write(stream =>
        {
            stream.Write(Fresh);
            throw new InvalidOperationException();
        }));
        Assert.Equal("old", File.ReadAllText(folder["a"]));
        target.Write(stream =>
        {
            stream.Write(Fresh);
            Assert.Equal("old", File.ReadAllText(folder["a"]));
        });
        Assert.Equal(Fresh, File.ReadAllBytes(folder["a"]));
        OutputTarget other = OutputTarget.Of(folder["b"]);
        Assert.Equal(OutputKind.New, other.Kind);
        other.Write(stream => stream.Write(Fresh));
        Assert.Equal([folder["a"], folder["b"]], Order(folder));
        Assert.Contains("is a folder", Assert.Throws<GemmaVkException>(() => OutputTarget.Of(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("can be written", Assert.Throws<GemmaVkException>(() => OutputTarget.Of(folder["no/a"]).Write(_ => { })).Message, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void A_link_is_followed_and_stays()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["real"]);
        foreach ((string name, string leads) in new[] { ("link", "real/file"), ("chain", "link"), ("loop", "loop"), ("away", "no/file") })
        {
            File.CreateSymbolicLink(folder[name], leads);
        }

        // A target that is not there yet is made.
        OutputTarget.Of(folder["chain"]).Write(stream => stream.Write(Fresh));
        Assert.Equal(Fresh, File.ReadAllBytes(folder["real/file"]));
        using (SafetensorsWriter writer = SafetensorsWriter.Create(folder["link"], [new SafetensorsEntry("x", "U8", [1])]))
        {
            writer.Write("x", 0, [7]);
            writer.Commit();
        }

        Assert.Equal("link", new FileInfo(folder["chain"]).LinkTarget);
        Assert.Equal("real/file", new FileInfo(folder["link"]).LinkTarget);
        Assert.Equal([folder["real/file"]], Directory.GetFiles(folder["real"]));
        using (SafetensorsFile file = SafetensorsFile.Open(folder["link"]))
        {
            Assert.Equal(7, file.Bytes(file.Tensors["x"])[0]);
        }

        Assert.Contains("loop must be a file that can be written", Assert.Throws<GemmaVkException>(() => OutputTarget.Of(folder["loop"])).Message, StringComparison.Ordinal);
        Assert.Throws<GemmaVkException>(() => OutputTarget.Of(folder["away"]).Write(_ => { }));
    }

    [LinuxFact]
    public void Devices_and_pipes_are_written_to_and_stay()
    {
        using TemporaryFolder folder = new();
        OutputTarget.Of("/dev/null").Write(stream => stream.Write(Fresh));
        Assert.Contains("No space left", Assert.Throws<GemmaVkException>(() => OutputTarget.Of("/dev/full").Write(stream => stream.Write(Fresh))).Message, StringComparison.Ordinal);
        ChildProgram.Start("mkfifo", folder["pipe"]);
        Task<byte[]> read = Task.Run(() => File.ReadAllBytes(folder["pipe"]));
        OutputTarget pipe = OutputTarget.Of(folder["pipe"]);
        Assert.Equal(OutputKind.Pipe, pipe.Kind);
        pipe.Write(stream => stream.Write(Fresh));
        Assert.Equal(Fresh, read.Result);
        Assert.Equal(OutputKind.Pipe, OutputTarget.Of(folder["pipe"]).Kind);
        Assert.Equal(OutputKind.Device, OutputTarget.Of("/dev/null").Kind);
        foreach (string name in (string[])["/dev/null", "/dev/full", folder["pipe"]])
        {
            Assert.Contains("give a file's name", Assert.Throws<GemmaVkException>(() => SafetensorsWriter.Create(name, [])).Message, StringComparison.Ordinal);
        }

        // What /dev/stdout leads to in front of a pipe has no name of its own.
        using AnonymousPipeServerStream ours = new(PipeDirection.In);
        string nameless = $"/proc/self/fd/{ours.ClientSafePipeHandle.DangerousGetHandle()}";
        Assert.Equal(OutputKind.Pipe, OutputTarget.Of(nameless).Kind);
        Assert.Contains("is a pipe", Assert.Throws<GemmaVkException>(() => SafetensorsWriter.Create(nameless, [])).Message, StringComparison.Ordinal);
        OutputTarget.Of(nameless).Write(stream => stream.Write(Fresh));
        byte[] came = new byte[3];
        ours.ReadExactly(came);
        Assert.Equal(Fresh, came);
        Assert.Equal([folder["pipe"]], Order(folder));
    }

    [LinuxFact]
    public void A_checkpoint_is_written_where_a_link_leads_and_refused_where_no_folder_can_be()
    {
        using TemporaryFolder folder = new();
        File.CreateSymbolicLink(folder["link"], "real");
        Quantizer.Write(Repository.Golden("tiny"), folder["link"], DType.Q8);
        Assert.True(File.Exists(folder["real/model.safetensors"]));
        Assert.Equal("real", new FileInfo(folder["link"]).LinkTarget);
        File.CreateSymbolicLink(folder["loop"], "loop");
        ChildProgram.Start("mkfifo", folder["pipe"]);
        foreach (string name in (string[])["/dev/null", folder["pipe"], folder["loop"]])
        {
            Assert.Throws<GemmaVkException>(() => Quantizer.Write(Repository.Golden("tiny"), name, DType.Q8));
        }

        Assert.Equal([folder["link"], folder["loop"], folder["pipe"], folder["real"]], Order(folder));
    }

    [SmallDiskFact]
    public void A_mounted_disk_is_refused_and_nothing_stays_behind()
    {
        using SmallDisk disk = new(8);
        string beside = Path.GetDirectoryName(disk.Path)!;
        string message = Assert.Throws<GemmaVkException>(() => Quantizer.Write(Repository.Golden("tiny"), disk.Path, DType.Q8)).Message;
        Assert.Contains("Give a new folder in it", message, StringComparison.Ordinal);
        Assert.Equal([disk.Path], Directory.GetFileSystemEntries(beside));
        Quantizer.Write(Repository.Golden("tiny"), disk["checkpoint"], DType.Q8);
        Assert.True(File.Exists(disk["checkpoint/model.safetensors"]));
        Assert.Equal([disk["checkpoint"]], Directory.GetFileSystemEntries(disk.Path));
    }

    [LinuxFact]
    public void A_pipe_beside_the_weights_is_not_copied()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["model"]);
        foreach (string file in Directory.GetFiles(Repository.Golden("tiny")))
        {
            File.Copy(file, Path.Combine(folder["model"], Path.GetFileName(file)));
        }

        ChildProgram.Start("mkfifo", folder["model/notes.txt"]);
        Quantizer.Write(folder["model"], folder["out"], DType.Q8);
        Assert.False(File.Exists(folder["out/notes.txt"]));
    }

    private static string[] Order(TemporaryFolder folder)
    {
        string[] entries = Directory.GetFileSystemEntries(folder.Path);
        Array.Sort(entries, StringComparer.Ordinal);
        return entries;
    }
}
