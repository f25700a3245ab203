using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using GemmaVk.Tensors;

namespace GemmaVk.Mcp.Permissions;

/// <summary>
/// What was said of tools for good: a file in the user's settings that is written only when asked. A permission is for a tool as it was: its server, its
/// description and its schema are part of what is allowed.
/// </summary>
/// <param name="path">The file; it need not be there.</param>
public sealed class PermissionFile(string path)
{
    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>The file of whoever runs this.</summary>
    public static PermissionFile OfUser() => new(System.IO.Path.Join(UserFolders.Settings, "tools.json"));

    /// <summary>What is kept: <see cref="ToolConsent.Always"/> or <see cref="ToolConsent.Never"/> by origin and name, with the tool's fingerprint.</summary>
    /// <exception cref="GemmaVkException">It is there and cannot be read: nothing is guessed of who may do what.</exception>
    public IReadOnlyDictionary<string, (ToolConsent Consent, string Fingerprint)> Read()
    {
        Dictionary<string, (ToolConsent, string)> kept = [];
        if (!File.Exists(path))
        {
            return kept;
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (JsonProperty tool in json.RootElement.GetProperty("tools").EnumerateObject())
            {
                ToolConsent consent = tool.Value.GetProperty("consent").GetString() switch
                {
                    "always" => ToolConsent.Always,
                    "never" => ToolConsent.Never,
                    var other => throw new FormatException($"{tool.Name} has the consent \"{other}\""),
                };
                kept[tool.Name] = (consent, tool.Value.GetProperty("fingerprint").GetString() ?? "");
            }

            return kept;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new GemmaVkException($"{path}: expected what was said of tools, but {Complaint.Of(e)} Correct it, or delete it to be asked again.", e);
        }
    }

    /// <summary>Keeps what was said of a tool, beside what is there.</summary>
    /// <exception cref="GemmaVkException">It cannot be written.</exception>
    public void Keep(string tool, ToolConsent consent, string fingerprint)
    {
        Dictionary<string, (ToolConsent Consent, string Fingerprint)> all = new(Read()) { [tool] = (consent, fingerprint) };
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartObject("tools");
            foreach ((string name, (ToolConsent said, string print)) in all)
            {
                json.WriteStartObject(name);
                json.WriteString("consent", said == ToolConsent.Always ? "always" : "never");
                json.WriteString("fingerprint", print);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        UserFolders.Replace(path, bytes.ToArray());
    }
}
