using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Hybrid.Redaction;
using GemmaVk.Hybrid.Sending;
using GemmaVk.Hybrid.Spending;
using GemmaVk.Tensors;

namespace GemmaVk.Hybrid.Rules;

/// <summary>
/// Reads a route file:
/// <code>
/// {
///   "endpoints": {"NAME": {"url", "model", "key_env" or "key_file", "input_price", "output_price", "max_tokens", "seconds"}},
///   "rules": [{"name", "when": {"modality", "tokens_over", "tokens_under", "tools", "mark"}, "then", "endpoint", "on", "local_seconds"}],
///   "redact": {"patterns": ["EXPRESSION" or {"name", "pattern"}], "names": [...], "names_file"},
///   "spending": {"limit", "per", "currency"},
///   "audit": "FILE"
/// }
/// </code>
/// Prices are for a million tokens. Paths are relative to the file's folder.
/// </summary>
internal sealed class RouteFileReader(string flag, string path)
{
    private const int LargestBytes = 1 << 20;
    private static readonly string[] Kinds = ["text", "image", "audio", "video"];
    private readonly string _where = $"{flag} {path}";
    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "";

    /// <summary>Reads it.</summary>
    /// <exception cref="GemmaVkException">Something in it is not what it should be.</exception>
    public RouteFile Read()
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            if (bytes.Length > LargestBytes)
            {
                throw new GemmaVkException($"{_where}: expected at most {LargestBytes >> 20} MiB, but it is larger; give another file.");
            }

