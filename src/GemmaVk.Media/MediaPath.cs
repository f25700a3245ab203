using System;
using System.IO;
using GemmaVk.Tensors;
using static System.FormattableString;

namespace GemmaVk.Media;

/// <summary>Opens the files that users name. What a path cannot be (a folder, an address) has its own sentence.</summary>
internal static class MediaPath
{
    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="GemmaVkException">It is an address, a folder, missing or unreadable.</exception>
    public static FileStream Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Contains("://", StringComparison.Ordinal) || path.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            string shown = path.Length <= 80 ? path : path[..80] + "...";
            throw new GemmaVkException($"{shown} must be a file on this machine, but is an address, and nothing is ever fetched; download it first and give the file's path.");
        }

        if (Directory.Exists(path))
        {
            throw new GemmaVkException($"{path} must be a picture, sound or video file, but is a folder; give the path of a file in it.");
        }

        try
        {
            FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (file.CanSeek)
            {
                return file;
            }

            file.Dispose();
            throw new GemmaVkException($"{path} must be a file, but is a pipe or a device, which is read once and from its beginning; give - and send it to standard input, or put it into a file.");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new GemmaVkException($"{path} must be a picture, sound or video file, but there is no such file; check the path.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new GemmaVkException($"{path} must be a readable file, but opening it failed: {Complaint.Of(error)} Check the path and its permissions.", error);
        }
    }

    /// <summary>The whole file: one look, so that a file that changes meanwhile is either seen whole or refused.</summary>
    public static byte[] ReadAll(string path, long mostBytes)
    {
        using FileStream file = Open(path);
        FileStamp before = FileStamp.Of(file, path);
        if (before.Length > mostBytes)
        {
            throw new GemmaVkException(Invariant($"{path} must be a picture of at most {mostBytes:N0} bytes, but has {before.Length:N0}; make it smaller first."));
        }

        byte[] bytes = new byte[before.Length];
        int count;
        try
        {
            count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, error);
        }

        if (count < bytes.Length || FileStamp.Of(file, path) != before)
        {
            throw Changed(path);
        }

        return bytes.Length > 0 ? bytes : throw Empty(path);
    }

    /// <summary>The error for bytes that stop coming. A folder can be opened as standard input, and only reading it fails.</summary>
    public static GemmaVkException Unreadable(string name, Exception error) =>
        name == StandardInput && Directory.Exists("/dev/stdin")
            ? new($"{name} must be a picture, sound or video, but is a folder; give a file in it.", error)
            : new($"{name} must be readable to its end, but reading it failed: {Complaint.Of(error)} Check the disk and the file.", error);

    /// <summary>What standard input is called.</summary>
    public const string StandardInput = "standard input";

    public static GemmaVkException Empty(string path) =>
        new($"{path} must be a picture, sound or video file, but is empty; check how it was made.");

    public static GemmaVkException Changed(string path) =>
        new($"{path} must stay as it is while it is read, but it changed; try again when nothing writes to it.");
}
