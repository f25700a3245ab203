using System;
using System.Collections.Generic;
using System.IO;

namespace GemmaVk.Documents.Index;

/// <summary>The patterns of a .gitignore file: the last that fits decides.</summary>
internal sealed class IgnoreRules
{
    /// <summary>The file's name.</summary>
    public const string FileName = ".gitignore";

    private const int MostBytes = 1 << 20;
    private const int MostRules = 10_000;
    private const int LongestRule = 1000;

    private readonly List<(IgnorePattern Pattern, bool Ignores, bool FoldersOnly)> _rules = [];

    /// <summary>Rules of a folder's file, or null without one.</summary>
    public static IgnoreRules? OfFolder(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            FileInfo file = new(path);
            return file.Exists && file.Length <= MostBytes ? new IgnoreRules(File.ReadAllText(path)) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <param name="text">The lines.</param>
    public IgnoreRules(string text)
    {
        foreach (string row in text.ReplaceLineEndings("\n").Split('\n'))
        {
            string line = row.EndsWith("\\ ", StringComparison.Ordinal) ? row : row.TrimEnd();
            if (line.Length is > 0 and <= LongestRule && line[0] != '#' && _rules.Count < MostRules)
            {
                Add(line);
            }
        }
    }

    /// <summary>Whether a path is ignored; null where no pattern fits.</summary>
    /// <param name="path">Below the folder of the rules, with slashes.</param>
    /// <param name="isFolder">Whether it is a folder.</param>
    public bool? Ignores(string path, bool isFolder)
    {
        for (int i = _rules.Count - 1; i >= 0; i--)
        {
            if ((isFolder || !_rules[i].FoldersOnly) && _rules[i].Pattern.Fits(path))
            {
                return _rules[i].Ignores;
            }
        }

        return null;
    }

    private void Add(string line)
    {
        bool ignores = line[0] != '!';
        line = ignores ? line : line[1..];
        bool folders = line.EndsWith('/');
        line = line.TrimEnd('/');
        if (line.Length == 0)
        {
            return;
        }

        bool anchored = line.Contains('/', StringComparison.Ordinal);
        _rules.Add((new IgnorePattern(line.TrimStart('/'), anywhere: !anchored), ignores, folders));
    }
}
