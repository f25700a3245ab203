using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Threading.Tasks;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Reading;
using GemmaVk.Cli.Terminals;
using GemmaVk.Documents.Index;
using GemmaVk.Mcp.BuiltIn;
using GemmaVk.Mcp.Serving;
using GemmaVk.Model;
using GemmaVk.Runtime.Forward;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Commands;

/// <summary>The model as an MCP server, as editors and assistants start one: they talk to it through its standard input and output.</summary>
internal sealed class Mcp : Verb
{
    private readonly ModelOption _model = new();
    private readonly DeviceOption _device = new();
    private readonly MediaOptions _media = new();
    private readonly DrafterOptions _drafter = new();
    private readonly BudgetOptions _budget = new();
    private readonly PrecisionOptions _precision = new(new Precision());
    private readonly Option<string[]> _folder = new("--allow-folder") { Description = "Folder below which pictures and sounds may be named. May come several times. Default: the folder it is started in.", HelpName = "DIR" };
    private readonly Option<string?> _docs = new("--docs") { Description = "A folder of documents that search_documents searches: its index is brought up to date first. Default: none is offered.", HelpName = "FOLDER" };
    private readonly IndexOption _index = new();
    private readonly WholeOption _context = new("--context", "Most tokens of a question and its answer. Default: as many as the memory holds, at most what the model allows.", 1, "leave it out for the default");

    public Mcp()
        : base("mcp", "Serves the model to other programs by MCP on standard input and output: ask, describe_picture, transcribe, search_documents.")
    {
        base.Options.Add(_model);
        base.Options.Add(_device);
        base.Options.Add(_folder);
        base.Options.Add(_docs);
        base.Options.Add(_index);
        base.Options.Add(_context);
        _media.AddSettingsTo(this);
        _drafter.AddTo(this);
        _budget.AddTo(this);
        _precision.AddTo(this);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk mcp",
        "gemmavk mcp --docs ~/manuals",
        "gemmavk mcp --model ~/gemma-4-12b --weights int4 --allow-folder ~/pictures",
    ];

    public override IReadOnlyList<string> First { get; } = ["--model", "--device", "--allow-folder", "--context"];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        Terminal terminal = surroundings.Terminal;
        if (!terminal.InIsRedirected)
        {
            throw new GemmaVkException("mcp: expected a program on standard input that speaks MCP, but a keyboard is there; name this command in the program's settings.");
        }

        AllowedFolders folders = new("--allow-folder", parsed.GetValue(_folder) is { Length: > 0 } given ? given : [Directory.GetCurrentDirectory()]);
        using FolderIndex? index = parsed.GetValue(_docs) is { } docs ? OpenedDocuments.Folder(HomePath.Expand(docs), _index.Read(parsed), terminal, default) : null;
        string folder = _model.Folder(parsed);
        MediaSettings media = _media.Settings(parsed);
        Gemma4Config config = Gemma4Config.Load(folder);
        EngineOptions load = new()
        {
            Model = folder,
            Device = parsed.GetValue(_device)!,
            Precision = _precision.Read(parsed),
            Context = _context.Read(parsed),
            ImageTokens = new MediaLoader(config, media).LargestPicture,
        };
        load = _drafter.Read(parsed, _budget.Over(load, parsed));
        // Whoever starts this asks what is offered long before a large model is loaded.
        Task<GemmaEngine> engine = Task.Run(() => surroundings.Load(load, out _));
        try
        {
            using Interruption.Listener interruption = terminal.Interruption.Listen(endsItself: true);
            Stream output = terminal.Out is StreamWriter writer ? writer.BaseStream : Stream.Null;
            new GemmaMcpServer(config, engine, folders, media, index is null ? null : new FolderSearch(index)).RunAsync(terminal.In, output, interruption.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // It was told to end, and ends as if its caller had left.
        }
        finally
        {
            engine.ContinueWith(loaded => loaded.IsCompletedSuccessfully ? Dispose(loaded.Result) : false, TaskScheduler.Default).GetAwaiter().GetResult();
        }

        engine.GetAwaiter().GetResult();
        return ExitCode.Done;
    }

    private static bool Dispose(GemmaEngine engine)
    {
        engine.Dispose();
        return true;
    }
}
