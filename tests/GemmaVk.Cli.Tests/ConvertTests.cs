using System;
using System.IO;
using System.Linq;
using GemmaVk.Weights;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>A checkpoint in the other form and back, and what becomes of a conversion that cannot be.</summary>
public sealed class ConvertTests
{
    private static readonly string[] Ask = ["--temperature", "0", "What is the capital of Japan?", "--device", "cpu"];

    [Fact]
    public void Pebble_goes_to_gguf_and_back_and_stays_the_same()
    {
        using TemporaryFolder folder = new();
        CommandRun there = CommandRun.Of("convert", "--to", "gguf", Repository.Pebble, folder["pebble.gguf"]);
        Assert.True(there.Code == 0, there.Error);
        Assert.Contains("mmproj-pebble.gguf", there.Error, StringComparison.Ordinal);
        Assert.Equal(["mmproj-pebble.gguf", "pebble.gguf"], Names(folder.Path));
        Assert.Equal("The capital of Japan is Tokyo.\n", CommandRun.Of(["generate", "--model", folder["pebble.gguf"], .. Ask]).Text());

        // The other spelling, which quantize has too.
        CommandRun back = CommandRun.Of("convert", "--to", "safetensors", "--model", folder["pebble.gguf"], "--out", folder["again"]);
        Assert.True(back.Code == 0, back.Error);
        using SafetensorsFile before = SafetensorsFile.Open(Path.Combine(Repository.Pebble, "model.safetensors")), after = SafetensorsFile.Open(Path.Combine(folder["again"], "model.safetensors"));
        foreach (FileTensor tensor in before.Tensors.Values)
        {
            Assert.True(after.Tensors.TryGetValue(tensor.Name, out FileTensor? same), tensor.Name);
            // Norms are F32 in GGUF: a number is what it was, whatever its type.
            Assert.Equal(Floats(before, tensor), Floats(after, same));
        }

        Assert.Equal("The capital of Japan is Tokyo.\n", CommandRun.Of(["generate", "--model", folder["again"], .. Ask]).Text());
    }

