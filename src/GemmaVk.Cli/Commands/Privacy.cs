using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Routing;
using GemmaVk.Cli.Terminals;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Commands;

/// <summary>Says what may leave this machine under the flags that other commands would be given.</summary>
internal sealed class Privacy : Verb
{
    private readonly RouteOption _route = new();
    private readonly Option<string?> _mcp = new("--mcp") { Description = "File of MCP servers, as chat, generate and serve take it.", HelpName = "FILE" };
    private readonly Option<string[]> _endpoint = new("--endpoint") { Description = "Address of a server that eval would measure. May come several times.", HelpName = "URL" };
    private readonly Option<string?> _host = new("--host") { Description = "Address that serve would listen on.", HelpName = "ADDRESS" };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object on standard output: leaves, ways." };

    public Privacy()
        : base("privacy", "Says what may leave this machine with these flags, and who may reach it. Nothing is started, and nothing is sent.")
    {
        base.Options.Add(_route);
        base.Options.Add(_mcp);
        base.Options.Add(_endpoint);
        base.Options.Add(_host);
        base.Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk privacy",
        "gemmavk privacy --route route.json --mcp servers.json",
        "gemmavk privacy --host 0.0.0.0",
    ];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        WaysOut ways = new(_route.Read(parsed), parsed.GetValue(_mcp) is { } file ? HomePath.Expand(file) : null, parsed.GetValue(_endpoint) ?? [], parsed.GetValue(_host));
        if (parsed.GetValue(_json))
        {
            ways.WriteJson(surroundings.Terminal.Out);
        }
        else
        {
            ways.Lines().ToList().ForEach(surroundings.Terminal.Out.WriteLine);
        }

        return ExitCode.Done;
    }
}
