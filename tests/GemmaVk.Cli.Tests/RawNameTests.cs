using System;
using System.IO;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>Names that are not UTF-8: said so, and nothing is written under another name.</summary>
public sealed class RawNameTests
{
    [LinuxTheory]
    [InlineData("gemmavk inspect --model $'m\\xe9'", "$'m\\xe9'", "UTF-8")]
    [InlineData("gemmavk trace --ids 2 --device cpu -o $'t\\xff.st'", "$'t\\xff.st'", "UTF-8")]
    [InlineData("gemmavk quantize --to int8 --out $'q\\xc3('", "$'q\\xc3('", "UTF-8")]
    [InlineData("gemmavk generate $'caf\\xe9?'", "iconv", "UTF-8")]
    [InlineData("GEMMAVK_MODEL=$'m\\xe9' gemmavk plan", "GEMMAVK_MODEL", "UTF-8")]
    [InlineData("mkdir $'d\\xe9'; cd $'d\\xe9'; gemmavk quantize --to int8 --out q; rc=$?; cd ..; rmdir $'d\\xe9'; exit $rc", "the current folder", "UTF-8")]
    [InlineData("mkdir d; cd d; rmdir ../d; gemmavk plan", "the current folder: expected one that is there", "cd")]
    public void It_is_said(string line, params string[] words)
    {
        using TemporaryFolder folder = new();
        ShellRun run = ShellRun.Of(line, folder.Path);
        Assert.Equal(1, run.Code);
        Assert.All(words, word => Assert.Contains(word, run.Error, StringComparison.Ordinal));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [LinuxFact]
    public void A_name_that_has_the_replacement_character_is_a_name()
    {
        using TemporaryFolder folder = new();
        ShellRun run = ShellRun.Of("gemmavk trace --ids 2 --device cpu -o $'t\\xef\\xbf\\xbd.st' 2> /dev/null; ls", folder.Path);
        Assert.Equal((0, "t\uFFFD.st\n"), (run.Code, run.Out));
    }

    [LinuxFact]
    public void A_checkpoint_with_such_a_file_beside_it_is_not_copied_without_it()
    {
        using TemporaryFolder folder = new();
        ShellRun run = ShellRun.Of($"mkdir m; cp {Repository.Pebble}/* m; echo x > $'m/l\\xe9gal.txt'; gemmavk quantize --model m --to int8 --out q; rc=$?; rm -r m; exit $rc", folder.Path);
        Assert.Equal(1, run.Code);
        Assert.Contains("name in UTF-8", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }
}
