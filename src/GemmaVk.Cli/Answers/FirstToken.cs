using System;
using System.Diagnostics;
using System.Runtime;
using Microsoft.Extensions.Logging;

namespace GemmaVk.Cli.Answers;

/// <summary>When the first token came, counted from the start of the process: what a user waits for.</summary>
internal sealed class FirstToken(ILogger log)
{
    private DateTime? _came;

    /// <summary>From the start of the process, or from the end of the build that went before it; null while there was none.</summary>
    public double? Seconds
    {
        get
        {
            if (_came is not { } came)
            {
                return null;
            }

            using Process process = Process.GetCurrentProcess();
            DateTime start = process.StartTime.ToUniversalTime();
            return (came - (Built() is { } built && built > start ? built : start)).TotalSeconds;
        }
    }

    // tools/gemmavk becomes this process, and may have spent its first half minute on a build.
    private static DateTime? Built()
    {
        bool said = long.TryParse(Environment.GetEnvironmentVariable("GEMMAVK_BUILT"), out long microseconds);
        return said && microseconds is > 0 and < 100_000_000_000_000_000 ? DateTime.UnixEpoch.AddMicroseconds(microseconds) : null;
    }

    /// <summary>Called with every token.</summary>
    public void Came()
    {
        if (_came is null)
        {
            _came = DateTime.UtcNow;
            log.LogInformation(
                "first token; until here {Methods} methods were compiled in {Milliseconds:F0} ms",
                JitInfo.GetCompiledMethodCount(),
                JitInfo.GetCompilationTime().TotalMilliseconds);
        }
    }
}
