using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Threading;
using GemmaVk.Cli.Answers;
using GemmaVk.Cli.Calling;
using GemmaVk.Cli.Prompting;
using GemmaVk.Cli.Reading;
using GemmaVk.Cli.Routing;
using GemmaVk.Cli.Terminals;
using GemmaVk.Documents.Answers;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Cli.Chats;

/// <summary>What is said in a chat: the session that holds it, and a record of it for /retry, /undo and /save.</summary>
/// <param name="engine">The model.</param>
/// <param name="context">Most positions, or null for the engine's own.</param>
/// <param name="options">How to answer.</param>
/// <param name="media">Files that go with the next line.</param>
/// <param name="desk">Documents to answer from.</param>
/// <param name="terminal">Where answers go.</param>
/// <param name="printer">Shows them as they come.</param>
/// <param name="calls">Tools that the program runs, or null.</param>
/// <param name="route">Says who answers, or null where the model here does.</param>
internal sealed partial class Conversation(
    GemmaEngine engine, int? context, AskOptions options, ChatMedia media, DocumentDesk desk, Terminal terminal, AnswerPrinter printer, ToolDesk? calls = null, RouteDesk? route = null) : IDisposable
{
    private const string Remedy = "/clear starts again, --when-full drop forgets the oldest turns and goes on, a larger --context holds more";
    private const int GaugeCells = 8;

    private readonly List<ChatTurn> _turns = [];
    private readonly List<ToolOutput> _results = [];
    private GemmaSession _session = engine.NewSession(context);
    private IReadOnlyList<OfferedTool> _tools = [];
    private string _question = "";
    private int _dropped;
    private ulong _seed = options.Draw.Seed ?? 0;

    /// <summary>How to answer.</summary>
    public AskOptions Options { get; set; } = Offering(options, [], calls, desk.Tool);

    /// <summary>The newest answer with what came with its question, or null.</summary>
    public (Answer Answer, IReadOnlyList<LoadedMedia> Media)? Last => _turns is [.., { Answers: [.., var answer] } turn] && answer.Ids.Count > 0 ? (answer, turn.Media) : null;

    /// <summary>The call whose result is awaited, or null.</summary>
    public ToolCall? OpenCall => _session.OpenCalls.Count > _results.Count ? _session.OpenCalls[_results.Count] : null;

    /// <summary>How full the context is: <c>[##------] 21 % > </c>.</summary>
    public string Prompt
    {
        get
        {
            // The token that closes a full conversation waits outside of it.
            double share = Math.Min(1, (double)_session.Length / _session.Context);
            int full = (int)Math.Round(share * GaugeCells);
            string waiting = OpenCall is { } call ? $"result of {call.Name}" : "";
            return string.Create(CultureInfo.InvariantCulture, $"[{new string('#', full)}{new string('-', GaugeCells - full)}] {share * 100:F0} % {waiting}> ");
        }
    }

    /// <summary>Positions in use, in a sentence.</summary>
    public string Fill => $"{_session.Length} of {_session.Context} positions of the context are in use.";

    /// <summary>Says a line with all files that wait, or gives it as the result of a call.</summary>
    public void Say(string line)
    {
        if (OpenCall is not null)
        {
            _results.Add(new ToolOutput(Value(line)));
            RunCalls();
            return;
        }

        RefreshTools();
        ChatTurn turn = new(line, [.. media.Waiting]);
        if (Ask(turn))
        {
            media.Clear();
        }
    }

    /// <summary>Goes on without results of the calls that were made.</summary>
    public void Skip()
    {
        bool open = OpenCall is not null;
        _results.Clear();
        _results.AddRange(_session.OpenCalls.Select(_ => new ToolOutput(Value("null"))));
        terminal.Error.WriteLine(open ? "The calls stay without results." : "No call waits for a result.");
    }

    /// <summary>Asks the newest question again, with another seed.</summary>
    public void Retry()
    {
        if (_turns is not [.., var turn])
        {
            terminal.Error.WriteLine("/retry: nothing was said yet.");
            return;
        }

        if (turn.Files.Count > turn.Media.Count)
        {
            terminal.Error.WriteLine($"/retry: the last question came with {string.Join(", ", turn.Files.Select(VisibleText.Line))}, which a loaded conversation holds as the model saw it and not as a file; /undo it, and ask again with the file.");
            return;
        }

        if (!Forget())
        {
            return;
        }

        _seed++;
        Options = Options with { Draw = Options.Draw with { Seed = _seed } };
        Ask(turn);
    }

    /// <summary>Takes back the newest question and its answer.</summary>
    public void Undo()
    {
        if (_turns is not [.., var turn])
        {
            terminal.Error.WriteLine("/undo: nothing was said yet.");
        }
        else if (Forget())
        {
            terminal.Error.WriteLine($"Taken back: {VisibleText.Line(Shortened(turn.Text))}");
        }
    }

    /// <summary>Forgets everything but system text and tools.</summary>
    public void Clear()
    {
        _session.Dispose();
        _session = engine.NewSession(context);
        _turns.Clear();
        _dropped = 0;
        desk.Forget(0);
        _results.Clear();
        media.Clear();
        terminal.Error.WriteLine("The conversation is forgotten.");
    }

    /// <summary>Gives the model another system text, from the next answer on.</summary>
    public void Instruct(string text) => Change(
        Options with { System = text.Length > 0 ? text : null }, _tools, text.Length > 0 ? "The system text holds from your next line on." : "There is no system text now.");

    /// <summary>Offers the tools of a file, from the next answer on; without a path none.</summary>
    public void Offer(string path)
    {
        IReadOnlyList<OfferedTool> tools = path.Length > 0 ? ToolFile.Read("/tools", path) : [];
        if (tools.FirstOrDefault(tool => calls?.Declarations.Any(each => each.Name == tool.Declaration.Name) == true) is { } taken)
        {
            throw new GemmaVkException($"/tools {path}: expected names that no tool here has, but {taken.Declaration.Name} is one that the program runs; rename it.");
        }

        Change(
            Offering(Options, tools, calls, desk.Tool),
            tools,
            tools.Count > 0 ? $"Offered: {string.Join(", ", tools.Select(tool => tool.Declaration.Name))}. After a call, your next line is its result." : calls is null ? "No tools are offered now." : "These tools are run:");
        if (tools.Count == 0)
        {
            ShowTools();
        }
    }

    /// <summary>Goes on with the conversation of a session file in place of this one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overriding">System text and thinking that were asked for in place of the file's.</param>
    /// <exception cref="GemmaVkException">It cannot be gone on with; this conversation stays.</exception>
    public void Load(string path, AskOptions? overriding = null)
    {
        GemmaSession.Check(engine, path);
        // There is room for one: what can be wrong with the file is known.
        _session.Dispose();
        try
        {
            (_session, string notes) = GemmaSession.LoadAsync(engine, path, context).GetAwaiter().GetResult();
            TalkRecord record = TalkRecord.Read(notes, path);
            _turns.Clear();
            _turns.AddRange(record.Turns);
            _dropped = Math.Max(0, _turns.Count - _session.Turns);
            desk.Forget(0);
            _results.Clear();
            _tools = [.. _session.Tools.Where(tool => !IsRun(tool.Name) && tool.Name != SearchTool.Name).Select(tool => new OfferedTool(tool, tool.Function))];
            _seed = Math.Max(_seed, record.Seed);
            Options = Options with { System = _session.SystemText, Tools = _session.Tools, Think = record.Think || overriding?.Think == true, Draw = Options.Draw with { Seed = _seed } };
        }
        catch
        {
            Clear();
            throw;
        }

        OfferAgain();
        terminal.Error.WriteLine($"{VisibleText.Line(path)}: goes on after {_session.Turns} turn{(_session.Turns == 1 ? "" : "s")}. {Fill}");
        if (overriding?.System is { } system && system != Options.System)
        {
            Instruct(system);
        }
    }

    /// <summary>Notes that so many more of the oldest turns go to make room, and what goes with them.</summary>
    public void Drop(int turns)
    {
        _dropped += turns;
        desk.Drop(_dropped);
    }

    /// <summary>Writes the conversation with its cache, so that it can go on.</summary>
    public void SaveSession(string path)
    {
        _session.Save(path, new TalkRecord(Options.Think, _seed, _turns).Write());
        terminal.Error.WriteLine($"{VisibleText.Line(path)}: {_session.Turns} turn{(_session.Turns == 1 ? "" : "s")} and the cache of {_session.Length} positions written; /load or --session goes on.");
    }

    /// <summary>Writes what was said into a new file.</summary>
    public void Save(string path)
    {
        if (path.EndsWith(".session", StringComparison.OrdinalIgnoreCase))
        {
            SaveSession(path);
            return;
        }

        SavedChat.Write(path, Options.System, _tools, _turns);
        terminal.Error.WriteLine($"{VisibleText.Line(path)}: {_turns.Count} turn{(_turns.Count == 1 ? "" : "s")} written.");
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private void Change(AskOptions changed, IReadOnlyList<OfferedTool> tools, string done)
    {
        _session.Instruct(changed);
        (Options, _tools) = (changed, tools);
        terminal.Error.WriteLine(VisibleText.Line(done));
    }

    private bool Forget()
    {
        if (!_session.Undo())
        {
            terminal.Error.WriteLine("The last turn is not in the context any more: it was forgotten to make room.");
            return false;
        }

        _turns.RemoveAt(_turns.Count - 1);
        desk.Forget(_turns.Count);
        _results.Clear();
        return true;
    }

    private bool Ask(ChatTurn turn)
    {
        _question = turn.Text;
        Answer? answer = Guarded((show, cancel) => route is null ? AskHere(turn, turn.Text, show, cancel) : AskAround(route, turn, show, cancel));
        if (answer is not null)
        {
            ChatTurn said = new(turn.Text, turn.Media);
            said.Answers.Add(answer);
            _turns.Add(said);
            _rounds = calls?.Question();
            RunCalls();
        }

        return answer is not null;
    }

    private IReadOnlyList<MessagePart> Parts(ChatTurn turn, string text) => new MediaPrompt(text, PromptMarkers.Usual, turn.Media).Parts(engine.Model.Config.Processor.AudioBeforeText);

    /// <summary>Has the model here answer, with what its documents say in front of the question.</summary>
    private Answer AskHere(ChatTurn turn, string text, Action<ResponseDelta> show, CancellationToken cancel)
    {
        IReadOnlyList<MessagePart> front = desk.IsEmpty ? [] : desk.Front(text, _session.Length, Options, _turns.Count, cancel).Parts;
        Answer said = _session.Ask([.. front, .. Parts(turn, text)], Options, show, cancel);
        return SearchRounds.Complete(_session, said, desk.Tool, Options, show, terminal, cancel);
    }

    /// <summary>Has the model here or an endpoint answer; what an endpoint answered is noted as if the model had.</summary>
    private Answer AskAround(RouteDesk around, ChatTurn turn, Action<ResponseDelta> show, CancellationToken cancel)
    {
        Routed routed = around.Ask(engine, _turns, turn, Options, (text, each, token) => AskHere(turn, text, each, token), () => _session.Undo(), show, cancel);
        if (routed.Sent is { } sent)
        {
            printer.Finish();
            Dimmed.WriteLine(terminal, routed.Note!);
            _session.Note(Parts(turn, sent), routed.Answer.Text, Options);
        }

        return routed.Answer;
    }

    /// <summary>Lets the model answer, and says how that ended.</summary>
    private Answer? Guarded(Func<Action<ResponseDelta>, CancellationToken, Answer> ask)
    {
        try
        {
            using Interruption.Listener interruption = terminal.Interruption.Listen();
            CitedPrinter? cited = desk.IsEmpty ? null : new(printer.Show, () => desk.Attribution(_question));
            Answer answer = ask(cited is null ? printer.Show : cited.Show, interruption.Token);
            cited?.Finish();
            printer.Finish();
            _results.Clear();
            string? note = answer.Stop switch
            {
                StopReason.Cancelled => "(stopped)",
                StopReason.Length => "(cut off at --max-tokens)",
                StopReason.Context => $"The context of {_session.Context} positions is full: {Remedy}.",
                _ => null,
            };
            if (note is not null)
            {
                Dimmed.WriteLine(terminal, note);
            }

            return answer;
        }
        catch (OperationCanceledException) when (route is not null)
        {
            printer.Finish();
            terminal.Interruption.ThrowIfEnding();
            Dimmed.WriteLine(terminal, "(stopped)");
            return null;
        }
        catch (GemmaVkException e)
        {
            desk.Forget(_turns.Count);
            printer.Finish();
            _results.Clear();
            terminal.Error.WriteLine(e.Message + WhatNow(e));
            return null;
        }
    }

    /// <summary>What can be done after an error, where something here can be.</summary>
    private string WhatNow(GemmaVkException error) => error switch
    {
        ContextFullException full when _session.Length == 0 || full.Tokens + _session.HeadTokens >= full.Context => " An empty conversation would not hold it either.",
        ContextFullException => $" Or {Remedy}.",
        _ when media.Waiting.Count > 0 => " What was given for this line waits for your next one; /clear forgets it, with the conversation.",
        _ => "",
    };

    private static JsonElement Value(string line)
    {
        try
        {
            return JsonElement.Parse(line);
        }
        catch (JsonException)
        {
            return TextValue.Of(line);
        }
    }

    private static string Shortened(string text)
    {
        const int Most = 60;
        string line = text.ReplaceLineEndings(" ");
        return line.Length <= Most ? line : $"{line[..Most]}...";
    }
}
