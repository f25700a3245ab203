using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using GemmaVk.Tensors;
using Microsoft.Win32.SafeHandles;
using static System.FormattableString;

namespace GemmaVk.Weights;

/// <summary>
/// Writes a file of known tensors without holding them: the header first, then bytes in any order and from any thread. Room for all of it is
/// taken before the first byte, so a disk cannot fill up half-way. The file carries a temporary name until <see cref="Commit"/>; disposed before
/// that, it is gone.
/// </summary>
public abstract class TensorFileWriter : IDisposable
{
    // SIGXFSZ on Linux and macOS: a limit on file sizes shall be an error of the write, as a full disk is, and not the end of the process.
    private const PosixSignal FileSizeLimit = (PosixSignal)25;
    private static readonly PosixSignalRegistration? LimitIgnored =
        OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(FileSizeLimit, context => context.Cancel = true);

    private readonly string _path;
    private readonly string _partial;
    private readonly SafeFileHandle _handle;
    private readonly IReadOnlyDictionary<string, (long Offset, long Bytes)> _places;
    private long _written;
    private bool _settled;

    /// <summary>Goes on with a file whose header stands.</summary>
    /// <param name="path">Final name.</param>
    /// <param name="handle">The file under its temporary name; the writer's from here on.</param>
    /// <param name="places">Where each tensor lies in it.</param>
    private protected TensorFileWriter(string path, SafeFileHandle handle, IReadOnlyDictionary<string, (long Offset, long Bytes)> places)
    {
        _path = path;
        _partial = Partial(path);
        _handle = handle;
        _places = places;
        DataBytes = places.Values.Sum(place => place.Bytes);
    }

    /// <summary>Bytes of all tensors.</summary>
    public long DataBytes { get; }

    /// <summary>Reserves a file under its temporary name and writes its header.</summary>
    /// <param name="path">Final name; comes back with links followed.</param>
    /// <param name="header">The header.</param>
    /// <param name="length">Bytes of the whole file.</param>
    /// <exception cref="GemmaVkException">The file cannot be made, is a device or a pipe, or the disk is too small.</exception>
    private protected static SafeFileHandle Reserve(ref string path, byte[] header, long length)
    {
        string final = path = OutputTarget.Of(path).Ordinary().Path;
        string partial = Partial(path);
        GC.KeepAlive(LimitIgnored);
        return Guard(path, () =>
        {
            DiskSpace.Require(final, length, given: File.Exists(partial) ? new FileInfo(partial).Length : 0);
            SafeFileHandle handle = File.OpenHandle(partial, FileMode.Create, FileAccess.ReadWrite, FileShare.None, FileOptions.None, length);
            try
            {
                SetLength(handle, final, length);
                RandomAccess.Write(handle, header, 0);
                return handle;
            }
            catch
            {
                handle.Dispose();
                File.Delete(partial);
                throw;
            }
        });
    }

    /// <summary>Writes part of a tensor. Thread-safe; every byte must be written once.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="offset">First byte within the tensor.</param>
    /// <param name="bytes">What stands there.</param>
    /// <exception cref="GemmaVkException">The disk refused.</exception>
    public void Write(string name, long offset, ReadOnlySpan<byte> bytes)
    {
        (long start, long length) = _places[name];
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, length - offset, nameof(bytes));
        try
        {
            RandomAccess.Write(_handle, bytes, start + offset);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(_path, error);
        }

        Interlocked.Add(ref _written, bytes.Length);
    }

    /// <summary>SHA-256 of all bytes of the file before a tensor, header included, as they stand now.</summary>
    /// <exception cref="GemmaVkException">The disk refused.</exception>
    public byte[] HashBefore(string name) => Guard(_path, () => FileHash.Of(_handle, _places[name].Offset) ?? throw new EndOfStreamException());

    /// <summary>Reads back what an earlier writer left of a tensor.</summary>
    /// <exception cref="GemmaVkException">The disk refused, or the file ends before.</exception>
    internal void Read(string name, long offset, Span<byte> bytes)
    {
        try
        {
            for (long at = _places[name].Offset + offset; !bytes.IsEmpty;)
            {
                int count = RandomAccess.Read(_handle, bytes, at);
                if (count == 0)
                {
                    throw new EndOfStreamException("it ends too early.");
                }

                at += count;
                bytes = bytes[count..];
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(_path, error);
        }
    }

    /// <summary>Counts bytes that an earlier writer left and that were found right.</summary>
    internal void Found(long bytes) => Interlocked.Add(ref _written, bytes);

    /// <summary>Brings what was written so far onto the disk.</summary>
    /// <exception cref="GemmaVkException">The disk refused.</exception>
    internal void Flush() => Guard(_path, () =>
    {
        RandomAccess.FlushToDisk(_handle);
        return true;
    });

    /// <summary>Leaves the unfinished file where it is, for <see cref="SafetensorsWriter.Resume"/>.</summary>
    internal void Keep() => _settled = true;

    /// <summary>Gives the finished file its name.</summary>
    /// <exception cref="InvalidOperationException">Not every byte was written.</exception>
    public void Commit()
    {
        if (_written != DataBytes)
        {
            throw new InvalidOperationException($"{_written} of {DataBytes} bytes were written");
        }

        Guard(_path, () =>
        {
            RandomAccess.FlushToDisk(_handle);
            _handle.Dispose();
            File.Move(_partial, _path, overwrite: true);
            return true;
        });
        _settled = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _handle.Dispose();
        if (!_settled)
        {
            try
            {
                File.Delete(_partial);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Why it is given up is about to be said; that the disk also keeps the rest would hide it.
            }
        }
    }

    /// <summary>Where nothing can be reserved, at least the length is what it will be.</summary>
    private static void SetLength(SafeFileHandle handle, string path, long length)
    {
        try
        {
            RandomAccess.SetLength(handle, length);
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw new GemmaVkException(
                Invariant($"{path} needs {length:N0} bytes, but its file system (FAT ends at 4 GB) or a limit of the shell (ulimit -f) allows no file of that size; write to another disk, or raise the limit."), error);
        }
    }

    private protected static string Partial(string path) => path + ".partial";

    private protected static T Guard<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, error);
        }
    }

    private static GemmaVkException Unwritable(string path, Exception error) => new(
        $"{path} must be writable, but writing it failed: {Complaint.Of(error)} Check the folder, its permissions and the free space.", error);
}
