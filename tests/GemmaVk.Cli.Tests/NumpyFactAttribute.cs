using System;
using System.ComponentModel;
using System.Diagnostics;
using System.Linq;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>A test that runs Python with numpy; skipped where there is none.</summary>
public sealed class NumpyFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Found = new(() => ((string[])["/usr/bin/python3", "python3", "python"]).FirstOrDefault(HasNumpy));

    public NumpyFactAttribute()
    {
        if (Python is null)
        {
            Skip = "no Python with numpy is here";
        }
    }

    /// <summary>The program, or null.</summary>
    public static string? Python => Found.Value;

    private static bool HasNumpy(string program)
    {
        try
        {
            using Process? python = Process.Start(new ProcessStartInfo(program, ["-c", "import numpy"]) { RedirectStandardError = true, RedirectStandardOutput = true });
            python?.WaitForExit();
            return python?.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
