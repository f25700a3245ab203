using System;

namespace GemmaVk.Grammar.Schemas;

/// <summary>One way of several that a value may be: further claims, and a restriction.</summary>
/// <param name="Claims">What is claimed besides.</param>
/// <param name="Restrict">What is restricted, or null.</param>
internal sealed record Option(Claim[] Claims, Action<Shape>? Restrict = null);
