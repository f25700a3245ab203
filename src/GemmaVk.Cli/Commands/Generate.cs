using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading;
using GemmaVk.Cli.Answers;
using GemmaVk.Cli.Calling;
using GemmaVk.Cli.Chats;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Prompting;
using GemmaVk.Cli.Reading;
using GemmaVk.Cli.Routing;
using GemmaVk.Cli.Terminals;
using GemmaVk.Cli.Verifying;
using GemmaVk.Documents.Answers;
using GemmaVk.Hybrid.Rules;
using GemmaVk.Model;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Text;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Commands;

// Step 1 of the token path; from the command line, to GemmaSession, which writes the prompt with ChatTemplate.

/// <summary>One answer to one prompt.</summary>
internal sealed class Generate : Verb
{
    private readonly Argument<string?> _prompt = new("prompt") { Description = "The question. Without it: --file, else standard input.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _file = new("--file", "-f") { Description = "Read the prompt from a file.", HelpName = "PATH" };
    private readonly Option<bool> _raw = new("--raw") { Description = "No chat template: continue the text as it is. Control tokens in the answer are shown." };
    private readonly Option<bool> _specials = new("--specials") { Description = "With --raw: control tokens spelled in the prompt count as such. Otherwise text is never a control token." };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object on standard output: text, thinking, tool_calls, unread_calls, ids, stop, stats; citations where there are documents." };
    private readonly ModelOption _model = new();
    private readonly MmprojOption _mmproj = new();
    private readonly DeviceOption _device = new();
    private readonly OwnKernelOption _kernel = new();
    private readonly MediaOptions _media = new();
    private readonly AnswerOptions _answer = new();
    private readonly ToolOptions _tools = new();
    private readonly ToolServerOptions _servers = new();
    private readonly RouteOption _route = new();
    private readonly ShapeOptions _shape = new();
    private readonly DocumentOptions _documents = new();
    private readonly DrafterOptions _drafter = new();
    private readonly BudgetOptions _budget = new();
    private readonly PrecisionOptions _precision = new(new Precision());
    private readonly SessionOption _session = new("after the answer");

    public Generate()
        : base("generate", "Answers one prompt. The answer goes to standard output as it comes; thoughts and figures go to standard error.")
    {
        Arguments.Add(_prompt);
        Options.Add(_file);
        _documents.AddTo(this);
        _media.AddTo(this);
        Options.Add(_model);
        Options.Add(_mmproj);
        Options.Add(_device);
        Options.Add(_kernel);
        _answer.AddTo(this);
        _tools.AddTo(this);
        _servers.AddTo(this);
        Options.Add(_route);
        _shape.AddTo(this);
        Options.Add(_raw);
        Options.Add(_specials);
        Options.Add(_json);
        _drafter.AddTo(this);
        _budget.AddTo(this);
        Options.Add(_session);
        _precision.AddTo(this);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk generate --think \"What is 47 + 85?\"",
        "gemmavk generate \"What is the capital of Japan?\" --temperature 0",
        "gemmavk generate --file question.txt --max-tokens 200 --device cpu",
        "echo \"Count from one to three.\" | gemmavk generate --json",
        "gemmavk generate --image weights/examples/picture-0.png \"What is in this picture?\"",
        "gemmavk generate --model ~/gemma-4-12b --image before.jpg --image after.jpg \"What has changed from {} to {}?\"",
        "gemmavk generate --model ~/gemma-4-12b --video clip.mp4 --video-sound \"What happens, and what is said?\"",
        "gemmavk generate --model ~/gemma-4-12b --weights int4 --system \"Answer in French.\" \"What is a whale?\"",
        "gemmavk generate --document manual.pdf --pages 3-7 \"What is the torque of the wheel nuts?\"",
        "gemmavk generate --docs ~/manuals \"What is the torque of the wheel nuts?\" --json",
        "gemmavk generate --tools tools.json \"Turn on the map.\" > calls.json",
        "gemmavk generate --tools tools.json --tool-results results.json \"Turn on the map.\"",
        "gemmavk generate --tool calculator,date \"What is 47 * 85?\"",
        "gemmavk generate --mcp servers.json --allow-tool search \"Find the newest report.\"",
        "gemmavk generate --route route.json \"What is new in Rust? @cloud\"",
        "gemmavk generate --json-schema city.json \"Describe Tokyo.\"",
        "gemmavk generate --regex \"(yes|no)\" \"Is Paris in France?\"",
        "gemmavk generate --session talk.session \"And its largest river?\"",
        "gemmavk generate --raw \"Once upon a time\" --max-tokens 50 --seed 7",
    ];

    public override IReadOnlyList<string> First { get; } = ["--model", "--device", "--system", "--think", "--image", "--audio", "--max-tokens", "--temperature"];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        Terminal terminal = surroundings.Terminal;
        bool raw = parsed.GetValue(_raw);
        Check(parsed, raw);
        string prompt = Prompt(parsed, terminal);
        AskOptions options = _shape.Over(_tools.Over(_answer.Read(parsed), parsed), parsed);
        ToolWishes? wishes = _servers.Read(parsed);
        int? context = _answer.Context(parsed);
        string? file = _session.Read(parsed);
        string folder = _model.Folder(parsed);
        bool reads = _documents.AreGiven(parsed);
        MediaLoader? loader = MediaOptions.Items(parsed).Count == 0 && wishes is null && !reads ? null : Loader(parsed, folder);
        MediaPrompt media = ReadMedia(parsed, loader, prompt, terminal);
        using GeneratedReading? reading = reads ? new(_documents, parsed, terminal) : null;
        RouteFile? rules = _route.Rules(parsed);
        IReadOnlyDictionary<string, string> own = OwnKernelCheck.Read(_kernel, _device, parsed, surroundings);
        using GemmaEngine engine = surroundings.Load(
            _drafter.Read(
                parsed,
                _budget.Over(
                    new EngineOptions
                    {
                        Model = folder,
                        Mmproj = parsed.GetValue(_mmproj)!,
                        Device = parsed.GetValue(_device)!,
                        Precision = _precision.Read(parsed),
                        Context = context,
                        Kernels = own,
                        ImageTokens = loader?.LargestPicture ?? 0,
                    },
                    parsed)),
            out double loadSeconds);
        bool json = parsed.GetValue(_json);
        using ToolDesk? desk = wishes is null ? null : ToolDesk.Open(wishes, terminal, () => loader, Asking(terminal));
        RouteDesk? route = rules is null ? null : new(rules, terminal, Asking(terminal));
        options = desk is null ? options : CallRounds.Offer(options, desk);
        CallRounds? calls = desk is null ? null : new(desk, terminal);
        FirstToken first = new(surroundings.Log);
        Answer answer;
        using (Interruption.Listener interruption = terminal.Interruption.Listen())
        {
            answer = raw
                ? Continue(engine, prompt, parsed.GetValue(_specials), options, context, json ? null : terminal, first, interruption.Token)
                : Ask(engine, media, options, context, file, terminal, json, reading?.Open(engine, context, loader!), first, desk, calls, route, interruption.Token);
        }

        if (Ending(answer, options, context, engine, json) is { } ending)
        {
            terminal.Error.WriteLine(ending);
        }

        foreach ((string module, string path) in own.Where(pair => !engine.Backend.OwnKernelsRun.Contains(pair.Key)))
        {
            terminal.Error.WriteLine($"--kernel {module}={path}: this answer did not run {module}, so the file changed nothing; 'gemmavk bench --kernels' with the same model names the modules that run.");
        }

        bool wanted = surroundings.Verbose || terminal.ErrorIsScreen;
        AnswerFigures? figures = json || wanted ? AnswerFigures.Of(engine, answer.Stats, loadSeconds, first.Seconds, media.Media) : null;
        if (json)
        {
            JsonOutput.Write(terminal.Out, writer => Write(writer, answer, figures!, reading?.Citations(answer), calls));
            if (answer.UnreadCalls.Count > 0)
            {
                terminal.Error.WriteLine(AnswerPrinter.UnreadLine(answer.UnreadCalls.Count));
            }
        }
        else if (surroundings.Verbose)
        {
            figures!.WriteTable(terminal.Error);
        }
        else if (figures is not null)
        {
            Dimmed.WriteLine(terminal, figures.Line);
        }

        return answer.Stop == StopReason.Cancelled ? ExitCode.Interrupted : ExitCode.Done;
    }

