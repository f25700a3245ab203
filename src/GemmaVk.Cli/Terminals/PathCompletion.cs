using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Terminals;

/// <summary>How the Tab key goes on with a line of a chat: commands, and the paths behind those that take one.</summary>
internal static class PathCompletion
{
    private const int MostShown = 40;

    /// <summary>What a line can become.</summary>
    /// <param name="line">What is typed so far.</param>
    /// <param name="commands">All commands, such as /image.</param>
    /// <param name="withPath">Those that a path follows.</param>
    /// <returns>The line with everything added that is certain, and the choices where there are several.</returns>
    public static (string Line, IReadOnlyList<string> Choices) Complete(string line, IReadOnlyList<string> commands, IReadOnlyList<string> withPath)
    {
        if (!line.StartsWith('/'))
        {
            return (line, []);
        }

        int space = line.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0)
        {
            string[] found = [.. commands.Where(command => command.StartsWith(line, StringComparison.Ordinal))];
            return found.Length == 1
                ? (withPath.Contains(found[0]) ? found[0] + " " : found[0], [])
                : (Longest(line, found, StringComparison.Ordinal), found);
        }

        if (!withPath.Contains(line[..space]))
        {
            return (line, []);
        }

        string typed = line[(space + 1)..].TrimStart();
        (string path, IReadOnlyList<string> choices) = Found(typed.TrimStart('"'));
        return ($"{line[..space]} {(typed.StartsWith('"') ? "\"" : "")}{path}", choices);
    }

    /// <summary>The path of a command, which may stand in quotes.</summary>
    public static string Path(string typed) =>
        HomePath.Expand(typed.Length > 1 && typed[0] is '"' or '\'' && typed[^1] == typed[0] ? typed[1..^1] : typed);

    private static (string Path, IReadOnlyList<string> Choices) Found(string typed)
    {
        int cut = typed.LastIndexOfAny([System.IO.Path.DirectorySeparatorChar, System.IO.Path.AltDirectorySeparatorChar]) + 1;
        (string folder, string name) = (typed[..cut], typed[cut..]);
        StringComparison comparison = OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        string[] found;
        try
        {
            found =
            [
                .. new DirectoryInfo(folder.Length == 0 ? "." : HomePath.Expand(folder)).EnumerateFileSystemInfos()
                    .Where(entry => !RawNames.IsBroken(entry.FullName) && entry.Name.StartsWith(name, comparison) && (name.Length > 0 || !entry.Name.StartsWith('.')))
                    .Select(entry => entry is DirectoryInfo ? entry.Name + System.IO.Path.DirectorySeparatorChar : entry.Name)
                    .Order(StringComparer.OrdinalIgnoreCase),
            ];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A folder that cannot be read completes to nothing; sending the line says what is wrong with it.
            return (typed, []);
        }

        string longest = folder + Longest(name, found, comparison);
        return found.Length == 1 ? (longest, [])
            : (longest, found.Length <= MostShown ? found : [.. found.Take(MostShown), $"... and {found.Length - MostShown} more"]);
    }

    /// <summary>The beginning that all choices share.</summary>
    private static string Longest(string typed, string[] choices, StringComparison comparison)
    {
        if (choices.Length == 0)
        {
            return typed;
        }

        int length = choices[0].Length;
        foreach (string choice in choices)
        {
            while (!choice.StartsWith(choices[0][..length], comparison))
            {
                length--;
            }
        }

        return choices[0][..length];
    }
}
