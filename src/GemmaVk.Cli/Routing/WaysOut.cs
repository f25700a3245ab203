using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using GemmaVk.Cli.Listings;
using GemmaVk.Hybrid.Rules;
using GemmaVk.Hybrid.Sending;
using GemmaVk.Hybrid.Spending;
using GemmaVk.Mcp.Permissions;
using GemmaVk.Mcp.Servers;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Routing;

/// <summary>Every way by which something may leave this machine, or by which others may reach it.</summary>
internal sealed class WaysOut
{
    private readonly List<(bool Leaves, string Sentence)> _ways = [];

    /// <param name="route">A route file, or null.</param>
    /// <param name="mcp">A file of MCP servers, or null.</param>
    /// <param name="endpoints">Servers to be measured.</param>
    /// <param name="host">An address to listen on, or null.</param>
    /// <exception cref="GemmaVkException">A file or an address is none.</exception>
    public WaysOut(string? route, string? mcp, IReadOnlyList<string> endpoints, string? host)
    {
        if (route is not null)
        {
            AddRoutes(Parts.Routing ? RouteFile.Read("--route", route) : throw Parts.LeftOut("--route", nameof(Parts.Routing)));
        }

        if (mcp is not null)
        {
            AddServers(Parts.Tools ? McpFile.Read("--mcp", mcp) : throw Parts.LeftOut("--mcp", nameof(Parts.Tools)));
        }

        foreach (string endpoint in endpoints)
        {
            Uri url = Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? given) && given.Scheme is "http" or "https" ? given
                : throw new GemmaVkException($"--endpoint {endpoint}: expected an http address, but it is none; correct it.");
            _ways.Add((!url.IsLoopback, $"eval --endpoint: its questions go to {url.Host}{(url.IsLoopback ? ", which is this machine" : "")}."));
        }

        if (host is not null)
        {
            AddHost(host);
        }
    }

    private bool Leaves => _ways.Exists(way => way.Leaves);

    /// <summary>For people.</summary>
    public IEnumerable<string> Lines()
    {
        yield return Leaves ? "With these flags something may leave this machine:" : "With these flags nothing leaves this machine.";
        foreach ((bool leaves, string sentence) in _ways)
        {
            yield return $"{(leaves ? "-> " : "   ")}{VisibleText.Line(sentence)}";
        }

        if (_ways.Count == 0)
        {
            yield return "   No route file, no MCP server, no endpoint and no address that others reach was given. The program fetches nothing by itself: no weights, no updates, no figures.";
        }

        PermissionFile kept = PermissionFile.OfUser();
        if (File.Exists(kept.Path))
        {
            yield return $"   Kept of tools, in {VisibleText.Line(kept.Path)}: {string.Join(", ", kept.Read().Select(pair => $"{VisibleText.Line(pair.Key)} {pair.Value.Consent.ToString().ToLowerInvariant()}"))}.";
        }
    }

    /// <summary>For programs.</summary>
    public void WriteJson(TextWriter output) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("leaves", Leaves);
        json.WriteStartArray("ways");
        foreach ((bool leaves, string sentence) in _ways)
        {
            json.WriteStartObject();
            json.WriteBoolean("leaves", leaves);
            json.WriteString("way", sentence);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private void AddRoutes(RouteFile file)
    {
        foreach (RouteRule rule in file.Rules.Where(rule => rule.Endpoint is not null))
        {
            Endpoint endpoint = file.Endpoints[rule.Endpoint!];
            string when = rule.Action == RouteAction.Cloud ? "answers" : "answers where the local model fails or is slow";
            _ways.Add((endpoint.IsRemote, $"--route, {rule.Name}: {endpoint.Name} at {endpoint.Url.Host} {when}, {Conditions(rule)}, with consent each time{(endpoint.Key is { } key ? $"; it is shown the key in {key.Place}" : "")}."));
        }

        if (file.Rules.Any(rule => rule.Endpoint is not null))
        {
            _ways.Add((false, file.Redactor.IsEmpty ? "Nothing is taken out before (\"redact\" is empty)." : $"Taken out before: {string.Join(", ", file.Redactor.Kinds)}."));
            _ways.Add((false, file.Limit is { } limit ? $"At most {limit.Shown(limit.Amount)} {limit.Time}; {limit.Shown(new Ledger(file.LedgerPath, TimeProvider.System).Spent(limit))} are spent." : "Nothing there costs anything."));
            _ways.Add((false, $"What left is in {file.AuditPath}, byte for byte."));
        }
        else
        {
            _ways.Add((false, "--route: no rule leads to an endpoint."));
        }
    }

    private static string Conditions(RouteRule rule)
    {
        string[] conditions =
        [
            .. rule.Modality.Count > 0 ? [$"for {string.Join(" or ", rule.Modality)}"] : Array.Empty<string>(),
            .. rule.TokensOver is { } over ? [FormattableString.Invariant($"above {over} tokens")] : Array.Empty<string>(),
            .. rule.TokensUnder is { } under ? [FormattableString.Invariant($"below {under} tokens")] : Array.Empty<string>(),
            .. rule.Tools is { } tools ? [tools ? "with tools" : "without tools"] : Array.Empty<string>(),
            .. rule.Mark is { } mark ? [$"for questions marked {mark}"] : Array.Empty<string>(),
        ];
        return conditions.Length > 0 ? string.Join(" and ", conditions) : "for any question";
    }

    private void AddServers(McpFile file)
    {
        foreach (McpEntry entry in file.Entries)
        {
            _ways.Add(entry.Url is not null
                ? (entry.IsRemote, $"--mcp, server {entry.Name}: arguments of calls that are allowed go to {entry.Url.Host}{(entry.IsRemote ? "" : ", which is this machine")}.")
                : (true, $"--mcp, server {entry.Name}: the program {entry.Command} gets arguments of calls that are allowed; what it does with them is its own."));
        }
    }

    private void AddHost(string host)
    {
        bool near = host == "localhost" || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));
        _ways.Add((!near, near ? $"serve --host {host}: only this machine reaches the server."
            : $"serve --host {host}: other machines reach the server, with the key of --api-key-file; answers go to whoever shows it."));
    }
}
