using System;
using System.IO;

namespace GemmaVk.Media;

/// <summary>A file's length and time: where they differ between two looks, somebody wrote to it.</summary>
/// <param name="Length">Bytes.</param>
/// <param name="Written">Last time of writing, UTC.</param>
internal readonly record struct FileStamp(long Length, DateTime Written)
{
    public static FileStamp Of(FileStream file, string path) => new(file.Length, File.GetLastWriteTimeUtc(path));

    public static FileStamp Of(string path)
    {
        using FileStream file = MediaPath.Open(path);
        return Of(file, path);
    }
}
