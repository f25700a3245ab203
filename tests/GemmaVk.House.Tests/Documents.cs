using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace GemmaVk.House.Tests;

/// <summary>What documents claim about the repository: links, commands, and the two paths.</summary>
internal static partial class Documents
{
    /// <summary>A line of a path's table: its number and the files it links to.</summary>
    public sealed record Step(int Number, IReadOnlyList<string> Files);

    /// <summary>Relative links of a document that lead nowhere.</summary>
    public static IEnumerable<string> DeadLinks(string path, string text, Func<string, bool> exists)
    {
        string folder = Path.GetDirectoryName(path)!.Replace('\\', '/');
        foreach (Match link in Link().Matches(text))
        {
            string target = link.Groups["target"].Value.Split('#')[0];
            if (target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
                && !exists(Join(folder, target)))
            {
                yield return $"{path} links to {target}: there is no such file.";
            }
        }
    }

    /// <summary>Commands of tools/gemmavk in the sh blocks of a document, as words; lines joined by a backslash are one.</summary>
    public static IEnumerable<string[]> Commands(string text) =>
        from Match block in ShellBlock().Matches(text.ReplaceLineEndings("\n"))
        from line in block.Groups["body"].Value.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
        let words = Word().Matches(line).Select(word => word.Value.Trim('"', '\'')).ToArray()
        where words.Length > 0 && words[0] is "tools/gemmavk" or "./tools/gemmavk"
        select words;

    /// <summary>The verb a file of the Commands folder is about: MakeCheckpoint.cs and MakeCheckpointCommand.cs are make-checkpoint.</summary>
    public static string Verb(string file)
    {
        string name = Path.GetFileName(file).Split('.')[0];
        name = name.EndsWith("Command", StringComparison.Ordinal) ? name[..^"Command".Length] : name;
        return KernelPlaces.SnakeCase(name).Replace('_', '-');
    }

    /// <summary>What is wrong with a command: a verb that no file is about, an option that no source spells.</summary>
    public static IEnumerable<string> Wrong(string[] command, IReadOnlyCollection<string> verbs, string sources)
    {
        if (command.Length > 1 && !command[1].StartsWith('-') && !verbs.Contains(command[1]))
        {
            yield return $"'{string.Join(' ', command)}': there is no verb {command[1]}.";
        }

        foreach (string option in command.Where(word => word.StartsWith('-') && word is not ("--help" or "-h" or "--version" or "-")))
        {
            if (!sources.Contains($"\"{option.Split('=')[0]}\"", StringComparison.Ordinal))
            {
                yield return $"'{string.Join(' ', command)}': there is no option {option}.";
            }
        }
    }

    /// <summary>The numbered rows of the table under a heading.</summary>
    public static IEnumerable<Step> Steps(string text, string heading)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        return from line in lines.SkipWhile(line => line.TrimStart('#', ' ') != heading).Skip(1).TakeWhile(line => !line.StartsWith('#'))
               let row = Row().Match(line)
               where row.Success
               select new Step(int.Parse(row.Groups["number"].Value, System.Globalization.CultureInfo.InvariantCulture), [.. Link().Matches(line).Select(link => link.Groups["target"].Value)]);
    }

    /// <summary>Whether a source says "Step 3 of the token path" or "Steps 2 and 3 of the token path".</summary>
    public static bool SaysStep(string source, string path, int number) =>
        StepLine().Matches(source).Any(step => step.Groups["path"].Value == path
            && Number().Matches(step.Groups["numbers"].Value).Any(n => n.Value == number.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    private static string Join(string folder, string target)
    {
        List<string> parts = folder.Length == 0 ? [] : [.. folder.Split('/')];
        foreach (string part in target.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```sh\n(?<body>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex(@"""[^""]*""|'[^']*'|[^\s""']+")]
    private static partial Regex Word();

    [GeneratedRegex(@"^\|\s*(?<number>\d+)\s*\|")]
    private static partial Regex Row();

    [GeneratedRegex(@"\bSteps?\s+(?<numbers>\d+(?:(?:\s*,\s*|\s+and\s+|\s+to\s+)\d+)*)\s+of\s+the\s+(?<path>token|weight)\s+path")]
    private static partial Regex StepLine();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();
}
