using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.Calls;
using GemmaVk.Tensors;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace GemmaVk.Mcp.Servers;

/// <summary>A connection to one MCP server. Whatever it does, it is asked for a limited time and a limited number of bytes.</summary>
internal sealed class McpConnection : IAsyncDisposable
{
    private readonly McpEntry _entry;
    private readonly ToolLimits _limits;
    private readonly ChildServer? _child;
    private readonly BoundedAnswers? _answers;
    private McpClient? _client;

    private McpConnection(McpEntry entry, ToolLimits limits)
    {
        (_entry, _limits) = (entry, limits);
        _child = entry.Url is null ? ChildServer.Start(entry, limits.MessageBytes) : null;
        _answers = entry.Url is null ? null : new BoundedAnswers(limits.MessageBytes);
    }

    /// <summary>What the file calls it.</summary>
    public string Name => _entry.Name;

    /// <summary>What it is.</summary>
    public string Place => _entry.Place;

    /// <summary>Whether it said that it offers other tools than before.</summary>
    public bool Changed { get; private set; }

    /// <summary>Its process, or null where it is none of this machine.</summary>
    internal int? ProcessId => _child?.Id;

    /// <summary>Connects.</summary>
    /// <exception cref="GemmaVkException">It cannot be started or reached, or does not speak the protocol.</exception>
    public static async Task<McpConnection> OpenAsync(McpEntry entry, ToolLimits limits, CancellationToken cancel)
    {
        McpConnection connection = new(entry, limits);
        try
        {
            await connection.Guarded(limits.Start, "say what it is", connection.Connect, cancel).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What it offers now. Tools that cannot be declared are left out.</summary>
    /// <param name="notes">Gets a sentence for each that is left out.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="GemmaVkException">It does not say.</exception>
    public async Task<IReadOnlyList<ICallableTool>> ListAsync(ICollection<string> notes, CancellationToken cancel)
    {
        Changed = false;
        List<ICallableTool> tools = [];
        IList<McpClientTool> listed = await Guarded(_limits.Start, "list its tools", async token => await _client!.ListToolsAsync(cancellationToken: token).ConfigureAwait(false), cancel).ConfigureAwait(false);
        foreach (Tool tool in listed.Select(each => each.ProtocolTool).Take(_limits.Tools))
        {
            try
            {
                tools.Add(new McpTool(this, tool));
            }
            catch (GemmaVkException error)
            {
                notes.Add($"{error.Message} It is left out.");
            }
        }

        return tools;
    }

    /// <summary>Calls a tool; what goes wrong is an answer.</summary>
    public async Task<ToolAnswer> CallAsync(string tool, JsonElement arguments, CancellationToken cancel)
    {
        Dictionary<string, object?> given = arguments.ValueKind == JsonValueKind.Object ? arguments.EnumerateObject().ToDictionary(pair => pair.Name, pair => (object?)pair.Value) : [];
        try
        {
            CallToolResult result = await Guarded(_limits.Call, $"answer the call of {tool}", async token => await _client!.CallToolAsync(tool, given, cancellationToken: token).ConfigureAwait(false), cancel).ConfigureAwait(false);
            return new ToolAnswer([.. result.Content.SelectMany(Contents), .. Structured(result)], result.IsError == true);
        }
        catch (GemmaVkException error)
        {
            return ToolAnswer.Failed(error.Message);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Before the client, which would wait for it.
        ValueTask end = _child?.DisposeAsync() ?? default;
        if (_client is { } client)
        {
            await client.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(3)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await end.ConfigureAwait(false);
        _answers?.Dispose();
    }

    private async Task<bool> Connect(CancellationToken cancel)
    {
        McpClientOptions options = new()
        {
            ClientInfo = new Implementation { Name = "gemmavk", Version = typeof(McpConnection).Assembly.GetName().Version?.ToString(3) ?? "1" },
            InitializationTimeout = _limits.Start,
            DiscoverProbeTimeout = TimeSpan.FromSeconds(2),
            Handlers = new McpClientHandlers
            {
                NotificationHandlers = [new(NotificationMethods.ToolListChangedNotification, (_, _) =>
                {
                    Changed = true;
                    return default;
                })],
            },
        };
        IClientTransport transport = _child is not null ? new StreamClientTransport(_child.Input, _child.Output) : new HttpClientTransport(
            new HttpClientTransportOptions
            {
                Endpoint = _entry.Url!,
                TransportMode = HttpTransportMode.StreamableHttp,
                Name = Name,
                ConnectionTimeout = _limits.Start,
                AdditionalHeaders = new Dictionary<string, string>(_entry.Headers),
                MaxReconnectionAttempts = 1,
            },
            new HttpClient(_answers!, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan },
            loggerFactory: null,
            ownsHttpClient: true);
        _client = await McpClient.CreateAsync(transport, options, cancellationToken: cancel).ConfigureAwait(false);
        return true;
    }

    /// <summary>Does something within a time, and makes a sentence of what goes wrong.</summary>
    private async Task<T> Guarded<T>(TimeSpan time, string what, Func<CancellationToken, Task<T>> act, CancellationToken cancel)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(time);
        try
        {
            // A server that is written to and does not read would hold the call beyond its time.
            return await act(late.Token).WaitAsync(late.Token).ConfigureAwait(false);
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancel);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            string fate = Fate();
            throw new GemmaVkException(FormattableString.Invariant($"server {Name}: expected it to {what} within {time.TotalSeconds:0.#} s, but it did not{(fate.Length > 0 ? $": it {fate}" : "")}; check {Place}."), e);
        }
        catch (McpProtocolException e)
        {
            throw new GemmaVkException($"server {Name} refused to {what}: {Shortened(e.Message)}", e);
        }
        // What a server sends decides what is thrown at reading it: no exception of its may end the program.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            string fate = Fate();
            throw new GemmaVkException($"server {Name}: expected it to {what}, but it {(fate.Length > 0 ? fate : $"cannot be talked to: {Shortened(Complaint.Of(e.GetBaseException()))}")}; check {Place}.", e);
        }
    }

    private string Fate()
    {
        // The end of its output may come before the end of the process is known.
        if (_child is { Fate.Length: 0 })
        {
            Thread.Sleep(100);
        }

        return _child?.Fate ?? _answers?.Fault ?? "";
    }

    private static string Shortened(string text) => VisibleText.Line(text.Length <= 300 ? text : text[..300] + "...");

    /// <summary>What the model is given of a result: words, pictures and sounds. Links are words: nothing is fetched.</summary>
    private static IEnumerable<AIContent> Contents(ContentBlock block)
    {
        switch (block)
        {
            case TextContentBlock text:
                yield return new TextContent(text.Text);
                break;
            case ImageContentBlock image:
                yield return Data(() => image.DecodedData, image.MimeType);
                break;
            case AudioContentBlock sound:
                yield return Data(() => sound.DecodedData, sound.MimeType);
                break;
            case EmbeddedResourceBlock { Resource: TextResourceContents text }:
                yield return new TextContent(text.Text);
                break;
            case EmbeddedResourceBlock { Resource: BlobResourceContents blob }:
                yield return Data(() => blob.DecodedData, blob.MimeType);
                break;
            case ResourceLinkBlock link:
                yield return new TextContent($"(a link: {link.Uri})");
                break;
            default:
                yield return new TextContent($"(content of type {block.Type})");
                break;
        }
    }

    private static AIContent Data(Func<ReadOnlyMemory<byte>> bytes, string? type)
    {
        try
        {
            return new DataContent(bytes(), string.IsNullOrWhiteSpace(type) ? "application/octet-stream" : type);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            return new TextContent("(content whose bytes or type cannot be read)");
        }
    }

    /// <summary>Structured content where no words say the same.</summary>
    private static IEnumerable<AIContent> Structured(CallToolResult result) =>
        result.StructuredContent is { } value && !result.Content.OfType<TextContentBlock>().Any() ? [new TextContent(value.GetRawText())] : [];
}
