using System;
using GemmaVk.Cli.Prompting;
using GemmaVk.Cli.Terminals;
using GemmaVk.Documents.Answers;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Reading;

/// <summary>Documents of a chat: a command opens one, and it stays open for all that is asked after it.</summary>
internal sealed class ChatDocuments(DocumentDesk desk, Terminal terminal)
{
    /// <summary>The command that a path follows.</summary>
    public const string Command = "/document";

    /// <summary>Reads the document of a line such as "/document manual.pdf".</summary>
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
            string path = words.Length > 1 ? PathCompletion.Path(words[1].Trim()) : throw new GemmaVkException($"{Command}: expected a path after it, such as {Command} manual.pdf.");
            using Interruption.Listener interruption = terminal.Interruption.Listen();
            desk.Add(OpenedDocuments.Read(Command, path, null, interruption.Token), interruption.Token);
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
}
