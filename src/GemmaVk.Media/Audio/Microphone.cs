using System;
using System.IO;
using GemmaVk.Tensors;

namespace GemmaVk.Media.Audio;

/// <summary>The sound input that a system has by itself.</summary>
internal static class Microphone
{
    /// <summary>ffmpeg's format and device, with a colon between.</summary>
    /// <exception cref="GemmaVkException">On Windows, where every microphone has its own name.</exception>
    public static string Usual()
    {
        if (OperatingSystem.IsWindows())
        {
            throw new GemmaVkException("The microphone must be named on Windows, but no name was given; 'ffmpeg -list_devices true -f dshow -i dummy' lists them: give dshow:audio=NAME.");
        }

        return OperatingSystem.IsMacOS() ? "avfoundation::default" : HasPulse() ? "pulse:default" : "alsa:default";
    }

    // PulseAudio, and PipeWire in its place, listen on a socket of the session.
    private static bool HasPulse() =>
        Environment.GetEnvironmentVariable("PULSE_SERVER") is { Length: > 0 }
        || (Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } session && File.Exists(Path.Combine(session, "pulse", "native")));
}
