using System;
using System.IO;
using GemmaVk.Cli.Terminals;
using GemmaVk.Documents;
using GemmaVk.Documents.Answers;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Reading;

/// <summary>Documents of a chat: a command opens one, and it stays open for all that is asked after it.</summary>
internal sealed class ChatDocuments(DocumentDesk desk, Terminal terminal)
{
    /// <summary>The command that a path follows.</summary>
    public const string Command = "/document";

    /// <summary>Reads the document of a line such as "/document manual.pdf" or "/document manual.pdf 3-7".</summary>
    /// <returns>Whether it was such a line.</returns>
    public bool Take(string line)
    {
        string[] words = line.Trim().Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries);
        if (words is not [Command, ..])
        {
            return false;
        }

        try
        {
            (string path, PageRange? pages) = words.Length > 1 ? Named(words[1].Trim()) : throw new GemmaVkException($"{Command}: expected a path after it, such as {Command} manual.pdf, or {Command} manual.pdf 3-7 for those pages.");
            using Interruption.Listener interruption = terminal.Interruption.Listen();
            desk.Add(OpenedDocuments.Read(Command, path, pages, interruption.Token), interruption.Token);
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

    // A name may end as pages are written: a file that is there goes before.
    private static (string Path, PageRange? Pages) Named(string typed)
    {
        string whole = PathCompletion.Path(typed);
        int blank = typed.LastIndexOf(' ');
        string last = typed[(blank + 1)..];
        return blank < 0 || File.Exists(whole) || !char.IsAsciiDigit(last[0]) || last.AsSpan().ContainsAnyExcept("0123456789,-")
            ? (whole, null)
            : (PathCompletion.Path(typed[..blank].TrimEnd()), PageRange.Parse(last, Command));
    }
}
