using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Cli.Terminals;
using GemmaVk.Mcp;
using GemmaVk.Mcp.BuiltIn;
using GemmaVk.Mcp.Calls;
using GemmaVk.Mcp.Permissions;
using GemmaVk.Mcp.Servers;
using GemmaVk.Server;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Cli.Calling;

/// <summary>The tools of a chat or an answer: their servers run while it is open, and calls are shown on standard error.</summary>
internal sealed class ToolDesk : IDisposable
{
    private const int ShownCharacters = 200;
    private readonly Toolbox _box;
    private readonly ToolPermissions _permissions;
    private readonly Terminal _terminal;
    private readonly Func<MediaLoader?> _loader;

    private ToolDesk(Toolbox box, ToolPermissions permissions, Terminal terminal, Func<MediaLoader?> loader) =>
        (_box, _permissions, _terminal, _loader) = (box, permissions, terminal, loader);

    /// <summary>What the model is told of.</summary>
    public IReadOnlyList<ToolDeclaration> Declarations => _box.Declarations;

    /// <summary>For a server, which runs them for its page and for requests that ask for it.</summary>
    public ServedTools Served => new(_box, _permissions);

    /// <summary>Whether a call is one of a tool here.</summary>
    public bool Runs(ToolCall call) => _box.Find(call.Name) is not null;

    /// <summary>Starts the servers.</summary>
    /// <param name="wishes">Which.</param>
    /// <param name="terminal">Where calls are shown.</param>
    /// <param name="loader">Reads pictures and sounds of results.</param>
    /// <param name="ask">Asks whoever sits there a question; null where nobody does.</param>
    /// <exception cref="GemmaVkException">A flag or the file is wrong. A server that fails is said, and left out.</exception>
    public static ToolDesk Open(ToolWishes wishes, Terminal terminal, Func<MediaLoader?> loader, Func<string, string?>? ask)
    {
        if (!Parts.Tools)
        {
            throw Parts.LeftOut(wishes.File is null ? "--tool" : "--mcp", nameof(Parts.Tools));
        }

        McpFile file = wishes.File is { } path ? McpFile.Read("--mcp", path) : new McpFile([], []);
        foreach (string note in file.Notes)
        {
            terminal.Error.WriteLine($"Note: {VisibleText.Sentence(note)}");
        }

        ToolLimits limits = new();
        limits = limits with { Rounds = wishes.Rounds ?? limits.Rounds, Call = wishes.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : limits.Call };
        IReadOnlyList<ICallableTool> own = OwnTools.Of(wishes.Own, wishes.Folders);
        PermissionFile kept = PermissionFile.OfUser();
        ToolPermissions permissions = new([.. wishes.Allowed], [.. wishes.Denied], kept, ask is null ? null : new ConsentQuestion(terminal, ask, kept).AskAsync);
        using Interruption.Listener interruption = terminal.Interruption.Listen();
        Toolbox box = Toolbox.OpenAsync(file.Entries, own, limits, note => terminal.Error.WriteLine($"Note: {VisibleText.Sentence(note)}"), interruption.Token).GetAwaiter().GetResult();
        try
        {
            permissions.RequireNames(box.Tools);
            return new ToolDesk(box, permissions, terminal, loader);
        }
        catch
        {
            box.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }

    /// <summary>Looks whether a server offers other tools now.</summary>
    /// <returns>Whether the model has to be told.</returns>
    public bool Refresh(CancellationToken cancel) => _box.IsStale && _box.RefreshAsync(cancel).GetAwaiter().GetResult();

    /// <summary>The calls of one question.</summary>
    public ToolRounds Question() => new(_box, _permissions, _loader(), Show);

    /// <summary>Each tool in a line, with what holds for it.</summary>
    public IEnumerable<string> List() => _box.Tools.Select(tool =>
        $"{VisibleText.Line(tool.Name)} ({VisibleText.Line(tool.Tool.Origin)}, {_permissions.Standing(tool) switch { ToolConsent.Always => "may be called", ToolConsent.Never => "never called", _ => "asked for" }}): {VisibleText.Line(Short(tool.Declaration.Function.GetProperty("description").GetString() ?? ""))}");

    /// <summary>Makes a call, waiting for it on this thread.</summary>
    public static (ToolOutput Output, string? Ends) Run(ToolRounds rounds, ToolCall call, CancellationToken cancel) => Task.Run(() => rounds.RunAsync(call, cancel), CancellationToken.None).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public void Dispose() => _box.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private void Show(ToolCall call, ToolAnswer answer)
    {
        string media = string.Join(", ", answer.Contents.OfType<Microsoft.Extensions.AI.DataContent>().Select(data => $"{data.MediaType} of {data.Data.Length} bytes"));
        string text = string.Join(", ", new[] { Short(answer.Text), media }.Where(part => part.Length > 0));
        Dimmed.WriteLine(_terminal, VisibleText.Line($"{Line(call)} {(answer.IsError ? "failed:" : "->")} {text}"));
    }

    /// <summary>A call as it is shown.</summary>
    internal static string Line(ToolCall call) => $"{call.Name}({Short(call.Arguments.ValueKind == JsonValueKind.Undefined ? "" : call.Arguments.GetRawText())})";

    private static string Short(string text)
    {
        string line = text.ReplaceLineEndings(" ");
        return line.Length <= ShownCharacters ? line : $"{line[..ShownCharacters]}... ({line.Length} characters)";
    }
}
