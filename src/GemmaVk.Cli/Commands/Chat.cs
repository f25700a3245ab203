using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text;
using GemmaVk.Cli.Answers;
using GemmaVk.Cli.Calling;
using GemmaVk.Cli.Chats;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Prompting;
using GemmaVk.Cli.Reading;
using GemmaVk.Cli.Routing;
using GemmaVk.Cli.Terminals;
using GemmaVk.Documents.Answers;
using GemmaVk.Hybrid.Rules;
using GemmaVk.Model;
using GemmaVk.Runtime.Forward;
using GemmaVk.Tensors;
using GemmaVk.Weights;
using Spectre.Console;

namespace GemmaVk.Cli.Commands;

/// <summary>A conversation: what was said stays in the cache, so each turn costs its own tokens only.</summary>
internal sealed class Chat : Verb
{
    private readonly ModelOption _model = new();
    private readonly MmprojOption _mmproj = new();
    private readonly DeviceOption _device = new();
    private readonly MediaOptions _media = new();
    private readonly AnswerOptions _answer = new();
    private readonly DocumentOptions _documents = new();
    private readonly DrafterOptions _drafter = new();
    private readonly BudgetOptions _budget = new();
    private readonly PrecisionOptions _precision = new(new Precision());
    private readonly ToolServerOptions _tools = new();
    private readonly RouteOption _route = new();
    private readonly SessionOption _session = new("when the chat ends (/exit, or the end of input)");

    private readonly WordOption _whenFull = new(
        "--when-full", "What to do when the context is full: forget the oldest turns and go on (drop), stop, or ask. Default: ask, which stops where nobody can answer.",
        "drop keeps the system text and the newest turns", "ask", "drop", "stop");

    public Chat()
        : base("chat", "Talks in turns. Ctrl-C stops the answer, not the program; /help lists what else can be typed.")
    {
        base.Options.Add(_model);
        base.Options.Add(_mmproj);
        base.Options.Add(_device);
        _documents.AddTo(this);
        _media.AddSettingsTo(this);
        _answer.AddTo(this);
        _tools.AddTo(this);
        _drafter.AddTo(this);
        _budget.AddTo(this);
        base.Options.Add(_whenFull);
        base.Options.Add(_route);
        base.Options.Add(_session);
        _precision.AddTo(this);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk chat",
        "gemmavk chat --think --temperature 0",
        "printf '/image weights/examples/picture-1.png\\nHow many shapes are there?\\n' | gemmavk chat",
        "gemmavk chat --model ~/gemma-4-12b --weights int4 --context 8192 --system \"You are a patient teacher.\"",
        "gemmavk chat --context 4096 --when-full drop",
        "gemmavk chat --docs ~/manuals",
        "gemmavk chat --session talk.session",
        "gemmavk chat --tool calculator,date",
        "gemmavk chat --route route.json",
        "gemmavk chat --mcp servers.json --tool files --allow-folder notes",
        "printf 'What are you?\\nCount from one to three.\\n' | gemmavk chat",
    ];

