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
    private const string Writing = "make-checkpoint assistant --out made";
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
        ShellRun.WaitFor(() => Listens(process), "the start");
        Assert.True(End(process, signal));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [LinuxTheory]
    [InlineData(Terminate)]
    [InlineData(Hangup)]
    [InlineData(Interrupt)]
    public void While_it_answers(int signal)
    {
        Assert.True(AtWork(
            "generate --device cpu --raw 'Once upon a time' --max-tokens 4000 --context 4096 --temperature 1",
            (process, _) => Assert.True(process.StandardOutput.BaseStream.ReadByte() >= 0),
            (process, _) => End(process, signal)));
    }

    [LinuxFact]
    public void A_chat_goes_on_after_Ctrl_C_and_not_after_the_others()
    {
        using TemporaryFolder folder = new();
        using Process process = Start("chat --device cpu", folder);
        process.StandardInput.Write("What is the capital of Japan?\n");
        process.StandardInput.Flush();
        Assert.True(process.StandardOutput.BaseStream.ReadByte() >= 0);
        Assert.True(End(process, Terminate));
    }

    [LinuxTheory]
    [InlineData(Terminate)]
    [InlineData(Hangup)]
    public void While_it_writes_gigabytes(int signal)
    {
        Assert.True(AtWork(Writing, Writes, (process, _) => End(process, signal)));
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
        Assert.True(End(process, signal));
        ShellRun.WaitFor(() => !IsAtWork(child), "the end of ffmpeg");
    }

    [LinuxFact]
    public void Killed_it_leaves_nothing_that_the_next_run_does_not_clear_away()
    {
        Assert.True(AtWork(Writing, Writes, (process, folder) =>
        {
            _ = Send(process.Id, Kill);
            process.WaitForExit();
            if (!File.Exists(folder["made.partial/model.safetensors.partial"]))
            {
                return false;
            }

            // Made anew by the second run, which so tells that it is at work.
            File.Delete(folder["made.partial/config.json"]);
            using Process again = Start(Writing, folder);
            ShellRun.WaitFor(() => again.HasExited || (File.Exists(folder["made.partial/config.json"]) && File.Exists(folder["made.partial/model.safetensors.partial"])), "the file");
            if (!End(again, Terminate))
            {
                return false;
            }

            // Sockets and pipes of a runtime that was killed stay.
            foreach (string file in Directory.GetFiles(folder.Path).Where(file => !Path.GetFileName(file).StartsWith("made", StringComparison.Ordinal)))
            {
                File.Delete(file);
            }

            return true;
        }));
    }

    [LinuxFact]
    public void What_was_told_to_survive_a_hangup_does()
    {
        ShellRun run = ShellRun.Of("trap '' HUP; gemmavk generate --device cpu --raw 'Once' --max-tokens 30 > /dev/null 2>&1 & sleep 0.7; kill -HUP $!; wait $!");
        Assert.Equal(0, run.Code);
    }

    private static Process Start(string arguments, TemporaryFolder folder, string variables = "") =>
        ShellRun.Start($"exec env TMPDIR={folder.Path} {variables} dotnet '{typeof(Program).Assembly.Location}' {arguments}", folder.Path);

    /// <summary>Starts work, waits until it runs, ends it and looks what stays. Work that was done before it could be ended tells nothing, and is begun again.</summary>
    /// <param name="until">Waits until it runs.</param>
    /// <param name="end">Ends it; false where it was done before.</param>
    private static bool AtWork(string arguments, Action<Process, TemporaryFolder> until, Func<Process, TemporaryFolder, bool> end)
    {
        for (int attempt = 0; attempt < 5; attempt++)
        {
            using TemporaryFolder folder = new();
            using Process process = Start(arguments, folder);
            until(process, folder);
            if (end(process, folder))
            {
                Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
                return true;
            }
        }

        return false;
    }

    private static void Writes(Process process, TemporaryFolder folder) =>
        ShellRun.WaitFor(() => process.HasExited || File.Exists(folder["made.partial/model.safetensors.partial"]), "the file");

    /// <summary>Ends a process by a signal.</summary>
    /// <returns>Whether the signal did that; false where the process was done before.</returns>
    private static bool End(Process process, int signal)
    {
        _ = Send(process.Id, signal);
        // Its answer so far is read, so that it does not wait for room in the pipe.
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        bool ended = process.WaitForExit(TimeSpan.FromSeconds(60));
        if (!ended)
        {
            process.Kill(entireProcessTree: true);
        }

        Assert.True(ended, $"signal {signal} did not end it");
        Assert.Contains(process.ExitCode, (int[])[0, 128 + signal]);
        return process.ExitCode != 0;
    }

    // Signals have their handlers one after the other, that of the hangup last.
    private static bool Listens(Process process)
    {
        Assert.False(process.HasExited, process.HasExited ? process.StandardError.ReadToEnd() : "");
        const ulong All = (1 << (Hangup - 1)) | (1 << (Interrupt - 1)) | (1 << (Quit - 1)) | (1 << (Terminate - 1));
        string caught = File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith("SigCgt:", StringComparison.Ordinal));
        return (ulong.Parse(caught["SigCgt:".Length..].Trim(), System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture) & All) == All;
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
