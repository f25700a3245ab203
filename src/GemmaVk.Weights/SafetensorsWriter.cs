using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading;
using GemmaVk.Tensors;
using Microsoft.Win32.SafeHandles;
using static System.FormattableString;

namespace GemmaVk.Weights;

/// <summary>
/// Writes a safetensors file of known tensors without holding them: the header first, then bytes in any order and from any thread. Wide
/// elements come first in the file, so every tensor is aligned to its element. Room for all of it is taken before the first byte, so a
/// disk cannot fill up half-way. The file carries a temporary name until <see cref="Commit"/>; disposed before that, it is gone.
/// </summary>
public sealed class SafetensorsWriter : IDisposable
{
    // SIGXFSZ on Linux and macOS: a limit on file sizes shall be an error of the write, as a full disk is, and not the end of the process.
    private const PosixSignal FileSizeLimit = (PosixSignal)25;
    private static readonly PosixSignalRegistration? LimitIgnored =
        OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(FileSizeLimit, context => context.Cancel = true);

    private static readonly Dictionary<string, string> Unsaid = new() { ["format"] = "pt" };
    private readonly string _path;
    private readonly string _partial;
    private readonly SafeFileHandle _handle;
    private readonly Dictionary<string, (long Offset, long Bytes)> _places = [];
    private long _written;
    private bool _settled;

    private SafetensorsWriter(string path, SafeFileHandle handle, Dictionary<string, (long Offset, long Bytes)> places, long written)
    {
        _path = path;
        _partial = Partial(path);
        _handle = handle;
        _places = places;
        _written = written;
        DataBytes = places.Values.Sum(place => place.Bytes);
    }

    /// <summary>Bytes of all tensors.</summary>
    public long DataBytes { get; }

    /// <summary>Reserves the file and writes its header.</summary>
    /// <param name="path">Final name.</param>
    /// <param name="tensors">All tensors; names differ, types are known ones.</param>
    /// <param name="metadata">Entries of "__metadata__"; null for <c>{ "format": "pt" }</c>.</param>
    /// <exception cref="GemmaVkException">The file cannot be made, is a device or a pipe, or the disk is too small.</exception>
    public static SafetensorsWriter Create(string path, IReadOnlyCollection<SafetensorsEntry> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        Dictionary<string, (long Offset, long Bytes)> places = [];
        byte[] header = MakeHeader(tensors, metadata ?? Unsaid, places);
        path = OutputTarget.Of(path).Ordinary().Path;
        string partial = Partial(path);
        GC.KeepAlive(LimitIgnored);
        return Guard(path, () =>
        {
            long length = header.Length + places.Values.Sum(place => place.Bytes);
            DiskSpace.Require(path, length, given: File.Exists(partial) ? new FileInfo(partial).Length : 0);
            SafeFileHandle handle = File.OpenHandle(partial, FileMode.Create, FileAccess.ReadWrite, FileShare.None, FileOptions.None, length);
            try
            {
                SetLength(handle, path, length);
                RandomAccess.Write(handle, header, 0);
                return new SafetensorsWriter(path, handle, places, 0);
            }
            catch
            {
                handle.Dispose();
                File.Delete(partial);
                throw;
            }
        });
    }

    /// <summary>Goes on with the unfinished file of an earlier writer of the same tensors. Nothing in it counts as written until it was looked at (<see cref="Found"/>).</summary>
    /// <param name="path">Final name.</param>
    /// <param name="tensors">All tensors.</param>
    /// <returns>Null if there is no such file, or its header is another one.</returns>
    /// <exception cref="GemmaVkException">It is there and cannot be opened.</exception>
    internal static SafetensorsWriter? Resume(string path, IReadOnlyCollection<SafetensorsEntry> tensors)
    {
        Dictionary<string, (long Offset, long Bytes)> places = [];
        byte[] header = MakeHeader(tensors, Unsaid, places);
        return !File.Exists(Partial(path)) ? null : Guard(path, () =>
        {
            SafeFileHandle handle = File.OpenHandle(Partial(path), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            byte[] found = new byte[header.Length];
            bool same = RandomAccess.GetLength(handle) == header.Length + places.Values.Sum(place => place.Bytes)
                && RandomAccess.Read(handle, found, 0) == found.Length && found.AsSpan().SequenceEqual(header);
            if (same)
            {
                return new SafetensorsWriter(path, handle, places, 0);
            }

            handle.Dispose();
            return null;
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

    /// <summary>Leaves the unfinished file where it is, for <see cref="Resume"/>.</summary>
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

    private static byte[] MakeHeader(
        IReadOnlyCollection<SafetensorsEntry> tensors, IReadOnlyDictionary<string, string> metadata, Dictionary<string, (long Offset, long Bytes)> places)
    {
        ArrayBufferWriter<byte> json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("__metadata__");
            foreach ((string key, string value) in metadata)
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
            long offset = 0;
            foreach (SafetensorsEntry tensor in tensors.OrderByDescending(tensor => SafetensorsTypes.Bytes(tensor.DType)).ThenBy(tensor => tensor.Name, StringComparer.Ordinal))
            {
                long bytes = tensor.Extents.Aggregate((long)SafetensorsTypes.Bytes(tensor.DType), (product, extent) => checked(product * extent));
                places.Add(tensor.Name, (offset, bytes));
                WriteEntry(writer, tensor, offset, offset + bytes);
                offset += bytes;
            }

            writer.WriteEndObject();
        }

        // Spaces after the brace bring the data to a boundary of eight bytes.
        int length = (json.WrittenCount + 7) / 8 * 8;
        byte[] header = new byte[8 + length];
        BinaryPrimitives.WriteInt64LittleEndian(header, length);
        json.WrittenSpan.CopyTo(header.AsSpan(8));
        header.AsSpan(8 + json.WrittenCount).Fill((byte)' ');
        foreach (string name in places.Keys.ToArray())
        {
            places[name] = (places[name].Offset + header.Length, places[name].Bytes);
        }

        return header;
    }

    private static void WriteEntry(Utf8JsonWriter writer, SafetensorsEntry tensor, long begin, long end)
    {
        writer.WriteStartObject(tensor.Name);
        writer.WriteString("dtype", tensor.DType);
        writer.WriteStartArray("shape");
        foreach (long extent in tensor.Extents)
        {
            writer.WriteNumberValue(extent);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("data_offsets");
        writer.WriteNumberValue(begin);
        writer.WriteNumberValue(end);
        writer.WriteEndArray();
        writer.WriteEndObject();
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

    private static string Partial(string path) => path + ".partial";

    private static T Guard<T>(string path, Func<T> action)
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
