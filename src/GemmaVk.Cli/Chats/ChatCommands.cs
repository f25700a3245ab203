using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Cli.Help;
using GemmaVk.Cli.Prompting;
using GemmaVk.Cli.Reading;
using GemmaVk.Cli.Terminals;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Chats;

/// <summary>Lines of a chat that begin with a slash and are no talk.</summary>
/// <param name="talk">What they act on.</param>
/// <param name="media">Takes files.</param>
/// <param name="documents">Takes documents.</param>
/// <param name="terminal">Where they answer.</param>
/// <param name="stats">Shows the figures of the last answer.</param>
internal sealed class ChatCommands(Conversation talk, ChatMedia media, ChatDocuments documents, Terminal terminal, Action stats)
{
    private const string List =
        """
        /image PATH   a picture for what you say next, and so /audio PATH, /video PATH;
                      {} in what you say is where it stands; Tab completes paths
        /document PATH  a document for all that you ask from now on; PATH 3-7 takes
                      those pages
        /system TEXT  instructions from the next line on; without a text none
        /tools FILE   functions that the model may call (JSON); the line after a call
                      is its result, /skip gives none; without FILE no such
                      functions, and a list of the tools that are run
        /retry        the last question again, with another seed
        /undo         take back the last question and its answer
        /save FILE    write the conversation as JSON messages; FILE.session writes it
                      with its cache, to go on later
        /load FILE    go on with a conversation of a .session file
        /stats        figures of the last answer, and how full the context is
        /clear        forget the conversation and start again
        /help         this list
        /exit         leave (or end of input, or Ctrl-C at the prompt)
        A line that ends in \ goes on in the next one; pasted lines stay together.
        Ctrl-C during an answer stops that answer.
        """;

    private static readonly string[] Plain = ["/system", "/skip", "/retry", "/undo", "/stats", "/clear", "/help", "/exit", "/quit"];

    /// <summary>The commands that a path follows.</summary>
    public static IReadOnlyList<string> WithPath { get; } = [.. ChatMedia.Commands, ChatDocuments.Command, "/tools", "/save", "/load"];

    /// <summary>All commands.</summary>
    public static IReadOnlyList<string> All { get; } = [.. WithPath, .. Plain];

    /// <summary>Whether a line ends the chat.</summary>
    public static bool Leaves(string line) => line.Trim() is "/exit" or "/quit";

    /// <summary>Does what a line asks for.</summary>
    /// <returns>Whether it was a command; else it is talk.</returns>
    public bool Take(string line)
    {
        if (media.Take(line) || documents.Take(line))
        {
            return true;
        }

        string[] words = line.Trim().Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || !words[0].StartsWith('/'))
        {
            return false;
        }

        string rest = words.Length > 1 ? words[1].Trim() : "";
        try
        {
            return Run(words[0], rest);
        }
        catch (GemmaVkException error)
        {
            terminal.Error.WriteLine(error.Message);
            return true;
        }
    }

    private bool Run(string command, string rest)
    {
        switch (command)
        {
            case "/system":
                talk.Instruct(rest);
                return true;
            case "/tools":
                talk.Offer(PathCompletion.Path(rest));
                return true;
            case "/load":
                talk.Load(rest.Length > 0 ? PathCompletion.Path(rest) : throw new GemmaVkException("/load: expected a file of /save after it, such as /load talk.session."));
                return true;
            case "/save":
                talk.Save(rest.Length > 0 ? PathCompletion.Path(rest) : throw new GemmaVkException("/save: expected a new file after it, such as /save talk.json."));
                return true;
        }

        if (rest.Length > 0)
        {
            // "/stats are nice" is talk; "/sytem You are..." was meant as a command.
            return All.Any(each => each != command && Spelling.Mistakes(command, each) == 1) && Unknown(command);
        }

        switch (command)
        {
            case "/skip":
                talk.Skip();
                return true;
            case "/retry":
                talk.Retry();
                return true;
            case "/undo":
                talk.Undo();
                return true;
            case "/stats":
                stats();
                return true;
            case "/clear":
                talk.Clear();
                return true;
            case "/help":
                terminal.Error.WriteLine(List);
                return true;
            default:
                // A path alone is talk.
                return command.Length > 1 && !command[1..].Contains('/', StringComparison.Ordinal) && Unknown(command);
        }
    }

    private bool Unknown(string command)
    {
        string shown = VisibleText.Line(command);
        terminal.Error.WriteLine(Spelling.Nearest(command, All) is { } meant
            ? $"{shown}: did you mean {meant}? /help lists what can be typed."
            : $"{shown}: expected {string.Join(", ", All.Take(All.Count - 2))} or /exit.");
        return true;
    }
}
