using System.Collections.Generic;
using System.CommandLine;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Cli.Calling;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Model;
using GemmaVk.Runtime.Forward;
using GemmaVk.Server;

namespace GemmaVk.Cli.Commands;

/// <summary>A server in the forms that clients of OpenAI, Anthropic and llama-server speak, with a page.</summary>
internal sealed class Serve : Verb
{
    private const int UsualSessions = 4;
    private readonly ModelOption _model = new();
    private readonly DeviceOption _device = new();
    private readonly MediaOptions _media = new();
    private readonly DrafterOptions _drafter = new();
    private readonly BudgetOptions _budget = new();
    private readonly PrecisionOptions _precision = new(new Precision());
    private readonly ServerFlags _server = new();
    private readonly ToolServerOptions _tools = new();
    private readonly RouteOption _route = new();
    private readonly WholeOption _sessions = new("--sessions", $"Answers that are written side by side, each as long as the context. Default: {UsualSessions}.", 1, $"leave it out for {UsualSessions}");
    private readonly WholeOption _context = new(
        "--context", "Most tokens of a conversation. Default: as many as the memory holds for all sessions, at most what the model allows.", 1, "leave it out for the default");

    public Serve()
        : base("serve", "Serves the model over HTTP: OpenAI's API, Anthropic's messages, and a page for people. Nothing is fetched, and only this machine reaches it unless --host says otherwise.")
    {
        Options.Add(_model);
        Options.Add(_device);
        _server.AddTo(this);
        _tools.AddTo(this);
        Options.Add(_route);
        Options.Add(_sessions);
        Options.Add(_context);
        _media.AddSettingsTo(this);
        _drafter.AddTo(this);
        _budget.AddTo(this);
        _precision.AddTo(this);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk serve",
        "gemmavk serve --mcp servers.json --tool calculator,date",
        "gemmavk serve --port 8080 --sessions 8 --context 8192",
        "gemmavk serve --model ~/gemma-4-12b --weights int4 --host 0.0.0.0 --api-key-file ~/key",
    ];

    public override IReadOnlyList<string> First { get; } = ["--model", "--device", "--port", "--host", "--api-key-file", "--sessions", "--context"];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        string folder = _model.Folder(parsed);
        MediaSettings media = _media.Settings(parsed);
        MediaLoader loader = new(Gemma4Config.Load(folder), media);
        EngineOptions load = _drafter.Read(parsed, _budget.Over(
            new EngineOptions
            {
                Model = folder,
                Device = parsed.GetValue(_device)!,
                Precision = _precision.Read(parsed),
                Context = _context.Read(parsed),
                Sessions = _sessions.Read(parsed) ?? UsualSessions,
                ImageTokens = loader.LargestPicture,
            },
            parsed));
        ServerOptions options = _server.Read(parsed, folder, media);
        options = _route.Rules(parsed) is { } rules ? options with { Route = rules } : options;
        using ToolDesk? desk = _tools.Read(parsed) is { } wishes ? ToolDesk.Open(wishes, surroundings.Terminal, () => null, ask: null) : null;
        options = desk is null ? options : options with { Tools = desk.Served };
        using Interruption.Listener interruption = surroundings.Terminal.Interruption.Listen(endsItself: true);
        Serving(options, load, surroundings, interruption.Token).GetAwaiter().GetResult();
        return ExitCode.Done;
    }

    private static async Task Serving(ServerOptions options, EngineOptions load, Surroundings surroundings, CancellationToken end)
    {
        await using GemmaServer server = await GemmaServer.StartAsync(options, () => surroundings.Load(load, out _)).ConfigureAwait(false);
        await server.Loaded.WaitAsync(end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!end.IsCancellationRequested)
        {
            await server.Loaded.ConfigureAwait(false);
            surroundings.Terminal.Out.WriteLine($"Page {server.Address} and API {server.Address}v1; Ctrl-C ends.");
            surroundings.Terminal.Out.Flush();
            await Task.Delay(Timeout.Infinite, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
