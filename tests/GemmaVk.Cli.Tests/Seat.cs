using System;
using System.IO;
using System.Text;
using GemmaVk.Cli.Terminals;

namespace GemmaVk.Cli.Tests;

/// <summary>Somebody at a keyboard, whose lines are known beforehand.</summary>
internal static class Seat
{
    /// <summary>Runs a command for somebody who types some lines.</summary>
    public static CommandRun Run(string typed, params string[] args)
    {
        StringWriter output = new();
        StringWriter error = new();
        using Terminal terminal = new() { In = new MemoryStream(Encoding.UTF8.GetBytes(typed)), Out = output, Error = error };
        int code = CommandLine.Run(args, terminal);
        return new CommandRun(code, output.ToString(), error.ToString());
    }

    /// <summary>Settings and data of nobody, for as long as a test runs.</summary>
    public static IDisposable Home(TemporaryFolder folder)
    {
        Environment.SetEnvironmentVariable("XDG_CONFIG_HOME", folder["config"]);
        Environment.SetEnvironmentVariable("XDG_DATA_HOME", folder["data"]);
        return new Back();
    }

    private sealed class Back : IDisposable
    {
        public void Dispose()
        {
            Environment.SetEnvironmentVariable("XDG_CONFIG_HOME", null);
            Environment.SetEnvironmentVariable("XDG_DATA_HOME", null);
        }
    }
}
