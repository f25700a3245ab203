using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Tensors;

namespace GemmaVk.Mcp.Servers;

/// <summary>One server of a file.</summary>
/// <param name="where">Begins a sentence.</param>
/// <param name="json">What the file says of it.</param>
/// <param name="variable">Finds a variable of the environment.</param>
internal sealed class McpEntryReader(string where, JsonElement json, Func<string, string?> variable)
{
    private readonly JsonElement _json = json.ValueKind == JsonValueKind.Object ? json
        : throw new GemmaVkException($"{where}: expected an object with \"command\" or \"url\", but a JSON {json.ValueKind.ToString().ToLowerInvariant()} came; correct it.");

    /// <summary>Whether the file switches it on, as it does where it says nothing.</summary>
    public bool IsOn => Kind("disabled") != JsonValueKind.True && Kind("enabled") != JsonValueKind.False;

    /// <summary>Keys that mean nothing here.</summary>
    public IEnumerable<string> Unknown(string[] known) => _json.EnumerateObject().Select(property => property.Name).Where(name => !known.Contains(name));

    /// <summary>Reads it.</summary>
    /// <exception cref="GemmaVkException">It is no server.</exception>
    public McpEntry Read(string name)
    {
        (string? command, string? url) = (Text("command"), Text("url"));
        if (name.Length == 0 || (command is null) == (url is null))
        {
            throw new GemmaVkException($"{where}: expected a name, and one of \"command\" and \"url\", but {(name.Length == 0 ? "the name is empty" : command is null ? "neither" : "both")} came; correct it.");
        }

        if ((Text("type") ?? Text("transport")) is "sse")
        {
            throw new GemmaVkException($"{where}: expected streamable HTTP or a command, but \"sse\" came, which MCP has given up; use the server's address for streamable HTTP.");
        }

        if (command is { Length: 0 })
        {
            throw new GemmaVkException($"{where}: expected a program as \"command\", but it is empty; name one.");
        }

        return new McpEntry(name)
        {
            Command = command,
            Arguments = List("args"),
            Environment = Pairs("env"),
            Folder = Text("cwd"),
            Url = url is null ? null : Address(url),
            Headers = Pairs("headers"),
        };
    }

    private Uri Address(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0)
        {
            throw new GemmaVkException($"{where}: expected \"url\" as an https address without a name or password in it, but \"{text}\" came; correct it, and put what is secret into \"headers\".");
        }

        return url.Scheme == "https" || url.IsLoopback ? url
            : throw new GemmaVkException($"{where}: expected https for {url.Host}, because what is sent over http can be read on the way; http is for this machine alone.");
    }

    private JsonValueKind Kind(string key) => _json.TryGetProperty(key, out JsonElement value) ? value.ValueKind : JsonValueKind.Undefined;

    private string? Text(string key) => Kind(key) switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => null,
        JsonValueKind.String => Placeholders.Fill(_json.GetProperty(key).GetString()!, $"{where}, \"{key}\"", variable),
        _ => throw Wrong(key, "a text"),
    };

    private IReadOnlyList<string> List(string key) => Kind(key) switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => [],
        JsonValueKind.Array => [.. _json.GetProperty(key).EnumerateArray().Select(item => Value(key, item, "a list of texts"))],
        _ => throw Wrong(key, "a list of texts"),
    };

    private Dictionary<string, string> Pairs(string key) => Kind(key) switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => [],
        JsonValueKind.Object => _json.GetProperty(key).EnumerateObject().ToDictionary(pair => pair.Name, pair => Value(key, pair.Value, "an object of texts")),
        _ => throw Wrong(key, "an object of texts"),
    };

    private string Value(string key, JsonElement value, string expected) =>
        value.ValueKind == JsonValueKind.String ? Placeholders.Fill(value.GetString()!, $"{where}, \"{key}\"", variable) : throw Wrong(key, expected);

    private GemmaVkException Wrong(string key, string expected) =>
        new($"{where}: expected \"{key}\" as {expected}, but a JSON {Kind(key).ToString().ToLowerInvariant()} came, or holds another; correct it.");
}
