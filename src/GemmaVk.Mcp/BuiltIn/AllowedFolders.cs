using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Mcp.BuiltIn;

/// <summary>
/// Folders below which files may be read, and nothing else of the disk. What counts is where a path really leads: a link out of the folder is outside of
/// it, and on Linux so is a file that took the place of another while it was opened.
/// </summary>
public sealed class AllowedFolders
{
    private const int MostLinks = 32;
    private readonly string[] _roots;

    /// <param name="flag">Named in messages.</param>
    /// <param name="folders">The folders.</param>
    /// <exception cref="GemmaVkException">One is no folder.</exception>
    public AllowedFolders(string flag, IReadOnlyList<string> folders)
    {
        ArgumentNullException.ThrowIfNull(folders);
        _roots = [.. folders.Select(folder => Directory.Exists(folder) ? Real(Path.GetFullPath(folder))
            : throw new GemmaVkException($"{flag} {folder}: expected a folder, but there is none; give one that exists."))];
    }

    /// <summary>The folders, with all links followed.</summary>
    public IReadOnlyList<string> Roots => _roots;

    /// <summary>Where a path leads that a model or a program named.</summary>
    /// <param name="path">Relative to one of the folders, or a whole path below one.</param>
    /// <exception cref="GemmaVkException">It leads out of the folders.</exception>
    public string Resolve(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string shown = VisibleText.Line(path.Length <= 200 ? path : path[..200] + "...");
        try
        {
            string[] places = Path.IsPathRooted(path) ? [path] : [.. _roots.Select(root => Path.Join(root, path))];
            string[] inside = [.. places.Select(place => Real(Path.GetFullPath(place))).Where(IsInside)];
            return inside.FirstOrDefault(Path.Exists) ?? inside.FirstOrDefault()
                ?? throw new GemmaVkException($"{shown}: expected a path below {string.Join(" or ", _roots)}, but it leads out of there; name another.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new GemmaVkException($"{shown}: expected a path below {string.Join(" or ", _roots)}, but {Complaint.Of(e)} Name another.", e);
        }
    }

    /// <summary>Opens a file that lies there.</summary>
    /// <exception cref="GemmaVkException">It leads out of the folders, is none, or cannot be read.</exception>
    public FileStream Open(string path)
    {
        string real = Resolve(path);
        string shown = Shown(real);
        if (Directory.Exists(real) || !File.Exists(real))
        {
            throw new GemmaVkException($"{shown}: expected a file, but {(Directory.Exists(real) ? "it is a folder" : "there is none")}; name another.");
        }

        FileStream? file = null;
        try
        {
            // A pipe that nobody writes to would be waited for without end.
            if (!OutputTarget.IsOrdinary(real))
            {
                throw new GemmaVkException($"{shown}: expected an ordinary file, but it is a pipe, a device or a socket; name another.");
            }

            file = new FileStream(real, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (OperatingSystem.IsLinux() && File.ResolveLinkTarget($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}", returnFinalTarget: false) is { } opened && !IsInside(opened.FullName))
            {
                throw new GemmaVkException($"{shown}: expected a file below {string.Join(" or ", _roots)}, but it was moved while it was opened; try again.");
            }

            return file;
        }
        catch (GemmaVkException)
        {
            file?.Dispose();
            throw;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new GemmaVkException($"{shown}: expected a file that can be read, but {Complaint.Of(e)} Name another.", e);
        }
    }

    /// <summary>A path as it is shown: relative to its folder.</summary>
    public string Shown(string real)
    {
        ArgumentNullException.ThrowIfNull(real);
        string? root = Array.Find(_roots, each => IsBelow(real, each));
        return VisibleText.Line(root is null ? real : Path.GetRelativePath(root, real));
    }

    /// <summary>Whether a real path lies in one of the folders.</summary>
    internal bool IsInside(string real) => _roots.Any(root => IsBelow(real, root));

    private static bool IsBelow(string path, string root) =>
        path == root || path.StartsWith(Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>A full path with every link in it followed; what is not there is taken as it is written.</summary>
    private static string Real(string path)
    {
        for (int links = 0; links < MostLinks; links++)
        {
            string? moved = FirstLink(path);
            if (moved is null)
            {
                return path;
            }

            path = moved;
        }

        throw new IOException("its links go in a circle");
    }

    /// <summary>The path with its first link replaced by where that leads, or null where there is none.</summary>
    private static string? FirstLink(string path)
    {
        string root = Path.GetPathRoot(path)!;
        string[] parts = path[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        string at = root;
        for (int i = 0; i < parts.Length; i++)
        {
            at = Path.Join(at, parts[i]);
            FileSystemInfo info = Directory.Exists(at) ? new DirectoryInfo(at) : new FileInfo(at);
            if (info.LinkTarget is { } target)
            {
                string leads = Path.GetFullPath(target, Path.GetDirectoryName(at)!);
                return Path.GetFullPath(Path.Join([leads, .. parts[(i + 1)..]]));
            }
        }

        return null;
    }
}
