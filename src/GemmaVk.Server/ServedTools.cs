using GemmaVk.Mcp;
using GemmaVk.Mcp.Permissions;

namespace GemmaVk.Server;

/// <summary>Tools that the server runs: for the page, where somebody says of each whether it may be called, and for requests that ask for it.</summary>
/// <param name="Box">The tools; stays the caller's to dispose, after the server.</param>
/// <param name="Permissions">Which may be called. They ask nobody: the page brings what its user said.</param>
public sealed record ServedTools(Toolbox Box, ToolPermissions Permissions);