    /// <summary>What is said about an answer that something else than the model ended; the limit stands in the JSON already.</summary>
    private static string? Ending(Answer answer, AskOptions options, int? context, GemmaEngine engine, bool json) => answer.Stop switch
    {
        StopReason.Context =>
            $"The context of {context ?? engine.DefaultContextLength} positions was full before the answer ended: raise --context "
            + $"(the model allows {engine.Model.Config.MaxPositionEmbeddings}), shorten the prompt, or ask for a shorter answer.",
        StopReason.Length when !json =>
            $"The limit of {options.MaxTokens} token{(options.MaxTokens == 1 ? "" : "s")} (--max-tokens) ended the answer{(answer.Text.Length == 0 && answer.Thinking.Length > 0 ? " while it was still thinking" : "")}: raise it for more.",
        _ => null,
    };

    private void Check(ParseResult parsed, bool raw)
    {
        if (raw && (_answer.NeedsTemplate(parsed) ?? _tools.NeedsTemplate(parsed) ?? _documents.NeedsTemplate(parsed)) is { } flag)
        {
            throw new GemmaVkException($"{flag} and --raw: expected one of them, because {flag} is written by the chat template that --raw leaves out; drop one.");
        }

        if (raw && _servers.Read(parsed) is not null)
        {
            throw new GemmaVkException("--mcp or --tool and --raw: expected one of them, because tools are declared by the chat template that --raw leaves out; drop one.");
        }

        if (parsed.GetValue(_route) is not null && (raw || parsed.GetValue(_session) is not null))
        {
            throw new GemmaVkException($"--route and {(raw ? "--raw" : "--session")}: expected one of them, because an endpoint may answer, which has {(raw ? "turns alone" : "no cache to save; 'gemmavk chat' takes both")}; drop one.");
        }

        if (raw && MediaOptions.Items(parsed) is [var item, ..])
        {
            throw new GemmaVkException($"{item.Flag} and --raw: expected one of them, because pictures, sounds and clips need the turns that --raw leaves out; drop one.");
        }

        if (raw && parsed.GetValue(_session) is not null)
        {
            throw new GemmaVkException("--session and --raw: expected one of them, because a conversation has the turns that --raw leaves out; drop one.");
        }

        if (!raw && parsed.GetValue(_specials))
        {
            throw new GemmaVkException("--specials: expected together with --raw, because the chat template writes the control tokens itself; add --raw or drop it.");
        }
    }

