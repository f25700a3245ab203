using System;
using System.IO;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>Variables that say how to open Vulkan: a wrong one ends the command where a device is chosen, and no other device stands in.</summary>
public sealed class DeviceVariableTests
{
    [LinuxTheory]
    [InlineData("GEMMAVK_PRETEND=no-luck", "GEMMAVK_PRETEND: expected a list of no-timestamps", "'no-luck' came")]
    [InlineData("GEMMAVK_TIMINGS=yes", "GEMMAVK_TIMINGS: expected 1 for on, or 0 for off, but 'yes' came")]
    [InlineData("GEMMAVK_VALIDATION=1 VK_LAYER_PATH=/nowhere", "GEMMAVK_VALIDATION=1", "turn validation off")]
    public void A_wrong_one_is_an_error_where_the_device_is_left_to_the_program(string variables, params string[] sentences)
    {
        ShellRun run = ShellRun.Of($"export {variables}; gemmavk generate --device auto --max-tokens 1 Hello");
        Assert.Equal((1, ""), (run.Code, run.Out));
        Assert.All(sentences, sentence => Assert.Contains(sentence, run.Error, StringComparison.Ordinal));
    }

    [LinuxTheory]
    [InlineData("plan")]
    [InlineData("doctor")]
    [InlineData("kernels list")]
    [InlineData("verify --quick --device vulkan")]
    [InlineData("generate --device vulkan --max-tokens 1 Hello")]
    public void A_folder_of_shaders_that_is_none_ends_whatever_tells_of_kernels_as_it_ends_a_run(string command)
    {
        using TemporaryFolder folder = new();
        foreach (string missing in (string[])["/nosuch", folder.Path])
        {
            ShellRun run = ShellRun.Of($"export GEMMAVK_SHADER_DIR={missing}; gemmavk {command}");
            Assert.Equal((1, ""), (run.Code, run.Out));
            Assert.Matches($"GEMMAVK_SHADER_DIR is {missing}, but it has no \\w+\\.comp for kernel module \\w+: point it at the shaders folder, or unset it", run.Error);
        }
    }

    [LinuxFact]
    public void A_cache_folder_that_is_relative_counts_for_nothing()
    {
        using TemporaryFolder folder = new();
        ShellRun run = ShellRun.Of($"export XDG_CACHE_HOME=relative HOME={folder["home"]}; gemmavk generate --device vulkan --max-tokens 1 Hello", folder.Path);
        Assert.True(run.Code == 0, run.Error);
        Assert.Equal([folder["home"]], Directory.GetFileSystemEntries(folder.Path));
    }
}
