using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>The program as a process of its own, in the hands of a shell: what a test inside its process cannot do to it.</summary>
internal sealed record ShellRun(int Code, string Out, string Error)
{
    private const int MostSeconds = 120;

    /// <summary>Runs a line of bash in which <c>gemmavk</c> is the program; waits for its end.</summary>
    /// <param name="line">The command.</param>
    /// <param name="folder">Where, or null.</param>
    public static ShellRun Of(string line, string? folder = null)
    {
        using Process shell = Start(line, folder);
        shell.StandardInput.Close();
        var error = shell.StandardError.ReadToEndAsync();
        string output = shell.StandardOutput.ReadToEnd();
        Assert.True(shell.WaitForExit(TimeSpan.FromSeconds(MostSeconds)), $"{line}: no end after {MostSeconds} s");
        return new ShellRun(shell.ExitCode, output, error.Result);
    }

    /// <summary>Starts the program itself, so that its process can be signalled.</summary>
    /// <param name="line">Its arguments, in bash's spelling.</param>
    /// <param name="folder">Where, or null.</param>
    public static Process Start(string line, string? folder = null)
    {
        // A shell that started the tests in the background has its children ignore some of these signals, and bash cannot take that back.
        ProcessStartInfo start = new(
            "env", ["--default-signal=HUP,INT,QUIT,TERM", "bash", "-c", $"gemmavk() {{ dotnet '{typeof(Program).Assembly.Location}' \"$@\"; }}\n{line}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";
        return Process.Start(start)!;
    }

    /// <summary>Waits until something is so.</summary>
    public static void WaitFor(Func<bool> isSo, string what)
    {
        long end = Environment.TickCount64 + (MostSeconds * 1000);
        while (!isSo())
        {
            Assert.True(Environment.TickCount64 < end, $"{what}: not after {MostSeconds} s");
            Thread.Sleep(20);
        }
    }
}

/// <summary>A theory that takes a shell, descriptors and signals as Linux has them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "uses descriptors and signals as Linux has them";
        }
    }
}