            using JsonDocument json = JsonDocument.Parse(bytes, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false });
            return Read(new RouteSection(_where, json.RootElement, "endpoints", "rules", "redact", "spending", "audit"));
        }
        catch (JsonException e)
        {
            throw new GemmaVkException($"{_where}: expected JSON with \"endpoints\" and \"rules\", but {Complaint.Of(e)} Correct it.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new GemmaVkException($"{_where}: expected a readable file, but: {Complaint.Of(e)} Check the path.", e);
        }
    }

    private RouteFile Read(RouteSection root)
    {
        Dictionary<string, Endpoint> endpoints = root.Any("endpoints") is { ValueKind: JsonValueKind.Object } named
            ? named.EnumerateObject().ToDictionary(each => each.Name, each => new EndpointReader($"{_where}, endpoint {each.Name}", _folder).Read(each.Name, each.Value))
            : root.Any("endpoints") is null ? [] : throw root.Wrong("endpoints", "an object with an endpoint for each name");
        RouteRule[] rules = root.Any("rules") is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray().Select((rule, i) => Rule(rule, i + 1, endpoints))]
            : root.Any("rules") is null ? [] : throw root.Wrong("rules", "a list of rules");
        SpendingLimit? limit = root.Any("spending") is { } spending ? Limit(spending) : null;
        if (limit is null && endpoints.Values.FirstOrDefault(endpoint => endpoint.InputPrice + endpoint.OutputPrice > 0) is { } costly)
        {
            throw new GemmaVkException($"{_where}: expected \"spending\" with a \"limit\", because endpoint {costly.Name} costs something; add {{\"limit\": 5, \"per\": \"month\"}}, for one.");
        }

        RouteFile file = new(path, endpoints, rules, Redact(root.Any("redact")), limit);
        return root.Text("audit") is { } audit ? file with { AuditPath = Path.GetFullPath(audit, _folder) } : file;
    }

    private RouteRule Rule(JsonElement json, int number, Dictionary<string, Endpoint> endpoints)
    {
        string where = $"{_where}, rule {number}";
        RouteSection rule = new(where, json, "name", "when", "then", "endpoint", "on", "local_seconds");
        RouteAction action = rule.Needed("then", "local_only, local_first or cloud") switch
        {
            "local_only" => RouteAction.LocalOnly,
            "local_first" => RouteAction.LocalFirst,
            "cloud" => RouteAction.Cloud,
            var other => throw rule.Unknown("then", other, ["local_only", "local_first", "cloud"]),
        };
        string? endpoint = rule.Text("endpoint");
        if (action == RouteAction.LocalOnly != endpoint is null)
        {
            throw new GemmaVkException(endpoint is null ? $"{where}: expected \"endpoint\", one of {string.Join(", ", endpoints.Keys)}, because it may lead there; add it."
                : $"{where}: expected no \"endpoint\" beside local_only, which leads to none; take it out.");
        }

        if (endpoint is not null && !endpoints.ContainsKey(endpoint))
        {
            throw rule.Unknown("endpoint", endpoint, endpoints.Keys);
        }

        RouteSection when = new($"{where}, \"when\"", rule.Any("when") ?? JsonElement.Parse("{}"), "modality", "tokens_over", "tokens_under", "tools", "mark");
        string? mark = when.Text("mark");
        if (mark?.Any(char.IsWhiteSpace) == true)
        {
            throw when.Wrong("mark", "one word such as @cloud");
        }

        IReadOnlyList<string> on = rule.Texts("on");
        if ((on.Count > 0 || rule.Any("local_seconds") is not null) && action != RouteAction.LocalFirst)
        {
            throw new GemmaVkException($"{where}: expected \"on\" and \"local_seconds\" beside local_first alone, where the local model is tried before; take them out.");
        }

        int? seconds = rule.Whole("local_seconds", 1, 86_400);
        if (on.FirstOrDefault(reason => reason is not ("failure" or "time")) is { } unknown)
        {
            throw rule.Unknown("on", unknown, ["failure", "time"]);
        }

        if (on.Contains("time") && seconds is null)
        {
            throw new GemmaVkException($"{where}: expected \"local_seconds\" beside \"on\": \"time\", the seconds that the local model has for its first words; add it.");
        }

        return new RouteRule(rule.Text("name") ?? FormattableString.Invariant($"rule {number}"), action)
        {
            Endpoint = endpoint,
            Modality = [.. when.Texts("modality").Select(kind => Kinds.Contains(kind) ? kind : throw when.Unknown("modality", kind, Kinds))],
            TokensOver = when.Whole("tokens_over", 0, int.MaxValue),
            TokensUnder = when.Whole("tokens_under", 0, int.MaxValue),
            Tools = when.Truth("tools"),
            Mark = mark,
            OnFailure = on.Count == 0 || on.Contains("failure"),
            LocalTime = seconds is { } most && (on.Count == 0 || on.Contains("time")) ? TimeSpan.FromSeconds(most) : null,
        };
    }

    private SpendingLimit Limit(JsonElement json)
    {
        RouteSection spending = new($"{_where}, \"spending\"", json, "limit", "per", "currency");
        SpendingPeriod period = spending.Word("per", "day", "month", "ever") switch { "day" => SpendingPeriod.Day, "ever" => SpendingPeriod.Ever, _ => SpendingPeriod.Month };
        return new SpendingLimit(spending.Amount("limit") ?? throw new GemmaVkException($"{_where}, \"spending\": expected \"limit\", an amount, but it is missing; add it."), period, spending.Text("currency") ?? "");
    }

    private Redactor Redact(JsonElement? json)
    {
        if (json is null)
        {
            return new Redactor([], []);
        }

        string where = $"{_where}, \"redact\"";
        RouteSection redact = new(where, json.Value, "patterns", "names", "names_file");
        List<(string Name, string Pattern)> patterns = [];
        if (redact.Any("patterns") is { } list)
        {
            foreach (JsonElement each in list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().ToArray() : throw redact.Wrong("patterns", "a list of expressions"))
            {
                string number = FormattableString.Invariant($"pattern {patterns.Count + 1}");
                if (each.ValueKind == JsonValueKind.String)
                {
                    patterns.Add((number, each.GetString()!));
                    continue;
                }

                RouteSection pattern = new($"{where}, {number}", each, "name", "pattern");
                patterns.Add((pattern.Text("name") ?? number, pattern.Needed("pattern", "an expression")));
            }
        }

        List<string> names = [.. redact.Texts("names")];
        if (redact.Text("names_file") is { } file)
        {
            names.AddRange(File.ReadAllLines(Path.GetFullPath(file, _folder)).Select(line => line.Trim()).Where(line => line.Length > 0));
        }

        return Redactor.Of(where, patterns, names);
    }
}
