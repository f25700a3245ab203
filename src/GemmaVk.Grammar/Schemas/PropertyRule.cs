using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Grammar.Schemas;

/// <summary>What one schema says of an object's properties.</summary>
/// <param name="Declared">By name, in order.</param>
/// <param name="Patterns">By expression.</param>
/// <param name="Additional">Of all others, or null.</param>
internal sealed record PropertyRule(IReadOnlyList<(string Name, Claim Claim)> Declared, IReadOnlyList<(string Pattern, Claim Claim)> Patterns, Claim? Additional)
{
    private ILookup<string, Claim>? _byName;

    /// <summary>The claims on a declared name.</summary>
    public IEnumerable<Claim> On(string name) => (_byName ??= Declared.ToLookup(member => member.Name, member => member.Claim))[name];
}
