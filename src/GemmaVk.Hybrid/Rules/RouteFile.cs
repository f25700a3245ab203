using System.Collections.Generic;
using System.Linq;
using GemmaVk.Hybrid.Redaction;
using GemmaVk.Hybrid.Sending;
using GemmaVk.Hybrid.Spending;

namespace GemmaVk.Hybrid.Rules;

/// <summary>What a file allows: endpoints, rules that lead to them, what is taken out before, and what may be spent. Without a file nothing leaves.</summary>
/// <param name="Path">The file.</param>
/// <param name="Endpoints">Endpoints by name.</param>
/// <param name="Rules">The first that holds decides; where none does, the local model answers alone.</param>
/// <param name="Redactor">Takes out what is not to leave.</param>
/// <param name="Limit">What may be spent, or null where nothing costs.</param>
public sealed record RouteFile(string Path, IReadOnlyDictionary<string, Endpoint> Endpoints, IReadOnlyList<RouteRule> Rules, Redactor Redactor, SpendingLimit? Limit)
{
    /// <summary>Decides where none of the rules holds.</summary>
    public static RouteRule Otherwise { get; } = new("otherwise", RouteAction.LocalOnly);

    /// <summary>Where is written what left.</summary>
    public string AuditPath { get; init; } = System.IO.Path.Join(UserFolders.Data, "audit.jsonl");

    /// <summary>Where is written what was spent.</summary>
    public string LedgerPath { get; init; } = System.IO.Path.Join(UserFolders.Data, "spending.jsonl");

    /// <summary>Reads a file.</summary>
    /// <param name="flag">Named in messages.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="Tensors.GemmaVkException">It is not there, says what is not known, or holds a key.</exception>
    public static RouteFile Read(string flag, string path) => new RouteFileReader(flag, path).Read();

    /// <summary>The rule that decides.</summary>
    public RouteRule Decide(RouteQuestion question) => Rules.FirstOrDefault(rule => rule.Holds(question)) ?? Otherwise;
}
