using System;
using System.Diagnostics;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>
/// A test of the native file: it runs where GEMMAVK_NATIVE names one, or is 1, which has tools/publish make one first. That takes minutes, so it is shown as skipped elsewhere.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NativeFactAttribute : FactAttribute
{
    private static readonly Lazy<string> Made = new(Make);

    public NativeFactAttribute()
    {
        if (string.IsNullOrEmpty(Asked))
        {
            Skip = "compiles the program ahead of time, which takes minutes; set GEMMAVK_NATIVE=1, or to a file that tools/publish --with all made, to run it";
        }
    }

    /// <summary>The file.</summary>
    public static string Program => Made.Value;

    private static string? Asked => Environment.GetEnvironmentVariable("GEMMAVK_NATIVE");

    private static string Make()
    {
        if (Asked != "1")
        {
            return Asked!;
        }

        using Process publish = Process.Start(new ProcessStartInfo(Repository.Path("tools", "publish"), ["--with", "all", "--name", "tested"]) { RedirectStandardError = true })!;
        string error = publish.StandardError.ReadToEnd();
        publish.WaitForExit();
        Assert.True(publish.ExitCode == 0, error);
        return Repository.Path("artifacts", "native", "tested", "gemmavk");
    }
}
