namespace GemmaVk.Grammar.Schemas;

/// <summary>That a value fits a schema, or that it does not.</summary>
/// <param name="Part">The schema.</param>
/// <param name="Holds">Whether it fits.</param>
/// <param name="From">The claim this one was made by without looking deeper into the value, to notice circles.</param>
internal sealed record Claim(SchemaPart Part, bool Holds, Claim? From = null)
{
    /// <summary>A number for what is claimed.</summary>
    public int Key => (Part.Id << 1) | (Holds ? 1 : 0);

    /// <summary>The opposite.</summary>
    public Claim Not => this with { Holds = !Holds };
}
