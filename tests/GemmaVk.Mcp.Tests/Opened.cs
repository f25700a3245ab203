using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using GemmaVk.Mcp.Calls;
using GemmaVk.Mcp.Permissions;
using GemmaVk.Mcp.Servers;
using GemmaVk.Text;

namespace GemmaVk.Mcp.Tests;

/// <summary>A box of tools for a test, with what it said.</summary>
internal sealed class Opened : IAsyncDisposable
{
    private readonly List<string> _said = [];

    /// <summary>Its sentences, in lines.</summary>
    public string Said => string.Join('\n', _said);

    public required Toolbox Box { get; init; }

    public static async Task<Opened> Of(ToolLimits? limits, params McpEntry[] servers)
    {
        List<string> said = [];
        Opened opened = new() { Box = await Toolbox.OpenAsync(servers, [], limits ?? Patient, said.Add) };
        opened._said.AddRange(said);
        return opened;
    }

    /// <summary>Limits that nothing reaches which ends at all, on a machine that is busy elsewhere either.</summary>
    public static ToolLimits Patient { get; } = new() { Start = TimeSpan.FromMinutes(1), Call = TimeSpan.FromMinutes(1) };

    /// <summary>Rounds in which everything may be called.</summary>
    public ToolRounds Rounds() => new(Box, new ToolPermissions([.. Box.Tools.Select(tool => tool.Name)], []), null);

    /// <summary>Makes a call, and gives what the model gets.</summary>
    public async Task<string> Call(string name, string arguments = "{}", ToolRounds? rounds = null) =>
        (await (rounds ?? Rounds()).RunAsync(new ToolCall(name, JsonElement.Parse(arguments)), default)).Output.Value.ToString();

    public ValueTask DisposeAsync() => Box.DisposeAsync();
}