    public override IReadOnlyList<string> First { get; } = ["--model", "--device", "--system", "--think", "--max-tokens", "--temperature", "--context", "--when-full"];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        Terminal terminal = surroundings.Terminal;
        AskOptions options = _answer.Read(parsed);
        int? context = _answer.Context(parsed);
        string whenFull = _whenFull.Read(parsed) ?? "ask";
        string? file = _session.Read(parsed);
        ToolWishes? wishes = _tools.Read(parsed);
        RouteFile? rules = _route.Rules(parsed);
        string folder = _model.Folder(parsed);
        MediaLoader loader = new(Checkpoint.ConfigOf(folder, parsed.GetValue(_mmproj)!), _media.Settings(parsed));
        using OpenedDocuments opened = OpenedDocuments.Of(_documents, parsed, terminal);
        EngineOptions load = new()
        {
            Model = folder,
            Mmproj = parsed.GetValue(_mmproj)!,
            Device = parsed.GetValue(_device)!,
            Precision = _precision.Read(parsed),
            Context = context,
            ImageTokens = loader.LargestPicture,
        };
        using GemmaEngine engine = surroundings.Load(
            _drafter.Read(parsed, _budget.Over(load, parsed)),
            out double loadSeconds);
        ChatMedia media = new(loader, terminal);
        using StreamReader input = new(terminal.In, new UTF8Encoding(false, throwOnInvalidBytes: true), leaveOpen: true);
        IAnsiConsole? screen = terminal.InIsRedirected ? null : AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(terminal.Error) });
        screen?.MarkupLineInterpolated($"[bold]{engine.Backend.Device.Name}[/]. /help lists commands, /exit leaves.");
        Func<string, string?> line = Lines(terminal, screen, input);
        using ToolDesk? desk = wishes is null ? null : Desk(wishes, terminal, loader, line);
        // Lines of a pipe are talk: nobody is there to be asked.
        RouteDesk? route = rules is null ? null : new(rules, terminal, terminal.InIsRedirected ? null : line);
        AnswerPrinter printer = new(terminal) { Hides = call => desk?.Runs(call) == true };
        Conversation? full = null;
        options = options with
        {
            WhenFull = turns =>
            {
                bool makes = MakesRoom(whenFull, turns, terminal, line, printer);
                if (makes)
                {
                    full!.Drop(turns);
                }

                return makes;
            },
        };
        using DocumentDesk documents = opened.Desk(engine, context ?? engine.DefaultContextLength, loader, terminal);
        using Conversation talk = new(engine, context, options, media, documents, terminal, printer, desk, route);
        full = talk;
        if (file is not null && File.Exists(file))
        {
            talk.Load(file, options);
        }

        ChatCommands commands = new(talk, media, new ChatDocuments(documents, terminal), terminal, () => ShowStats(engine, talk, loadSeconds, terminal));
        try
        {
            while (Turn(line, () => talk.Prompt) is { } turn && !ChatCommands.Leaves(turn))
            {
                if (!string.IsNullOrWhiteSpace(turn) && !commands.Take(turn))
                {
                    talk.Say(turn);
                    if (surroundings.Verbose)
                    {
                        ShowStats(engine, talk, loadSeconds, terminal);
                    }
                }
            }
        }
        catch (DecoderFallbackException e)
        {
            throw new GemmaVkException("standard input: expected UTF-8 text, but other bytes came; set the terminal to UTF-8 or convert the text.", e);
        }

        if (file is not null)
        {
            talk.SaveSession(file);
        }

        return ExitCode.Done;
    }

    private static ToolDesk Desk(ToolWishes wishes, Terminal terminal, MediaLoader loader, Func<string, string?> line)
    {
        ToolDesk desk = ToolDesk.Open(wishes, terminal, () => loader, terminal.InIsRedirected ? null : line);
        terminal.Error.WriteLine($"Offered: {string.Join(", ", desk.Declarations.Select(tool => tool.Name))}. /tools lists them.");
        return desk;
    }

    private static void ShowStats(GemmaEngine engine, Conversation talk, double loadSeconds, Terminal terminal)
    {
        if (talk.Last is { } last)
        {
            AnswerFigures.Of(engine, last.Answer.Stats, loadSeconds, media: last.Media).WriteTable(terminal.Error);
        }
        else
        {
            terminal.Error.WriteLine("No answer yet.");
        }

        terminal.Error.WriteLine(talk.Fill);
    }

    /// <summary>Where lines come from: an editor where a person types, the stream elsewhere.</summary>
    private static Func<string, string?> Lines(Terminal terminal, IAnsiConsole? screen, TextReader input)
    {
        if (terminal.Keys is null || screen is null)
        {
            return prompt =>
            {
                screen?.MarkupInterpolated($"[green]{prompt}[/]");
                return input.ReadLine();
            };
        }

        // However the program ends, the terminal is left as it was.
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
            terminal.Error.Write(LineEditor.EndPasteMarks + Dimmed.Off + (Environment.ExitCode == ExitCode.Interrupted ? Environment.NewLine : ""));
        LineEditor editor = new(
            terminal.Keys, terminal.Error, terminal.Columns, typed => PathCompletion.Complete(typed, ChatCommands.All, ChatCommands.WithPath), terminal.KeyWaits);
        return editor.Read;
    }

    /// <summary>Lines up to one that does not end in a backslash, or null at the end of input.</summary>
    private static string? Turn(Func<string, string?> next, Func<string> prompt)
    {
        StringBuilder text = new();
        while (true)
        {
            string? line = next(text.Length == 0 ? prompt() : ". ");
            if (line is null)
            {
                return text.Length > 0 ? text.ToString() : null;
            }

            if (!line.EndsWith('\\'))
            {
                return text.Append(line).ToString();
            }

            text.Append(line.AsSpan(0, line.Length - 1)).Append('\n');
        }
    }

    /// <summary>Whether the oldest turns are forgotten, by the flag or by whoever sits there.</summary>
    private static bool MakesRoom(string whenFull, int turns, Terminal terminal, Func<string, string?> next, AnswerPrinter printer)
    {
        string oldest = turns == 1 ? "the oldest turn" : $"the {turns} oldest turns";
        if (whenFull == "drop")
        {
            printer.Finish();
            terminal.Error.WriteLine($"(the context is full: {oldest} forgotten)");
            return true;
        }

        if (whenFull == "stop" || terminal.InIsRedirected)
        {
            return false;
        }

        printer.Finish();
        return next($"The context is full. Forget {oldest} and go on? [Y/n] ") is { } line && line.Trim().ToUpperInvariant() is "" or "Y" or "YES";
    }
}