    private MediaLoader Loader(ParseResult parsed, string folder) => new(Checkpoint.ConfigOf(folder, parsed.GetValue(_mmproj)!), _media.Settings(parsed));

    /// <summary>Asks whoever sits at the keyboard; null where nobody does.</summary>
    private static Func<string, string?>? Asking(Terminal terminal)
    {
        if (terminal.InIsRedirected)
        {
            return null;
        }

        StreamReader? input = null;
        return prompt =>
        {
            terminal.Error.Write(prompt);
            input ??= new StreamReader(terminal.In, leaveOpen: true);
            return input.ReadLine();
        };
    }

    private string Prompt(ParseResult parsed, Terminal terminal)
    {
        (string? prompt, string? file) = (parsed.GetValue(_prompt), parsed.GetValue(_file));
        if (prompt is not null && file is not null)
        {
            throw new GemmaVkException("the prompt and --file: expected one of them, but both came; drop one.");
        }

        (string text, string name) = prompt is not null ? (prompt, "the prompt")
            : file is not null ? (InputText.OfFile("--file", file), $"--file {file}")
            : terminal.InIsRedirected && !MediaOptions.Items(parsed).Any(item => item.Path == "-") ? (InputText.OfInput(terminal.In), "no prompt: standard input")
            : throw new GemmaVkException("no prompt: expected text in quotes, --file PATH, or text on standard input; for a conversation use 'gemmavk chat'.");
        return string.IsNullOrWhiteSpace(text)
            ? throw new GemmaVkException($"{name} is empty: expected a question or a text to go on from; write one.")
            : text;
    }

    private MediaPrompt ReadMedia(ParseResult parsed, MediaLoader? loader, string prompt, Terminal terminal)
    {
        if (loader is null)
        {
            return new MediaPrompt(prompt, PromptMarkers.Usual, []);
        }

        using Interruption.Listener interruption = terminal.Interruption.Listen();
        // Markers that do not match are said before anything is read.
        MediaPrompt media = new(prompt, _media.Marker(parsed), []);
        PromptMarkers.Split(prompt, media.Marker, MediaOptions.Items(parsed).Count);
        return media with { Media = MediaPrompt.Read(MediaOptions.Items(parsed), loader, terminal, interruption.Token) };
    }

