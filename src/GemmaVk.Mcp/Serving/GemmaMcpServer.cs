using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.BuiltIn;
using GemmaVk.Mcp.Calls;
using GemmaVk.Model;
using GemmaVk.Tensors;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace GemmaVk.Mcp.Serving;

/// <summary>
/// The model as an MCP server: other programs ask it, have pictures described and sounds written down, and search the user's documents. The streams carry
/// the protocol and nothing else.
/// </summary>
public sealed class GemmaMcpServer
{
    private readonly IReadOnlyList<ICallableTool> _tools;

    // Memory is planned for one conversation: calls that come together are answered one after another.
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <param name="config">What the model takes.</param>
    /// <param name="engine">The model, which may still be loading: programs ask what is offered before that is done. Stays the caller's to dispose, after the server has ended.</param>
    /// <param name="folders">Folders below which callers may name pictures and sounds; bytes may always be given.</param>
    /// <param name="media">How much of pictures and sounds the model gets.</param>
    /// <param name="documents">Searches the user's documents, or null where that is not offered.</param>
    public GemmaMcpServer(Gemma4Config config, Task<GemmaEngine> engine, AllowedFolders folders, MediaSettings media, ICallableTool? documents = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(engine);
        GivenFiles files = new(folders);
        List<ICallableTool> tools = [new AskModel(engine)];
        if (config.VisionConfig is not null)
        {
            tools.Add(new DescribePicture(engine, files, new MediaLoader(config, media)));
        }

        if (config.AudioConfig is not null)
        {
            tools.Add(new TranscribeSound(engine, files));
        }

        if (documents is not null)
        {
            tools.Add(documents);
        }

        _tools = tools;
    }

    /// <summary>Serves one program until it ends its input.</summary>
    /// <param name="input">Its messages.</param>
    /// <param name="output">Gets the protocol alone.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task RunAsync(Stream input, Stream output, CancellationToken cancel)
    {
        McpServerOptions options = new()
        {
            ServerInfo = new Implementation { Name = "gemmavk", Version = typeof(GemmaMcpServer).Assembly.GetName().Version?.ToString(3) ?? "1" },
            ServerInstructions = "A language model on this machine. Nothing that it is given leaves the machine.",
            Handlers = new McpServerHandlers
            {
                ListToolsHandler = (_, _) => ValueTask.FromResult(new ListToolsResult { Tools = [.. _tools.Select(Described)] }),
                CallToolHandler = async (request, token) => await CallAsync(request.Params, token).ConfigureAwait(false),
            },
        };
        StreamServerTransport transport = new(input, output, "gemmavk");
        await using (transport.ConfigureAwait(false))
        {
            McpServer server = McpServer.Create(transport, options);
            await using (server.ConfigureAwait(false))
            {
                await server.RunAsync(cancel).ConfigureAwait(false);
            }
        }
    }

    private static Tool Described(ICallableTool tool) => new()
    {
        Name = tool.Declaration.Name,
        Description = tool.Declaration.Function.GetProperty("description").GetString(),
        InputSchema = tool.Declaration.Parameters!.Value,
    };

    private async Task<CallToolResult> CallAsync(CallToolRequestParams? asked, CancellationToken cancel)
    {
        ICallableTool tool = _tools.FirstOrDefault(each => each.Declaration.Name == asked?.Name)
            ?? throw new McpProtocolException($"There is no tool {asked?.Name}: expected {string.Join(", ", _tools.Select(each => each.Declaration.Name))}.", McpErrorCode.InvalidParams);
        JsonElement arguments = JsonSerializer.SerializeToElement(asked!.Arguments ?? new Dictionary<string, JsonElement>(), CallJson.Default.IDictionaryStringJsonElement);
        ToolAnswer answer;
        await _turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            answer = ArgumentCheck.Complaint(tool.Declaration, arguments) is { } wrong ? ToolAnswer.Failed(wrong) : await tool.CallAsync(arguments, cancel).ConfigureAwait(false);
        }
        catch (GemmaVkException error)
        {
            answer = ToolAnswer.Failed(error.Message);
        }
        finally
        {
            _turn.Release();
        }

        return new CallToolResult { Content = [new TextContentBlock { Text = answer.Text }], IsError = answer.IsError };
    }
}
