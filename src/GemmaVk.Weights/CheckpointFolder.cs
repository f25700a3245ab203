using System;
using System.IO;
using System.Linq;
using GemmaVk.Tensors;
using Microsoft.Win32.SafeHandles;

namespace GemmaVk.Weights;

/// <summary>
/// A checkpoint folder in the making: it is filled under a temporary name beside its final one and moved there at the end, so that a
/// folder with the final name is always whole. The temporary one holds a locked marker: what a killed run left behind is told from
/// somebody's own files by the marker, and from a run that is still at work by the lock.
/// </summary>
internal sealed class CheckpointFolder : IDisposable
{
    private const string Marker = ".gemmavk-unfinished";
    private readonly string _final;
    private readonly bool _wasThere;
    private readonly SafeFileHandle _lock;
    private bool _settled;

    private CheckpointFolder(string final, string path, bool wasThere, SafeFileHandle @lock)
    {
        _final = final;
        _wasThere = wasThere;
        _lock = @lock;
        Path = path;
    }

    /// <summary>Where the files go until <see cref="Commit"/>; may hold what an earlier run left (<see cref="Clear"/>).</summary>
    public string Path { get; }

    /// <exception cref="GemmaVkException">The folder already holds something, is being written by another run, or cannot be made.</exception>
    public static CheckpointFolder Create(string directory)
    {
        try
        {
            string final = OutputTarget.EndOfLinks(directory);
            bool isThere = Directory.Exists(final);
            if (File.Exists(final) || (isThere && Directory.EnumerateFileSystemEntries(final).Any()))
            {
                throw new GemmaVkException($"{directory} must be a new or empty folder, but {(isThere ? "holds files" : "is a file")}; choose another folder or empty it first.");
            }

            string partial = final + ".partial";
            if (File.Exists(partial) || (Directory.Exists(partial) && Directory.EnumerateFileSystemEntries(partial).Any() && !File.Exists(System.IO.Path.Combine(partial, Marker))))
            {
                throw new GemmaVkException($"{partial} must be free for the unfinished checkpoint, but is something else; rename it or choose another folder.");
            }

            bool isNew = !Directory.Exists(partial);
            Directory.CreateDirectory(partial);
            SafeFileHandle held = Lock(partial);
            if (isThere)
            {
                // Now and not after the work.
                MakeRoom(directory, final, isNew ? partial : null, held);
            }

            return new CheckpointFolder(final, partial, isThere, held);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Unwritable(directory, error);
        }
    }

    /// <summary>Removes what an earlier run left, but for files of the given names.</summary>
    public void Clear(params string[] kept) => Guard(() =>
    {
        foreach (string entry in Directory.EnumerateFileSystemEntries(Path).Where(entry => System.IO.Path.GetFileName(entry) is var name && name != Marker && !kept.Contains(name)))
        {
            if (Directory.Exists(entry))
            {
                Directory.Delete(entry, recursive: true);
            }
            else
            {
                File.Delete(entry);
            }
        }
    });

    /// <summary>Adds a small file.</summary>
    public void Write(string name, ReadOnlySpan<byte> bytes)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(System.IO.Path.Combine(Path, name), FileMode.Create, FileAccess.Write);
            RandomAccess.Write(file, bytes, 0);
            RandomAccess.FlushToDisk(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(_final, error);
        }
    }

    /// <summary>Adds a copy of <paramref name="file"/> under its own name.</summary>
    public void Copy(string file) => Guard(() => File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)), overwrite: true));

    /// <summary>Gives the finished folder its name.</summary>
    public void Commit()
    {
        Guard(() =>
        {
            _lock.Dispose();
            Directory.Move(Path, _final);
            _settled = true;
            File.Delete(System.IO.Path.Combine(_final, Marker));
        });
    }

    /// <summary>Leaves the unfinished folder where it is, for a later run to go on with.</summary>
    public void Keep() => _settled = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_settled)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
                if (_wasThere)
                {
                    Directory.CreateDirectory(_final);
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Why it is given up is about to be said; that the disk also keeps the rest would hide it.
            }
        }

        _lock.Dispose();
    }

    private static SafeFileHandle Lock(string partial)
    {
        try
        {
            return File.OpenHandle(System.IO.Path.Combine(partial, Marker), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new GemmaVkException($"{partial} must belong to this run alone, but another one is writing it; wait for that one or choose another folder.", error);
        }
    }

    /// <summary>Takes the empty folder away that the finished one replaces.</summary>
    private static void MakeRoom(string directory, string final, string? made, SafeFileHandle held)
    {
        try
        {
            Directory.Delete(final);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            held.Dispose();
            if (made is not null)
            {
                Directory.Delete(made, recursive: true);
            }

            throw new GemmaVkException(
                $"{directory} must be a folder that can be replaced by the finished one, but is in use, as a mounted disk is: {Complaint.Of(error)} Give a new folder in it, such as {System.IO.Path.Combine(directory, "checkpoint")}.", error);
        }
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(_final, error);
        }
    }

    private static GemmaVkException Unwritable(string directory, Exception error) =>
        new($"{directory} must be a folder that can be written, but: {Complaint.Of(error)} Check the path, its permissions and the free space.", error);
}
