using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.Calls;
using GemmaVk.Mcp.Servers;
using GemmaVk.Structured;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Mcp;

/// <summary>
/// The tools that are offered to the model: those of MCP servers and those of the program. Every one is strict: a tool whose schema cannot be held while
/// a call is written is left out, and said. Owns the servers.
/// </summary>
public sealed class Toolbox : IAsyncDisposable
{
    private readonly List<McpConnection> _connections = [];
    private readonly IReadOnlyList<ICallableTool> _own;
    private readonly Action<string> _say;
    private readonly HashSet<string> _saidAlready = [];
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private volatile IReadOnlyList<OfferedTool> _tools = [];

    private Toolbox(IReadOnlyList<ICallableTool> own, ToolLimits limits, Action<string> say) => (_own, Limits, _say) = (own, limits, say);

    /// <summary>How much tools may take.</summary>
    public ToolLimits Limits { get; }

    /// <summary>The tools, in the order in which they are declared.</summary>
    public IReadOnlyList<OfferedTool> Tools => _tools;

    /// <summary>Their declarations.</summary>
    public IReadOnlyList<ToolDeclaration> Declarations => [.. _tools.Select(tool => tool.Declaration)];

    /// <summary>Whether a server said that it offers others now.</summary>
    public bool IsStale => _connections.Exists(connection => connection.Changed);

    /// <summary>Starts the servers and lists their tools. One that cannot be used is said, and the others serve.</summary>
    /// <param name="servers">Servers.</param>
    /// <param name="own">Tools of the program.</param>
    /// <param name="limits">How much tools may take.</param>
    /// <param name="say">Gets a sentence for whatever is left out.</param>
    /// <param name="cancel">Ends the start.</param>
    public static async Task<Toolbox> OpenAsync(IReadOnlyList<McpEntry> servers, IReadOnlyList<ICallableTool> own, ToolLimits limits, Action<string> say, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(servers);
        ArgumentNullException.ThrowIfNull(limits);
        Toolbox box = new(own, limits, say);
        try
        {
            foreach (Task<McpConnection> opening in servers.Select(server => McpConnection.OpenAsync(server, limits, cancel)).ToArray())
            {
                await box.Take(opening).ConfigureAwait(false);
            }

            await box.RefreshAsync(cancel).ConfigureAwait(false);
            return box;
        }
        catch
        {
            await box.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The tool of a call, or null.</summary>
    public OfferedTool? Find(string name) => _tools.FirstOrDefault(tool => tool.Name == name);

    /// <summary>Lists the tools again.</summary>
    /// <returns>Whether there are others than before: the model has to be told.</returns>
    public async Task<bool> RefreshAsync(CancellationToken cancel)
    {
        await _refreshing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            List<ICallableTool> all = [.. _own];
            List<string> notes = [];
            foreach (McpConnection connection in _connections)
            {
                try
                {
                    all.AddRange(await connection.ListAsync(notes, cancel).ConfigureAwait(false));
                }
                catch (GemmaVkException error)
                {
                    notes.Add($"{error.Message} Its tools are left out.");
                }
            }

            List<OfferedTool> offered = [.. Named(all, notes).Where(tool => CanBeHeld(tool, notes))];
            if (offered.Count > Limits.Tools)
            {
                notes.Add($"{offered.Count} tools came, and {Limits.Tools} are offered at most: {string.Join(", ", offered.Skip(Limits.Tools).Take(5).Select(tool => tool.Name))} and what follows are left out.");
                offered.RemoveRange(Limits.Tools, offered.Count - Limits.Tools);
            }

            notes.Where(_saidAlready.Add).ToList().ForEach(_say);
            bool changed = !offered.Select(tool => (tool.Name, tool.Tool.Fingerprint)).SequenceEqual(_tools.Select(tool => (tool.Name, tool.Tool.Fingerprint)));
            _tools = offered;
            return changed;
        }
        finally
        {
            _refreshing.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_connections.Select(connection => connection.DisposeAsync().AsTask())).ConfigureAwait(false);
        _refreshing.Dispose();
    }

    private async Task Take(Task<McpConnection> opening)
    {
        try
        {
            _connections.Add(await opening.ConfigureAwait(false));
        }
        catch (GemmaVkException error)
        {
            _say($"{error.Message} Its tools are left out.");
        }
    }

    /// <summary>Where two tools have one name, each gets that of its server before it.</summary>
    private static IEnumerable<OfferedTool> Named(List<ICallableTool> all, List<string> notes)
    {
        HashSet<string> taken = [.. all.GroupBy(tool => tool.Declaration.Name).Where(group => group.Count() == 1).Select(group => group.Key)];
        foreach (ICallableTool tool in all)
        {
            string name = tool.Declaration.Name;
            if (taken.Contains(name))
            {
                yield return new OfferedTool(tool, tool.Declaration);
                continue;
            }

            string longer = $"{string.Concat(tool.Origin.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'))}.{name}";
            if (taken.Add(longer))
            {
                notes.Add($"Several tools are called {name}: that of {tool.Origin} is offered as {longer}.");
                yield return new OfferedTool(tool, Renamed(tool, longer));
            }
            else
            {
                notes.Add($"Tool {name} of {tool.Origin}: another has this name and the longer one {longer} too; it is left out.");
            }
        }
    }

    private static ToolDeclaration Renamed(ICallableTool tool, string name)
    {
        JsonElement function = tool.Declaration.Function;
        return McpTool.Declare(name, function.GetProperty("description").GetString() ?? "", function.GetProperty("parameters"), tool.Origin);
    }

    private static bool CanBeHeld(OfferedTool tool, List<string> notes)
    {
        try
        {
            ChatTemplate.Render([], [tool.Declaration]);
            AnswerShape.OfTools([tool.Declaration], ToolUse.Auto);
            return true;
        }
        catch (Exception e) when (e is GemmaVkException or TextException)
        {
            notes.Add($"Tool {VisibleText.Line(tool.Name)} of {tool.Tool.Origin} is left out: {e.Message}");
            return false;
        }
    }
}
