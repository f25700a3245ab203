namespace GemmaVk.Cli.Routing;

/// <summary>An answer, from here or elsewhere.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="Sent">The question without marks, where an endpoint answered; else null.</param>
/// <param name="Note">Who answered, where it was an endpoint.</param>
internal sealed record Routed(Answer Answer, string? Sent, string? Note);
