using System;
using System.IO;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class QuantizeTests
{
    [Theory]
    [InlineData("int4", "Q4")]
    [InlineData("int8", "Q8")]
    public void A_quantised_pebble_still_answers(string format, string stored)
    {
        using TemporaryFolder folder = new();
        CommandRun made = CommandRun.Of("quantize", "--to", format, "--out", folder["small"]);
        Assert.True(made.Code == 0, made.Error);
        Assert.Contains($"linears stored as {stored}", CommandRun.Of("inspect", "--model", folder["small"]).Text(), StringComparison.Ordinal);
        Assert.True(new FileInfo(Path.Combine(folder["small"], "model.safetensors")).Length < new FileInfo(Path.Combine(Repository.Pebble, "model.safetensors")).Length);
        Assert.Equal("The capital of Japan is Tokyo.\n", CommandRun.Of("generate", "--model", folder["small"], "--temperature", "0", "What is the capital of Japan?", "--device", "cpu").Text());
    }

    [Fact]
    public void A_folder_with_files_is_not_written_over()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["mine.txt"], "keep");
        CommandRun run = CommandRun.Of("quantize", "--to", "int4", "--out", folder.Path);
        Assert.Equal(1, run.Code);
        Assert.Contains("must be a new or empty folder", run.Error, StringComparison.Ordinal);
        Assert.Equal("keep", File.ReadAllText(folder["mine.txt"]));
    }

    [Fact]
    public void An_unknown_kind_of_checkpoint_names_the_known_ones()
    {
        CommandRun run = CommandRun.Of("make-checkpoint", "generated-7", "--out", "x");
        Assert.Equal(1, run.Code);
        Assert.Contains("generated-6, generated-48, assistant", run.Error, StringComparison.Ordinal);
    }
}
