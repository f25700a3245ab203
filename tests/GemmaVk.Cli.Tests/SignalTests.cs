using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>Signals end every kind of work with 128 and their number, and nothing stays behind: no child, no unfinished file, no socket.</summary>
public sealed partial class SignalTests
{
    private const int Hangup = 1, Interrupt = 2, Quit = 3, Kill = 9, Terminate = 15;

    [LinuxTheory]
    [InlineData(Terminate)]
    [InlineData(Hangup)]
    [InlineData(Interrupt)]
    [InlineData(Quit)]
    public void While_it_waits_for_a_prompt(int signal)
    {
        using TemporaryFolder folder = new();
        using Process process = Start("generate --device cpu", folder);
        // The program listens once the runtime has its sockets, and a little later.
        ShellRun.WaitFor(() => Directory.GetFiles(folder.Path, "dotnet-diagnostic-*").Length > 0, "the start");
        System.Threading.Thread.Sleep(700);
        End(process, signal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [LinuxTheory]
    [InlineData(Terminate)]
    [InlineData(Hangup)]
    [InlineData(Interrupt)]
    public void While_it_answers(int signal)
    {
        using TemporaryFolder folder = new();
        using Process process = Start("generate --device cpu --raw 'Once upon a time' --max-tokens 4000 --context 4096 --temperature 1", folder);
        Assert.True(process.StandardOutput.BaseStream.ReadByte() >= 0);
        End(process, signal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [LinuxFact]
    public void A_chat_goes_on_after_Ctrl_C_and_not_after_the_others()
    {
        using TemporaryFolder folder = new();
        using Process process = Start("chat --device cpu", folder);
        process.StandardInput.Write("What is the capital of Japan?\n");
        process.StandardInput.Flush();
        Assert.True(process.StandardOutput.BaseStream.ReadByte() >= 0);
        End(process, Terminate);
    }

    [LinuxTheory]
    [InlineData(Terminate)]
    [InlineData(Hangup)]
    public void While_it_writes_gigabytes(int signal)
    {
        using TemporaryFolder folder = new();
        using Process process = Start("make-checkpoint assistant --out made", folder);
        ShellRun.WaitFor(() => File.Exists(folder["made.partial/model.safetensors.partial"]), "the file");
        End(process, signal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [LinuxTheory]
    [InlineData(Terminate)]
    [InlineData(Interrupt)]
    public void While_ffmpeg_works(int signal)
    {
        using TemporaryFolder folder = new();
        string id = folder["ffmpeg.pid"];
        foreach (string program in (string[])["ffmpeg", "ffprobe"])
        {
            File.WriteAllText(folder[program], $"#!/bin/sh\necho $$ > {id}.new; mv {id}.new {id}\nexec sleep 1000\n");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(folder[program], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }

        // Bytes of a JPEG file: what ffmpeg would read.
        File.WriteAllBytes(folder["a.jpg"], [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, .. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xFF, 0xD9]);
        using Process process = Start("inspect a.jpg", folder, $"PATH={folder.Path}:$PATH");
        ShellRun.WaitFor(() => File.Exists(id), "ffmpeg");
        int child = int.Parse(File.ReadAllText(id), System.Globalization.CultureInfo.InvariantCulture);
        End(process, signal);
        ShellRun.WaitFor(() => !IsAtWork(child), "the end of ffmpeg");
    }

    [LinuxFact]
    public void Killed_it_leaves_nothing_that_the_next_run_does_not_clear_away()
    {
        using TemporaryFolder folder = new();
        using (Process process = Start("make-checkpoint assistant --out made", folder))
        {
            ShellRun.WaitFor(() => File.Exists(folder["made.partial/model.safetensors.partial"]), "the file");
            _ = Send(process.Id, Kill);
            process.WaitForExit();
        }

        // Made anew by the second run, which so tells that it is at work.
        File.Delete(folder["made.partial/config.json"]);
        using Process again = Start("make-checkpoint assistant --out made", folder);
        ShellRun.WaitFor(() => File.Exists(folder["made.partial/config.json"]) && File.Exists(folder["made.partial/model.safetensors.partial"]), "the file");
        End(again, Terminate);
        Assert.DoesNotContain(Directory.GetFileSystemEntries(folder.Path), entry => Path.GetFileName(entry).StartsWith("made", StringComparison.Ordinal));
    }

    [LinuxFact]
    public void What_was_told_to_survive_a_hangup_does()
    {
        ShellRun run = ShellRun.Of("trap '' HUP; gemmavk generate --device cpu --raw 'Once' --max-tokens 30 > /dev/null 2>&1 & sleep 0.7; kill -HUP $!; wait $!");
        Assert.Equal(0, run.Code);
    }

    private static Process Start(string arguments, TemporaryFolder folder, string variables = "") =>
        // Whoever runs the tests may have told them to survive some of these signals, and children inherit that.
        ShellRun.Start($"exec env --default-signal=HUP,INT,QUIT,TERM TMPDIR={folder.Path} {variables} dotnet '{typeof(Program).Assembly.Location}' {arguments}", folder.Path);

    private static void End(Process process, int signal)
    {
        Assert.Equal(0, Send(process.Id, signal));
        // Its answer so far is read, so that it does not wait for room in the pipe.
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        bool ended = process.WaitForExit(TimeSpan.FromSeconds(60));
        if (!ended)
        {
            process.Kill(entireProcessTree: true);
        }

        Assert.True(ended, $"signal {signal} did not end it");
        Assert.Equal(128 + signal, process.ExitCode);
    }

    private static bool IsAtWork(int process)
    {
        string status = $"/proc/{process}/stat";
        // What has ended and is not waited for yet is a zombie.
        return File.Exists(status) && File.ReadAllText(status).Split(')').Last().Trim()[0] != 'Z';
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
