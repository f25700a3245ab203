namespace GemmaVk.Server.Bodies;

/// <summary>An error as OpenAI's API writes it.</summary>
/// <param name="Error">What went wrong.</param>
internal sealed record ErrorEnvelope(ErrorDetail Error);

/// <summary>What went wrong; all four are always there.</summary>
internal sealed record ErrorDetail(string Message, string Type, string? Param, string? Code);

/// <summary>An error as Anthropic's API writes it.</summary>
/// <param name="Type">"error".</param>
/// <param name="Error">What went wrong.</param>
internal sealed record MessagesError(string Type, MessagesErrorDetail Error);

/// <summary>What went wrong, in Anthropic's kinds.</summary>
internal sealed record MessagesErrorDetail(string Type, string Message);