    private static Answer Ask(
        GemmaEngine engine,
        MediaPrompt prompt,
        AskOptions options,
        int? context,
        string? file,
        Terminal terminal,
        bool json,
        GeneratedReading? reading,
        FirstToken first,
        ToolDesk? desk,
        CallRounds? calls,
        RouteDesk? route,
        CancellationToken cancel)
    {
        AnswerPrinter? printer = json ? null : new(terminal) { Hides = call => desk?.Runs(call) == true };
        (prompt, options) = reading?.Over(prompt, options, printer, cancel) ?? (prompt, options);
        Action<ResponseDelta>? show = printer is null ? null : reading is null ? printer.Show : reading.Show;
        void Show(ResponseDelta delta)
        {
            first.Came();
            show?.Invoke(delta);
        }

        Func<GemmaSession, Answer, Answer>? then = calls is null ? null : (session, answer) =>
        {
            printer?.Finish();
            return calls.Follow(session, answer, options, Show, prompt.Tool, cancel);
        };
        int positions = context ?? engine.DefaultContextLength;
        Routed? routed = route?.Ask(
            engine, [], new ChatTurn(prompt.Text, prompt.Media), options, (text, shown, token) => (prompt with { Text = text }).Ask(engine, positions, options, terminal, shown, then, token), () => { }, Show, cancel);
        Answer answer = routed is not null ? routed.Answer
            : file is null ? prompt.Ask(engine, positions, options, terminal, Show, then, cancel)
            : new SessionTurn(engine, file).Ask(prompt, options, context, Show, then, cancel);
        reading?.Finish();
        printer?.Finish();
        if (routed?.Note is { } note)
        {
            Dimmed.WriteLine(terminal, note);
        }

        return answer;
    }

    private static Answer Continue(
        GemmaEngine engine, string prompt, bool specials, AskOptions options, int? context, Terminal? show, FirstToken first, CancellationToken cancel)
    {
        using Session session = engine.Model.NewSession(context ?? engine.DefaultContextLength);
        StreamingDetokenizer detokenizer = new(engine.Tokenizer);
        StopTexts? stops = options.StopTexts.Count > 0 ? new(options.StopTexts) : null;
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        StringBuilder text = new();
        void Add(string piece)
        {
            piece = stops is null ? piece : stops.Append(piece);
            text.Append(piece);
            show?.Answers.Write(piece);
            if (stops is { Found: true })
            {
                ended.Cancel();
            }
        }

        int[] ids = [engine.Tokenizer.Specials.Bos, .. engine.Tokenizer.Encode(prompt, specials)];
        Generation generation = new Generator(engine.Model, engine.Drafter).Generate(
            session,
            ids,
            new GenerationOptions(options.MaxTokens ?? int.MaxValue, options.Draw.Over(engine.RecommendedChoice), engine.StopIds) { Constraint = options.Shape?.Follow(engine) },
            id =>
            {
                first.Came();
                DetokenizedPiece piece = detokenizer.Append(id);
                Add(piece.Text);
                // The token that ends the text is the end, not a part of it.
                Add(engine.StopIds.Contains(id) ? "" : piece.Control ?? "");
            },
            ended.Token);
        Add(detokenizer.Finish());
        string rest = stops is { Found: false } ? stops.Finish() : "";
        text.Append(rest);
        show?.Out.WriteLine(rest);
        return new Answer(text.ToString(), "", [], generation.Ids, stops is { Found: true } ? StopReason.Stop : generation.Stop, generation.Stats);
    }

    private static void Write(Utf8JsonWriter json, Answer answer, AnswerFigures figures, IReadOnlyList<CitedSentence>? citations, CallRounds? calls)
    {
        json.WriteStartObject();
        json.WriteString("text", answer.Text);
        json.WriteString("thinking", answer.Thinking);
        json.WriteStartArray("tool_calls");
        foreach (ToolCall call in answer.ToolCalls)
        {
            AnswerPrinter.Write(json, call);
        }

        json.WriteEndArray();
        calls?.Write(json);
        json.WriteStartArray("unread_calls");
        foreach (string call in answer.UnreadCalls)
        {
            json.WriteStringValue(call);
        }

        json.WriteEndArray();
        if (citations is not null)
        {
            CitationJson.Write(json, citations);
        }

        json.WriteStartArray("ids");
        foreach (int id in answer.Ids)
        {
            json.WriteNumberValue(id);
        }

        json.WriteEndArray();
        json.WriteString("stop", answer.Stop.ToString().ToLowerInvariant());
        json.WritePropertyName("stats");
        figures.Write(json);
        json.WriteEndObject();
    }
}
