using System;
using System.IO;
using GemmaVk.Tensors;
using static System.FormattableString;

namespace GemmaVk.Weights;

/// <summary>Whether a file will fit, asked before the first byte is written.</summary>
internal static class DiskSpace
{
    /// <summary>Checks that <paramref name="bytes"/> fit beside <paramref name="path"/>.</summary>
    /// <param name="path">The file that is going to be written; its folder exists.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="given">Bytes that become free by writing it: those of a file it replaces.</param>
    /// <exception cref="GemmaVkException">They do not; the sentence has both numbers.</exception>
    public static void Require(string path, long bytes, long given = 0)
    {
        long free;
        try
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            free = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder).AvailableFreeSpace + given;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A share without a drive: the disk itself will say no.
            return;
        }

        if (bytes > free)
        {
            throw new GemmaVkException(Invariant($"{path} needs {bytes:N0} bytes, but {free:N0} are free on its disk; make room, or write to another one."));
        }
    }
}
