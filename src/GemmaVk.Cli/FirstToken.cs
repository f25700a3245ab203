using System;
using System.Diagnostics;
using System.Runtime;
using Microsoft.Extensions.Logging;

namespace GemmaVk.Cli;

/// <summary>When the first token came, counted from the start of the process: what a user waits for.</summary>
internal sealed class FirstToken(ILogger log)
{
    private DateTime? _came;

    /// <summary>From the start of the process, or null while there was none.</summary>
    public double? Seconds
    {
        get
        {
            if (_came is not { } came)
            {
                return null;
            }

            using Process process = Process.GetCurrentProcess();
            return (came - process.StartTime.ToUniversalTime()).TotalSeconds;
        }
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
