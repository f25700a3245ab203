using System;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace GemmaVk.Cli.Terminals;

/// <summary>The log of one command: to standard error with --verbose, nowhere without.</summary>
internal sealed class VerbLog : IDisposable
{
    private readonly ILoggerFactory? _factory;

    public VerbLog(bool verbose)
    {
        _factory = verbose ? Create() : null;
        Logger = _factory?.CreateLogger("gemmavk") ?? NullLogger.Instance;
    }

    public ILogger Logger { get; }

    /// <summary>Writes what is still queued.</summary>
    public void Dispose() => _factory?.Dispose();

    // In a method of its own: without --verbose none of these assemblies is loaded.
    private static ILoggerFactory Create() => LoggerFactory.Create(builder => builder
        .SetMinimumLevel(LogLevel.Debug)
        .AddSimpleConsole(format =>
        {
            format.SingleLine = true;
            format.TimestampFormat = "HH:mm:ss.fff ";
            format.ColorBehavior = LoggerColorBehavior.Disabled;
        })
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
}
