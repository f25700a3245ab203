using System;
using System.Diagnostics;
using System.IO;
using System.Net.Http;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>"gemmavk serve" as a process of its own.</summary>
internal sealed class ServeProcess : IDisposable
{
    private readonly Process _process;

    private ServeProcess(Process process, Uri address)
    {
        _process = process;
        Client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
    }

    public HttpClient Client { get; }

    public Uri Address => Client.BaseAddress!;

    /// <summary>Starts one on the small model and waits for its line.</summary>
    public static async Task<ServeProcess> Start(params string[] flags)
    {
        Process process = Run(["--device", "cpu", "--sessions", "1", "--context", "1024", .. flags]);
        string? line = await process.StandardOutput.ReadLineAsync();
        Match address = Regex.Match(line ?? "", "^Page (http://127.0.0.1:\\d+/) and API http://127.0.0.1:\\d+/v1; Ctrl-C ends\\.$");
        Assert.True(address.Success, line + await (line is null ? process.StandardError.ReadToEndAsync() : Task.FromResult("")));
        return new ServeProcess(process, new Uri(address.Groups[1].Value));
    }

    /// <summary>Starts one that is to end by itself.</summary>
    public static async Task<(int Code, string Error)> Ends(params string[] flags)
    {
        using Process process = Run(flags);
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, error);
    }

    /// <summary>Ends it at once, as the system does where memory is short.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Tells it to end, and gives its exit code.</summary>
    public async Task<int> Terminate()
    {
        using Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
        Client.Dispose();
    }

    private static Process Run(string[] flags) => Process.Start(new ProcessStartInfo(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "GemmaVk.Cli.dll"), "serve", "--model", Repository.Pebble, .. flags])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
