using System;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.Calls;
using GemmaVk.Tensors;
using GemmaVk.Text;
using ModelContextProtocol.Protocol;

namespace GemmaVk.Mcp.Servers;

/// <summary>A tool of a server as it was when it was listed.</summary>
internal sealed class McpTool : ICallableTool
{
    private const int LongestDescription = 4096;
    private readonly McpConnection _connection;
    private readonly string _name;

    /// <param name="connection">Its server.</param>
    /// <param name="tool">What the server says of it.</param>
    /// <exception cref="GemmaVkException">It cannot be declared.</exception>
    public McpTool(McpConnection connection, Tool tool)
    {
        (_connection, _name) = (connection, tool.Name);
        Declaration = Declare(tool.Name, tool.Description ?? tool.Title ?? "", tool.InputSchema, connection.Name);
        Fingerprint = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{connection.Place}\n{Declaration.Function.GetRawText()}")))[..16];
    }

    /// <inheritdoc/>
    public ToolDeclaration Declaration { get; }

    /// <inheritdoc/>
    public string Origin => _connection.Name;

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    public Task<ToolAnswer> CallAsync(JsonElement arguments, CancellationToken cancel) => _connection.CallAsync(_name, arguments, cancel);

    /// <summary>A strict declaration: whatever the model writes as arguments fits the schema.</summary>
    /// <exception cref="GemmaVkException">It cannot be declared.</exception>
    internal static ToolDeclaration Declare(string name, string description, JsonElement schema, string origin)
    {
        description = description.Length <= LongestDescription ? description : description[..LongestDescription];
        using System.IO.MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("description", description);
            json.WritePropertyName("parameters");
            schema.WriteTo(json);
            json.WriteBoolean("strict", true);
            json.WriteEndObject();
        }

        try
        {
            return new ToolDeclaration(JsonElement.Parse(bytes.ToArray()));
        }
        catch (Exception e) when (e is TextException or JsonException)
        {
            throw new GemmaVkException($"tool {name} of {origin}: {e.Message}", e);
        }
    }
}
