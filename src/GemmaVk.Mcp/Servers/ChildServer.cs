using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Tensors;
using ModelContextProtocol.Client;

namespace GemmaVk.Mcp.Servers;

/// <summary>
/// A server that is a program of this machine: its standard input and output carry the protocol. What it writes to standard error is read and
/// forgotten but for the end. It gets few variables of the environment: keys of other programs are none of its business.
/// </summary>
internal sealed class ChildServer : IAsyncDisposable
{
    private const int KeptWords = 400;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly Process _process;
    private readonly StringBuilder _words = new();
    private readonly Task _reading;

    private ChildServer(Process process, long mostBytes)
    {
        _process = process;
        Output = new BoundedLines(process.StandardOutput.BaseStream, mostBytes, isLines: true);
        _reading = ReadWords();
    }

    /// <summary>Where it reads.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>What it writes.</summary>
    public BoundedLines Output { get; }

    /// <summary>Its process.</summary>
    public int Id => _process.Id;

    /// <summary>What became of it, as the end of a sentence; empty where nothing did.</summary>
    public string Fate
    {
        get
        {
            string words;
            lock (_words)
            {
                words = VisibleText.Line(_words.ToString().Trim().Split('\n')[^1].Trim());
            }

            string said = words.Length > 0 ? $", and its last words were \"{words}\"" : "";
            string strange = Output.Strange is { } line ? $", and its standard output has \"{VisibleText.Line(line)}\", which is no message of the protocol" : "";
            return _process.HasExited ? $"ended with exit code {_process.ExitCode}{said}{strange}" : Output.Fault is { } fault ? fault + strange : strange.Length > 0 ? strange[2..].Replace("and its", "its", StringComparison.Ordinal) : "";
        }
    }

    /// <summary>Starts it.</summary>
    /// <exception cref="GemmaVkException">There is no such program, or it cannot be started.</exception>
    public static ChildServer Start(McpEntry entry, long mostBytes)
    {
        ProcessStartInfo start = new(Program(entry.Command!))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            UseShellExecute = false,
            WorkingDirectory = entry.Folder ?? "",
        };
        if (start.FileName != entry.Command)
        {
            start.ArgumentList.Add(entry.Command!);
        }

        entry.Arguments.ToList().ForEach(start.ArgumentList.Add);
        start.Environment.Clear();
        foreach ((string name, string? value) in StdioClientTransportOptions.GetDefaultEnvironmentVariables())
        {
            start.Environment[name] = value;
        }

        foreach ((string name, string value) in entry.Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return new ChildServer(Process.Start(start)!, mostBytes);
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException or ArgumentException)
        {
            throw new GemmaVkException($"server {entry.Name}: expected a program that can be started, but {entry.Command} cannot: {Complaint.Of(e)} Check \"command\" and \"cwd\".", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            // The end of its input tells a server to end; one that does not is ended, with what it started.
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has gone, and what was on the way to it with it.
        }

        using CancellationTokenSource patience = new(Patience);
        await _process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await Output.DisposeAsync().ConfigureAwait(false);
        await _reading.WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process.Dispose();
    }

    /// <summary>The program; on Linux through setsid where there is one, so that Ctrl-C reaches this program alone and a call can be cancelled without the server's end.</summary>
    private static string Program(string command)
    {
        const string Session = "/usr/bin/setsid";
        bool isThere = command.Contains('/', StringComparison.Ordinal) ? File.Exists(command)
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => folder.Length > 0 && File.Exists(Path.Join(folder, command)));
        return OperatingSystem.IsLinux() && isThere && File.Exists(Session) ? Session : command;
    }

    private async Task ReadWords()
    {
        char[] block = new char[4096];
        try
        {
            for (int count; (count = await _process.StandardError.ReadAsync(block).ConfigureAwait(false)) > 0;)
            {
                lock (_words)
                {
                    _words.Append(block, Math.Max(0, count - KeptWords), Math.Min(count, KeptWords));
                    _words.Remove(0, Math.Max(0, _words.Length - KeptWords));
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The program went, and its words with it.
        }
    }
}
