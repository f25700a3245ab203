using System;
using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>The same words and numbers wherever the program runs.</summary>
public sealed class CultureTests
{
    /// <summary>Numbers as in Germany, with a minus sign as in Sweden; made here, because the tests run without language data.</summary>
    private static CultureInfo Foreign
    {
        get
        {
            CultureInfo culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            culture.NumberFormat.NumberDecimalSeparator = ",";
            culture.NumberFormat.NumberGroupSeparator = ".";
            culture.NumberFormat.PercentDecimalSeparator = ",";
            culture.NumberFormat.NegativeSign = "\u2212";
            culture.NumberFormat.NaNSymbol = "keine Zahl";
            return culture;
        }
    }

    public static TheoryData<string[]> Commands =>
    [
        ["plan", "--device", "cpu", "--budget", "1.5GiB"],
        ["generate", "What are you?", "--temperature", "0.5", "--top-p", "0.9", "--min-p", "0.05", "--device", "cpu", "--verbose"],
        ["generate", "--image", System.IO.Path.Combine("weights", "examples", "picture-0.png"), "What is in this picture?", "--device", "cpu", "--verbose", "--temperature", "0"],
        ["generate", "hi", "--temperature", "0,5"],
        ["generate", "hi", "--temperature", "-0.5"],
        ["generate", "hi", "--budget", "1,5GiB"],
        ["inspect"],
        ["inspect", System.IO.Path.Combine("weights", "examples", "clip-0.mkv"), "--video-fps", "0.5"],
        ["transcribe", System.IO.Path.Combine("weights", "examples", "sound-2.wav"), "--format", "srt", "--device", "cpu"],
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_says_the_same_under_every_culture(string[] args)
    {
        string[] full = [.. Array.ConvertAll(args, arg => arg.StartsWith("weights", StringComparison.Ordinal) ? System.IO.Path.Combine(Repository.Root, arg) : arg)];
        CultureInfo before = CultureInfo.CurrentCulture;
        CommandRun here = CommandRun.Of(full);
        CommandRun there;
        try
        {
            CultureInfo.CurrentCulture = Foreign;
            CultureInfo.DefaultThreadCurrentCulture = Foreign;
            there = CommandRun.Of(full);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
            CultureInfo.DefaultThreadCurrentCulture = null;
        }

        Assert.Equal(here.Code, there.Code);
        Assert.Equal(Measured(here.Out), Measured(there.Out));
        Assert.Equal(Measured(here.Error), Measured(there.Error));
    }

    /// <summary>Times, rates and what other programs leave free differ from run to run; how they are written does not.</summary>
    private static string Measured(string text) => Regex.Replace(text, "[0-9]+", "9");
}
