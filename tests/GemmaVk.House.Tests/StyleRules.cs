using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace GemmaVk.House.Tests;

/// <summary>What no file says. Each rule takes a path and a text and yields findings.</summary>
internal static partial class StyleRules
{
    /// <summary>Words that postpone.</summary>
    public static IEnumerable<string> Postponed(string path, string text) => Findings(path, text, Postponing(), "postpones work: do it, or leave it out");

    /// <summary>Folders of one machine.</summary>
    public static IEnumerable<string> MachinePaths(string path, string text) => Findings(path, text, MachinePath(), "is a path of one machine");

    /// <summary>Numbers of issues and pull requests in comments of sources; a comment must say itself what it means.</summary>
    public static IEnumerable<string> IssueNumbers(string path, string text) => IsSource(path)
        ? Findings(path, SourceText.Of(text).Comments, IssueNumber(), "is a number only its tracker understands: say what it says")
        : [];

    /// <summary>Names of files and types that say nothing about what is inside.</summary>
    public static IEnumerable<string> EmptyNames(string path, string text)
    {
        if (!IsSource(path))
        {
            yield break;
        }

        foreach (string part in path.Split('/').Select(part => Path.GetFileNameWithoutExtension(part)!).Where(IsEmptyName))
        {
            yield return $"{path}: '{part}' does not say what is inside.";
        }

        string code = SourceText.Of(text).Code;
        foreach (Match type in TypeDeclaration().Matches(code).Where(type => IsEmptyName(type.Groups["name"].Value)))
        {
            yield return $"{path}:{LineOf(code, type.Index)}: type '{type.Groups["name"].Value}' does not say what is inside.";
        }
    }

    /// <summary>Silenced warnings without a comment on the same line or the one above.</summary>
    public static IEnumerable<string> SilencedWithoutReason(string path, string text)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        bool code = path.EndsWith(".cs", StringComparison.Ordinal);
        for (int i = 0; i < lines.Length; i++)
        {
            if (Silencing().IsMatch(code ? SourceText.Of(lines[i]).Code : lines[i])
                && !HasReason(lines[i]) && !HasReasonAbove(path, lines.AsSpan(0, i)))
            {
                yield return $"{path}:{i + 1}: '{lines[i].Trim()}' has no reason beside it.";
            }
        }
    }

    /// <summary>Numbers in a text of a source under src/ whose form depends on the culture of whoever runs it.</summary>
    public static IEnumerable<string> NumbersOfACulture(string path, string text) => !path.StartsWith("src/", StringComparison.Ordinal) || !IsSource(path)
        ? []
        : from number in FormattedNumber().Matches(text)
          let statement = text[(text.LastIndexOf(";\n", number.Index, StringComparison.Ordinal) + 1)..number.Index]
          where !statement.Contains("Invariant", StringComparison.Ordinal) && !statement.Contains(".Log", StringComparison.Ordinal)
          select $"{path}:{LineOf(text, number.Index)}: '{number.Value}' is written as the reader's country writes numbers: use FormattableString.Invariant.";

    private static IEnumerable<string> Findings(string path, string text, Regex rule, string why) =>
        rule.Matches(text).Select(match => $"{path}:{LineOf(text, match.Index)}: '{match.Value.Trim()}' {why}.");

    private static bool IsSource(string path) => Path.GetExtension(path) is ".cs" or ".comp" or ".glsl";

    private static bool IsEmptyName(string name) => EmptyName().IsMatch(name);

    private static bool HasReason(string line) => line.Contains("//", StringComparison.Ordinal) || line.Contains("<!--", StringComparison.Ordinal) || line.Contains("Justification", StringComparison.Ordinal);

    // In an .editorconfig a comment covers the lines below it, up to a blank one.
    private static bool HasReasonAbove(string path, ReadOnlySpan<string> above)
    {
        while (above is [.., { Length: > 0 } line] && !IsComment(line) && path.EndsWith(".editorconfig", StringComparison.Ordinal))
        {
            above = above[..^1];
        }

        return above is [.., var last] && IsComment(last);
    }

    private static bool IsComment(string line) => line.TrimStart() is ['/', '/', ..] or ['#', ' ', ..] || line.TrimEnd().EndsWith("-->", StringComparison.Ordinal);

    private static int LineOf(string text, int at) => text.AsSpan(0, at).Count('\n') + 1;

    // The words are written in two parts so that this file does not say them.
    [GeneratedRegex(@"\b(TO" + @"DO|FIX" + @"ME|HA" + @"CK|XX" + @"X)\b")]
    private static partial Regex Postponing();

    [GeneratedRegex(@"(?<![\w.}$])/(home|work|root|Users|mnt)/\w+|\b[A-Z]:\\\\?\w+")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"(?<![\w&/])#\d+\b|\b(issues?|PR|pull requests?|tickets?)[ /]#?\d+\b", RegexOptions.IgnoreCase)]
    private static partial Regex IssueNumber();

    [GeneratedRegex(@"(^|[a-z0-9_])(Utils?|Utility|Utilities|Helpers?|Managers?|Common)($|[A-Z0-9_])|^(utils?|helpers?|common)$")]
    private static partial Regex EmptyName();

    [GeneratedRegex(@"\b(class|struct|interface|enum|record)\s+(struct\s+|class\s+)?(?<name>[A-Z]\w*)")]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"\{[^{}""\n]*:(?:[NFPE]\d|[0#]+[.,]?[0#]*)\}")]
    private static partial Regex FormattedNumber();

    [GeneratedRegex(@"#pragma\s+warning\s+disable|<NoWarn>|<WarningsNotAsErrors>|\[\w*:?\s*(Unconditional)?SuppressMessage\(|NoWarn=""|\.severity\s*=\s*(none|silent|suggestion)")]
    private static partial Regex Silencing();
}
