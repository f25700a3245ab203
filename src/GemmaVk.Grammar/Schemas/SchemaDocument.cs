using System;
using System.Collections.Generic;
using System.Text.Json;

namespace GemmaVk.Grammar.Schemas;

/// <summary>A schema's document: its parts by pointer, and what references mean. Nothing outside the document is ever read.</summary>
internal sealed class SchemaDocument
{
    private const int MostParts = 200_000;

    private readonly Dictionary<string, SchemaPart> _parts = [];
    private readonly Dictionary<string, (JsonElement Element, string Pointer)> _anchors = [];
    private readonly string _rootId = "";

    public SchemaDocument(JsonElement root)
    {
        Root = Part(root, "");
        if (root.ValueKind == JsonValueKind.Object)
        {
            string version = root.TryGetProperty("$schema", out JsonElement named) && named.ValueKind == JsonValueKind.String ? named.GetString()! : "";
            SiblingsCount = !(version.Contains("draft-04", StringComparison.Ordinal) || version.Contains("draft-06", StringComparison.Ordinal) || version.Contains("draft-07", StringComparison.Ordinal));
            _rootId = IdOf(root) ?? "";
        }

        False = Part(JsonDocument.Parse("false").RootElement, "(false)");
        Anchors(root, "", 0);
    }

    public SchemaPart Root { get; }

    /// <summary>The schema that nothing fits.</summary>
    public SchemaPart False { get; }

    /// <summary>Whether keywords beside a $ref count: not so up to draft 7.</summary>
    public bool SiblingsCount { get; } = true;

    /// <summary>The part at a pointer, made once.</summary>
    public SchemaPart Part(JsonElement element, string pointer, bool isValue = false)
    {
        if (!_parts.TryGetValue(pointer, out SchemaPart? part))
        {
            if (_parts.Count >= MostParts)
            {
                throw new GrammarException(pointer, "schema", $"the schema has more than {MostParts} parts; make it smaller");
            }

            part = new SchemaPart(_parts.Count, element, pointer, isValue);
            _parts.Add(pointer, part);
        }

        return part;
    }

    /// <summary>The part a reference means.</summary>
    public SchemaPart Resolve(string reference, string at)
    {
        string target = reference;
        int hash = target.IndexOf('#', StringComparison.Ordinal);
        string document = hash < 0 ? target : target[..hash];
        string fragment = hash < 0 ? "" : target[(hash + 1)..];
        if (document.Length > 0 && document != _rootId.TrimEnd('#'))
        {
            if (_anchors.TryGetValue(target, out (JsonElement Element, string Pointer) whole) || _anchors.TryGetValue(document, out whole))
            {
                return fragment.Length == 0 || _anchors.ContainsKey(target) ? Part(whole.Element, whole.Pointer) : Walk(whole.Element, whole.Pointer, fragment, reference, at);
            }

            throw new GrammarException($"{at}/$ref", "$ref", $"\"{reference}\" lies outside this schema, and nothing is fetched; put it under $defs");
        }

        if (fragment.Length > 0 && fragment[0] != '/')
        {
            return _anchors.TryGetValue("#" + fragment, out (JsonElement Element, string Pointer) named) ? Part(named.Element, named.Pointer)
                : throw new GrammarException($"{at}/$ref", "$ref", $"\"{reference}\" names nothing in this schema; add it or correct the name");
        }

        return Walk(Root.Element, "", fragment, reference, at);
    }

    private SchemaPart Walk(JsonElement element, string pointer, string fragment, string reference, string at)
    {
        foreach (string raw in fragment.Length == 0 ? [] : fragment[1..].Split('/'))
        {
            string key = Uri.UnescapeDataString(raw).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            bool found = false;
            if (element.ValueKind == JsonValueKind.Object)
            {
                found = element.TryGetProperty(key, out element);
            }
            else if (element.ValueKind == JsonValueKind.Array && int.TryParse(key, out int index) && index >= 0 && index < element.GetArrayLength())
            {
                element = element[index];
                found = true;
            }

            if (!found)
            {
                throw new GrammarException($"{at}/$ref", "$ref", $"\"{reference}\" names nothing in this schema; add it or correct the name");
            }

            pointer = $"{pointer}/{Escaped(key)}";
        }

        return Part(element, pointer);
    }

    /// <summary>A key as a step of a JSON pointer.</summary>
    public static string Escaped(string key) => key.Contains('~') || key.Contains('/') ? key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal) : key;

    private static string? IdOf(JsonElement schema) =>
        (schema.TryGetProperty("$id", out JsonElement id) || schema.TryGetProperty("id", out id)) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;

    private void Anchors(JsonElement element, string pointer, int depth)
    {
        if (depth > 60)
        {
            return;
        }

        if (element.ValueKind == JsonValueKind.Object)
        {
            if (IdOf(element) is { Length: > 0 } id)
            {
                _anchors.TryAdd(id.Length > 1 ? id.TrimEnd('#') : id, (element, pointer));
            }

            if (element.TryGetProperty("$anchor", out JsonElement anchor) && anchor.ValueKind == JsonValueKind.String)
            {
                _anchors.TryAdd("#" + anchor.GetString(), (element, pointer));
            }

            foreach (JsonProperty property in element.EnumerateObject())
            {
                if (property.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array && property.Name is not ("enum" or "const" or "default" or "examples"))
                {
                    Anchors(property.Value, $"{pointer}/{Escaped(property.Name)}", depth + 1);
                }
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            int index = 0;
            foreach (JsonElement item in element.EnumerateArray())
            {
                if (item.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                {
                    Anchors(item, $"{pointer}/{index}", depth + 1);
                }

                index++;
            }
        }
    }
}