    [Fact]
    public void Quantize_takes_gguf_and_both_spellings_and_gives_the_same_bytes()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(0, CommandRun.Of("convert", "--to", "gguf", Repository.Pebble, folder["pebble.gguf"]).Code);
        CommandRun ofFile = CommandRun.Of("quantize", "--to", "int8", folder["pebble.gguf"], folder["a"]);
        Assert.True(ofFile.Code == 0, ofFile.Error);
        Assert.Equal(0, CommandRun.Of("quantize", "--to", "int8", "--model", Repository.Pebble, "--out", folder["b"]).Code);
        using SafetensorsFile a = SafetensorsFile.Open(Path.Combine(folder["a"], "model.safetensors")), b = SafetensorsFile.Open(Path.Combine(folder["b"], "model.safetensors"));
        string[] packed = [.. b.Tensors.Keys.Where(name => name.EndsWith("weight_packed", StringComparison.Ordinal) || name.EndsWith("weight_scale", StringComparison.Ordinal))];
        Assert.NotEmpty(packed);
        Assert.All(packed, name => Assert.Equal(b.Bytes(b.Tensors[name]), a.Bytes(a.Tensors[name])));
        Assert.Equal("The capital of Japan is Tokyo.\n", CommandRun.Of(["generate", "--model", folder["a"], .. Ask]).Text());
    }

    [Fact]
    public void What_cannot_be_converted_is_refused_and_nothing_is_touched()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["there.gguf"], "mine");
        Directory.CreateDirectory(folder["full"]);
        File.WriteAllText(Path.Combine(folder["full"], "mine.txt"), "mine");
        Assert.Equal(0, CommandRun.Of("convert", "--to", "gguf", Repository.Pebble, folder["pebble.gguf"]).Code);
        string[] before = Names(folder.Path);
        (string Says, string[] Args)[] cases =
        [
            ("must be a new file, but is there already", ["--to", "gguf", Repository.Pebble, folder["there.gguf"]]),
            ("must be a new or empty folder, but holds files", ["--to", "safetensors", folder["pebble.gguf"], folder["full"]]),
            ("must end in .gguf", ["--to", "gguf", Repository.Pebble, folder["pebble.bin"]]),
            ("is a GGUF file already", ["--to", "gguf", folder["pebble.gguf"], folder["x.gguf"]]),
            ("must be a GGUF file, but is a folder", ["--to", "safetensors", Repository.Pebble, folder["x"]]),
            ("must be a GGUF file, but is none", ["--to", "safetensors", folder["none.gguf"], folder["x"]]),
            ("--plain and --mmproj: expected together with --to safetensors", ["--to", "gguf", Repository.Pebble, folder["x.gguf"], "--plain", "f32"]),
            ("--tokenizer: expected together with --to gguf", ["--to", "safetensors", folder["pebble.gguf"], folder["x"], "--tokenizer", "t.json"]),
            ("--to int4: expected gguf or safetensors", ["--to", "int4", Repository.Pebble, folder["x"]]),
            ("expected a checkpoint to read", ["--to", "gguf"]),
            ("expected what to write", ["--to", "gguf", Repository.Pebble]),
            ("expected the checkpoint to read once", ["--to", "gguf", Repository.Pebble, folder["x.gguf"], "--model", Repository.Pebble]),
            ("expected what to write once", ["--to", "gguf", Repository.Pebble, folder["x.gguf"], "--out", folder["y.gguf"]]),
            ("OUT is empty", ["--to", "gguf", Repository.Pebble, ""]),
            ("expected a file in a folder that is there", ["--to", "gguf", Repository.Pebble, "/no/such/folder/x.gguf"]),
        ];
        foreach ((string says, string[] args) in cases)
        {
            CommandRun run = CommandRun.Of(["convert", .. args]);
            Assert.True(run.Code == 1, $"{string.Join(' ', args)}: {run.Code} {run.Error}");
            Assert.Contains(says, run.Error, StringComparison.Ordinal);
        }

        Assert.Contains("quantize: expected what to write", CommandRun.Of("quantize", "--to", "int4").Error, StringComparison.Ordinal);
        Assert.Contains("quantize: expected the checkpoint to read once", CommandRun.Of("quantize", "--to", "int4", Repository.Pebble, folder["x"], "--model", "y").Error, StringComparison.Ordinal);
        Assert.Equal(before, Names(folder.Path));
        Assert.Equal("mine", File.ReadAllText(folder["there.gguf"]));
    }

    /// <summary>A file that may not grow stands for a disk without room, and a folder of the kernel's for one that cannot be written.</summary>
    [LinuxFact]
    public void A_disk_that_refuses_leaves_nothing_behind()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(0, CommandRun.Of("convert", "--to", "gguf", Repository.Pebble, folder["pebble.gguf"]).Code);
        string[] before = Names(folder.Path);
        foreach (string line in (string[])[$"convert --to gguf '{Repository.Pebble}' '{folder["x.gguf"]}'", $"convert --to safetensors '{folder["pebble.gguf"]}' '{folder["x"]}'", $"quantize --to int4 '{folder["pebble.gguf"]}' '{folder["x"]}'"])
        {
            ShellRun run = ShellRun.Of($"ulimit -f 300; DOTNET_EnableWriteXorExecute=0 gemmavk {line}");
            Assert.True(run.Code is 1 or 2, $"{line}: {run.Code} {run.Error}");
            Assert.Contains("a limit of the shell (ulimit -f)", run.Error, StringComparison.Ordinal);
            Assert.Equal(before, Names(folder.Path));
        }

        foreach (string[] args in (string[][])[["convert", "--to", "gguf", Repository.Pebble, "/proc/x.gguf"], ["convert", "--to", "safetensors", folder["pebble.gguf"], "/proc/x"], ["quantize", "--to", "int4", Repository.Pebble, "/proc/x"]])
        {
            CommandRun run = CommandRun.Of(args);
            Assert.Equal(1, run.Code);
            Assert.Contains("/proc/x", run.Error, StringComparison.Ordinal);
        }
    }

    private static string[] Names(string folder) => [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    private static float[] Floats(SafetensorsFile file, FileTensor tensor) => Comparing.NumberArray.Of(file, tensor).Floats();
}
