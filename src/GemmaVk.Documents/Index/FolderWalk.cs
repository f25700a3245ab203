using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace GemmaVk.Documents.Index;

/// <summary>
/// The files below a folder, in order of their paths. Names that begin with a dot, what .gitignore files name, and links are passed over: what a link inside points to is found
/// in its own place, and what lies outside is not meant.
/// </summary>
/// <param name="root">The folder, as a full path.</param>
/// <param name="skipped">Gets a path and a reason for what cannot be taken.</param>
internal sealed class FolderWalk(string root, Action<string, string> skipped)
{
    private const int Deepest = 200;

    /// <summary>Walks.</summary>
    public IEnumerable<(string Path, FileInfo File)> Files() => Below(new DirectoryInfo(root), "", [], 0);

    private IEnumerable<(string Path, FileInfo File)> Below(DirectoryInfo folder, string prefix, List<(string Prefix, IgnoreRules Rules)> rules, int depth)
    {
        if (IgnoreRules.OfFolder(folder.FullName) is { } own)
        {
            rules = [.. rules, (prefix, own)];
        }

        foreach (FileSystemInfo entry in Entries(folder, prefix))
        {
            string path = prefix + entry.Name;
            bool isFolder = entry is DirectoryInfo;
            if (entry.Name.StartsWith('.') || entry.LinkTarget is not null || IsIgnored(path, isFolder, rules))
            {
                continue;
            }

            if (entry.Name.Contains('\uFFFD', StringComparison.Ordinal) && !entry.Exists)
            {
                skipped(path, "its name is not UTF-8; rename it (convmv -f latin1 -t utf8)");
            }
            else if (isFolder && depth >= Deepest)
            {
                skipped(path, "it lies too deep");
            }
            else if (isFolder)
            {
                foreach ((string, FileInfo) file in Below((DirectoryInfo)entry, path + "/", rules, depth + 1))
                {
                    yield return file;
                }
            }
            else
            {
                yield return (path, (FileInfo)entry);
            }
        }
    }

    private FileSystemInfo[] Entries(DirectoryInfo folder, string prefix)
    {
        try
        {
            return [.. folder.EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            skipped(prefix.Length > 0 ? prefix : root, Tensors.Complaint.Of(error).TrimEnd('.'));
            return [];
        }
    }

    private static bool IsIgnored(string path, bool isFolder, List<(string Prefix, IgnoreRules Rules)> rules)
    {
        for (int i = rules.Count - 1; i >= 0; i--)
        {
            if (rules[i].Rules.Ignores(path[rules[i].Prefix.Length..], isFolder) is { } ignored)
            {
                return ignored;
            }
        }

        return false;
    }
}
