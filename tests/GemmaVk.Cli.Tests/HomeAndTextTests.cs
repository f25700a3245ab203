using System;
using System.IO;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>Paths below the home folder that no shell has seen, and texts that are none.</summary>
public sealed class HomeAndTextTests
{
    [Theory]
    [InlineData("--image")]
    [InlineData("--audio")]
    public void A_file_behind_a_flag_and_an_equals_sign_may_lie_in_the_home_folder(string flag)
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        CommandRun run = CommandRun.Of("generate", "hi", $"{flag}=~/no-such-file", "--model", Repository.Pebble, "--device", "cpu");
        Assert.Equal(1, run.Code);
        Assert.Contains(Path.Combine(home, "no-such-file"), run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"turn_on","arguments":{"thing":"map"},"result":"\ud83d"}""")]
    [InlineData("""{"name":"turn_on","arguments":{"thing":"\udc00"},"result":1}""")]
    [InlineData("""{"name":"turn_on","arguments":{"\ud83d":"map"},"result":[{"a":1}]}""")]
    public void Half_a_character_names_its_file(string result)
    {
        using TemporaryFolder folder = new();
        ToolFiles.Write(folder["tools.json"]);
        string results = folder.Write("results.json", result);
        CommandRun run = CommandRun.Of("generate", "Turn on the map.", "--tools", folder["tools.json"], "--tool-results", results, "--model", Repository.Pebble, "--device", "cpu");
        Assert.Equal(1, run.Code);
        Assert.Contains($"--tool-results {results}: expected texts of whole characters", run.Error, StringComparison.Ordinal);
    }
}
