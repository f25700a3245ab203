using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using GemmaVk.Cli.Calling;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Options;

/// <summary>The flags that let the model call tools which the program runs: MCP servers, its own tools, and who may be called.</summary>
internal sealed class ToolServerOptions
{
    private readonly Option<string?> _mcp = new("--mcp") { Description = "JSON file with MCP servers (\"mcpServers\") whose tools the model may call.", HelpName = "FILE" };
    private readonly Option<string[]> _tool = new("--tool") { Description = "Tools of the program that the model may call, separated by commas: calculator, date, files. Default: none.", HelpName = "NAMES" };
    private readonly Option<string[]> _folder = new("--allow-folder") { Description = "Folder below which --tool files may read. May come several times.", HelpName = "DIR" };
    private readonly Option<string[]> _allow = new("--allow-tool") { Description = "Tool of an MCP server that may be called without asking. May come several times.", HelpName = "NAME" };
    private readonly Option<string[]> _deny = new("--deny-tool") { Description = "Tool that may never be called. May come several times.", HelpName = "NAME" };
    private readonly WholeOption _rounds = new("--tool-rounds", "Rounds of calls that a question may lead to. Default: 8.", 1, "leave it out for 8", 1000);
    private readonly WholeOption _time = new("--tool-time", "Seconds that a call may take. Default: 60.", 1, "leave it out for 60", 86_400);

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_mcp, _tool, _folder, _allow, _deny, _rounds, _time])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What was asked for, or null where the model calls nothing that the program runs.</summary>
    /// <exception cref="GemmaVkException">A flag has no meaning without another.</exception>
    public ToolWishes? Read(ParseResult parsed)
    {
        string? file = parsed.GetValue(_mcp);
        string[] names = [.. (parsed.GetValue(_tool) ?? []).SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        string[] folders = parsed.GetValue(_folder) ?? [];
        string[] allowed = parsed.GetValue(_allow) ?? [];
        string[] denied = parsed.GetValue(_deny) ?? [];
        if (file is null && names.Length == 0)
        {
            (string Flag, bool Given)[] rest = [("--allow-folder", folders.Length > 0), ("--allow-tool", allowed.Length > 0), ("--deny-tool", denied.Length > 0), ("--tool-rounds", parsed.GetValue(_rounds) is not null), ("--tool-time", parsed.GetValue(_time) is not null)];
            return Array.Find(rest, each => each.Given).Flag is { } flag ? throw new GemmaVkException($"{flag}: expected together with --mcp FILE or --tool NAMES, without which no tool is run; add one, or leave it out.") : null;
        }

        if (!Parts.Tools)
        {
            // Said before a model is loaded.
            throw Parts.LeftOut(file is null ? "--tool" : "--mcp", nameof(Parts.Tools));
        }

        return new ToolWishes(file, names, folders, allowed, denied, _rounds.Read(parsed), _time.Read(parsed));
    }
}
