using System;
using System.Collections.Generic;

namespace GemmaVk.Mcp.Servers;

/// <summary>A server of tools as a file names it: a program that is started, or an address. One of <see cref="Command"/> and <see cref="Url"/> is there.</summary>
/// <param name="Name">What the file calls it.</param>
public sealed record McpEntry(string Name)
{
    /// <summary>The program.</summary>
    public string? Command { get; init; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables that it gets beside the harmless ones of this process.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Where it runs, or null for here.</summary>
    public string? Folder { get; init; }

    /// <summary>Address of streamable HTTP: https, or http of this machine.</summary>
    public Uri? Url { get; init; }

    /// <summary>Headers of every request to it.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether what is sent to it leaves this machine.</summary>
    public bool IsRemote => Url is { IsLoopback: false };

    /// <summary>What it is, without what may be secret in it.</summary>
    public string Place => Url is { } url ? url.GetLeftPart(UriPartial.Path) : $"{Command}{(Arguments.Count > 0 ? " " + string.Join(' ', Arguments) : "")}";
}
