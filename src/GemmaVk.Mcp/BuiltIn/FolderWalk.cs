using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;

namespace GemmaVk.Mcp.BuiltIn;

/// <summary>Files below a folder, in the order of their names, links left out: what a link leads to is found where it lies, or is not to be found.</summary>
internal static class FolderWalk
{
    private const int MostEntries = 100_000;
    private static readonly EnumerationOptions Plain = new() { AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device, IgnoreInaccessible = true };

    /// <summary>The files.</summary>
    /// <param name="folder">A real path.</param>
    /// <param name="cancel">Ends the walk.</param>
    public static IEnumerable<FileInfo> Files(string folder, CancellationToken cancel)
    {
        Stack<DirectoryInfo> open = new([new DirectoryInfo(folder)]);
        int seen = 0;
        while (open.TryPop(out DirectoryInfo? next))
        {
            cancel.ThrowIfCancellationRequested();
            FileSystemInfo[] entries = [.. next.EnumerateFileSystemInfos("*", Plain).Take(MostEntries).OrderBy(entry => entry.Name, StringComparer.Ordinal)];
            seen += entries.Length;
            foreach (FileInfo file in entries.OfType<FileInfo>())
            {
                yield return file;
            }

            if (seen >= MostEntries)
            {
                yield break;
            }

            foreach (DirectoryInfo below in entries.OfType<DirectoryInfo>().Reverse())
            {
                open.Push(below);
            }
        }
    }
}
