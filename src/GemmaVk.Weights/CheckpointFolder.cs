using System;
using System.IO;
using System.Linq;
using GemmaVk.Tensors;

namespace GemmaVk.Weights;

/// <summary>
/// A checkpoint folder in the making: it is filled under a temporary name beside its final one and moved there at the end, so that a
/// folder with the final name is always whole.
/// </summary>
internal sealed class CheckpointFolder : IDisposable
{
    private readonly string _final;
    private bool _committed;

    private CheckpointFolder(string final, string path)
    {
        _final = final;
        Path = path;
    }

    /// <summary>Where the files go until <see cref="Commit"/>.</summary>
    public string Path { get; }

    /// <exception cref="GemmaVkException">The folder already holds something, or cannot be made.</exception>
    public static CheckpointFolder Create(string directory)
    {
        try
        {
            string final = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(directory));
            if (File.Exists(final) || (Directory.Exists(final) && Directory.EnumerateFileSystemEntries(final).Any()))
            {
                throw new GemmaVkException($"{directory} must be a new or empty folder, but {(File.Exists(final) ? "is a file" : "holds files")}; choose another --out or empty it first.");
            }

            string partial = final + ".partial";
            if (Directory.Exists(partial))
            {
                Directory.Delete(partial, recursive: true);
            }

            Directory.CreateDirectory(partial);
            return new CheckpointFolder(final, partial);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Unwritable(directory, error);
        }
    }

    /// <summary>Adds a small file.</summary>
    public void Write(string name, ReadOnlySpan<byte> bytes)
    {
        try
        {
            File.WriteAllBytes(System.IO.Path.Combine(Path, name), bytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(_final, error);
        }
    }

    /// <summary>Adds a copy of <paramref name="file"/> under its own name.</summary>
    public void Copy(string file)
    {
        try
        {
            File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(_final, error);
        }
    }

    /// <summary>Gives the finished folder its name.</summary>
    public void Commit()
    {
        try
        {
            if (Directory.Exists(_final))
            {
                Directory.Delete(_final);
            }

            Directory.Move(Path, _final);
            _committed = true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(_final, error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_committed && Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }

    private static GemmaVkException Unwritable(string directory, Exception error) =>
        new($"{directory} must be a folder that can be written, but: {error.Message} Check the path, its permissions and the free space.", error);
}
