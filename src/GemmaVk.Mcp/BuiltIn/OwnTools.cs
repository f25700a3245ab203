using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Mcp.Calls;
using GemmaVk.Tensors;

namespace GemmaVk.Mcp.BuiltIn;

/// <summary>The program's own tools: none unless they are named. None of them runs a program, writes a file or reaches another machine.</summary>
public static class OwnTools
{
    /// <summary>What can be named.</summary>
    public static IReadOnlyList<string> Names { get; } = ["calculator", "date", "files"];

    /// <summary>Makes the tools of some names.</summary>
    /// <param name="names">Of <see cref="Names"/>.</param>
    /// <param name="folders">Folders that may be read.</param>
    /// <exception cref="GemmaVkException">A name is none, or files are wanted without a folder or a folder without files.</exception>
    public static IReadOnlyList<ICallableTool> Of(IReadOnlyList<string> names, IReadOnlyList<string> folders)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(folders);
        if (names.FirstOrDefault(name => !Names.Contains(name)) is { } unknown)
        {
            throw new GemmaVkException($"--tool {unknown}: expected {string.Join(", ", Names)}{(Spelling.Nearest(unknown, Names) is { } meant ? $"; did you mean {meant}?" : "; give one of them.")}");
        }

        if (names.Contains("files") != folders.Count > 0)
        {
            throw new GemmaVkException(folders.Count > 0
                ? "--allow-folder: expected together with --tool files, which reads what lies below it; add that, or leave the folder out."
                : "--tool files: expected together with --allow-folder DIR, because no file may be read unless its folder is named; name one.");
        }

        AllowedFolders? allowed = folders.Count > 0 ? new("--allow-folder", folders) : null;
        return [.. names.Distinct().SelectMany(name => (ICallableTool[])(name switch
        {
            "calculator" => [new Calculator()],
            "date" => [new Calendar(TimeProvider.System)],
            _ => [new ListFiles(allowed!), new ReadFile(allowed!), new SearchFiles(allowed!)],
        }))];
    }
}
