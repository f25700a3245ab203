using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Prompting;

/// <summary>Pictures, sounds and clips of a chat: a command names one, and it goes with the next line that is said.</summary>
internal sealed class ChatMedia(MediaLoader loader, Terminal terminal)
{
    /// <summary>The commands that a path follows.</summary>
    public static IReadOnlyList<string> Commands { get; } = ["/image", "/audio", "/video"];

    private readonly List<LoadedMedia> _waiting = [];

    /// <summary>What goes with the next line.</summary>
    public IReadOnlyList<LoadedMedia> Waiting => _waiting;

    /// <summary>Reads the file of a line such as "/image photo.jpg".</summary>
    /// <returns>Whether it was such a line.</returns>
    public bool Take(string line)
    {
        string[] words = line.Trim().Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || !Commands.Contains(words[0]) || GivenMedia.KindOf(words[0]) is not { } kind)
        {
            return false;
        }

        string path = words.Length > 1 ? PathCompletion.Path(words[1].Trim()) : "";
        if (path.Length == 0)
        {
            terminal.Error.WriteLine($"{words[0]}: expected a path after it, such as {words[0]} {Example(words[0])}.");
            return true;
        }

        try
        {
            using Interruption.Listener interruption = terminal.Interruption.Listen();
            LoadedMedia media = loader.Load(kind, path, interruption.Token);
            _waiting.Add(media);
            terminal.Error.WriteLine($"{Path.GetFileName(media.Name)}: {media.Summary}, for the next line{(media.Note is { } note ? $"; {note}" : "")}.");
        }
        catch (GemmaVkException error)
        {
            terminal.Error.WriteLine(error.Message);
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine("(stopped)");
        }

        return true;
    }

    /// <summary>Forgets what waits: it was said, or is not wanted.</summary>
    public void Clear() => _waiting.Clear();

    private static string Example(string command) => command switch { "/image" => "photo.jpg", "/audio" => "note.m4a", _ => "clip.mp4" };
}
