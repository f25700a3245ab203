using System;
using System.Collections.Generic;
using System.IO;
using GemmaVk.Tensors;

namespace GemmaVk.Media;

/// <summary>
/// The ffmpeg program, which reads every format but PNG and WAV. It is never looked for in the current folder, run without a shell, and may open
/// only the file it is given: no network, no other format than the one the file's bytes say.
/// </summary>
public static class Ffmpeg
{
    /// <summary>How to get it on this system: one line.</summary>
    public static string Installation =>
        OperatingSystem.IsWindows() ? "winget install ffmpeg"
        : OperatingSystem.IsMacOS() ? "brew install ffmpeg"
        : "sudo apt install ffmpeg";

    /// <summary>The program's full path, or null where the path has none.</summary>
    public static string? Find() => Find("ffmpeg", Environment.GetEnvironmentVariable("PATH"));

    internal static string? Find(string program, string? path)
    {
        string file = OperatingSystem.IsWindows() ? program + ".exe" : program;
        foreach (string folder in (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Path.IsPathFullyQualified(folder) && File.Exists(Path.Combine(folder, file)))
            {
                return Path.Combine(folder, file);
            }
        }

        return null;
    }

    /// <summary>The program, for a file that needs it.</summary>
    /// <param name="limits">May name the program.</param>
    /// <param name="subject">The file and what it is, for the message: "a.jpg is a JPEG picture".</param>
    /// <exception cref="GemmaVkException">There is none.</exception>
    internal static string Require(MediaLimits limits, string subject)
    {
        string? program = limits.FfmpegProgram ?? Find();
        return program is not null && File.Exists(program) ? program : throw new GemmaVkException(
            $"{subject}, which is read through ffmpeg, but {(limits.FfmpegProgram is null ? "no 'ffmpeg' is on the path" : $"there is no {program}")}; install it with '{Installation}', or convert the file to PNG or WAV.");
    }

    /// <summary>ffprobe, which comes in the same package and lies beside it.</summary>
    internal static string RequireProbe(string ffmpeg, string subject)
    {
        string name = OperatingSystem.IsWindows() ? "ffprobe.exe" : "ffprobe";
        string beside = Path.Combine(Path.GetDirectoryName(ffmpeg)!, name);
        return File.Exists(beside) ? beside
            : Find("ffprobe", Environment.GetEnvironmentVariable("PATH"))
            ?? throw new GemmaVkException($"{subject}, which needs ffprobe beside ffmpeg, but there is none; install the whole package with '{Installation}'.");
    }

    /// <summary>The arguments before the output's: quiet, no keyboard, this one file or pipe in this format only.</summary>
    /// <param name="input">A path, or null for standard input.</param>
    /// <param name="kind">What the file's bytes say.</param>
    /// <param name="limits">Pixels of a frame.</param>
    /// <param name="options">More options of the input.</param>
    internal static List<string> Input(string? input, MediaKind kind, MediaLimits limits, params string[] options) =>
    [
        "-nostdin", "-hide_banner", "-loglevel", "error", .. Guards(kind, limits), .. options, "-i", Name(input),
    ];

    /// <summary>Arguments that keep ffmpeg and ffprobe to one file of one format.</summary>
    internal static string[] Guards(MediaKind kind, MediaLimits limits) =>
        ["-protocol_whitelist", "file,pipe", "-f", kind.Demuxer, "-max_pixels", $"{limits.Pixels}"];

    // With "file:" no name is taken for an option, another protocol, or a pattern.
    internal static string Name(string? path) => path is null ? "pipe:0" : "file:" + Path.GetFullPath(path);
}
