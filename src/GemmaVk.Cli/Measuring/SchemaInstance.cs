namespace GemmaVk.Cli.Measuring;

/// <summary>One instance of a schema that was tried.</summary>
/// <param name="Valid">Whether it fits the schema.</param>
/// <param name="Accepted">Whether the automaton took it to its end.</param>
/// <param name="Stopped">The text up to the token that was not taken, or null.</param>
internal sealed record SchemaInstance(bool Valid, bool Accepted, string? Stopped);
