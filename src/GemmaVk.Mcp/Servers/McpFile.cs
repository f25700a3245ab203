using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Tensors;

namespace GemmaVk.Mcp.Servers;

/// <summary>
/// A file of MCP servers in the form that editors share: <c>{"mcpServers": {"NAME": {"command", "args", "env", "cwd"} or {"url", "headers"}}}</c>, with
/// <c>${NAME}</c> from the environment in every text.
/// </summary>
/// <param name="Entries">The servers that are switched on.</param>
/// <param name="Notes">What was read but has no meaning here, a sentence each.</param>
public sealed record McpFile(IReadOnlyList<McpEntry> Entries, IReadOnlyList<string> Notes)
{
    private const int LargestBytes = 1 << 20;
    private const int MostServers = 64;
    private static readonly string[] Known = ["command", "args", "env", "cwd", "url", "headers", "type", "transport", "disabled", "enabled"];

    /// <summary>Reads a file.</summary>
    /// <param name="flag">Named in messages.</param>
    /// <param name="path">The file.</param>
    /// <param name="variable">Finds a variable of the environment; null for that of this process.</param>
    /// <exception cref="GemmaVkException">It cannot be read, is no JSON, or names a server that cannot be reached so.</exception>
    public static McpFile Read(string flag, string path, Func<string, string?>? variable = null)
    {
        string where = $"{flag} {path}";
        byte[] bytes = Bytes(where, path);
        try
        {
            using JsonDocument json = JsonDocument.Parse(bytes, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false });
            return Read(where, json.RootElement, variable ?? Environment.GetEnvironmentVariable);
        }
        catch (JsonException e)
        {
            throw new GemmaVkException($"{where}: expected JSON with \"mcpServers\", but {Complaint.Of(e)} Correct it.", e);
        }
        catch (InvalidOperationException e)
        {
            throw new GemmaVkException($"{where}: expected texts of whole characters, but one is none; correct it.", e);
        }
    }

    private static McpFile Read(string where, JsonElement root, Func<string, string?> variable)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("mcpServers", out JsonElement servers) || servers.ValueKind != JsonValueKind.Object)
        {
            throw new GemmaVkException($"{where}: expected an object \"mcpServers\" with a server for each name; write {{\"mcpServers\": {{\"NAME\": {{\"command\": ..., \"args\": [...]}}}}}}.");
        }

        List<McpEntry> entries = [];
        List<string> notes = [.. root.EnumerateObject().Where(property => property.Name != "mcpServers").Select(property => $"{where}: \"{property.Name}\" is not read; servers stand in \"mcpServers\".")];
        foreach (JsonProperty server in servers.EnumerateObject())
        {
            McpEntryReader reader = new($"{where}, server {server.Name}", server.Value, variable);
            notes.AddRange(reader.Unknown(Known).Select(key => $"{where}, server {server.Name}: \"{key}\" is not read."));
            if (reader.IsOn)
            {
                entries.Add(reader.Read(server.Name));
            }
        }

        return entries.Count <= MostServers ? new McpFile(entries, notes)
            : throw new GemmaVkException($"{where}: expected at most {MostServers} servers, but {entries.Count} came; leave some out.");
    }

    private static byte[] Bytes(string where, string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            byte[] bytes = new byte[LargestBytes + 1];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length <= LargestBytes ? bytes[..length] : throw new GemmaVkException($"{where}: expected at most {LargestBytes >> 20} MiB, but it is larger; give another file.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new GemmaVkException($"{where}: expected a readable file, but: {Complaint.Of(e)} Check the path.", e);
        }
    }
}
