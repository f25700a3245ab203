using System.Collections.Generic;

namespace GemmaVk.Cli.Calling;

/// <summary>Which tools the model may call, by the flags. It names no type of GemmaVk.Mcp, so that its libraries are loaded only where tools are wanted.</summary>
/// <param name="File">MCP servers, or null.</param>
/// <param name="Own">Tools of the program, by name.</param>
/// <param name="Folders">Folders that may be read.</param>
/// <param name="Allowed">Names that may be called without asking.</param>
/// <param name="Denied">Names that may not be called.</param>
/// <param name="Rounds">Most rounds, or null for the default.</param>
/// <param name="Seconds">Longest call, or null for the default.</param>
internal sealed record ToolWishes(
    string? File, IReadOnlyList<string> Own, IReadOnlyList<string> Folders, IReadOnlyList<string> Allowed, IReadOnlyList<string> Denied, int? Rounds, int? Seconds);
