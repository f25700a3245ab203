using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.Threading;
using GemmaVk.Tensors;
using Microsoft.Win32.SafeHandles;

namespace GemmaVk.Weights;

/// <summary>
/// Step 2 of the weight path; from CheckpointIndex, to TensorSource. A safetensors file, mapped read-only.
/// <code>
/// bytes 0 .. 7      N, length of the header, unsigned 64-bit little-endian
/// bytes 8 .. 8+N    UTF-8 JSON: { "NAME": { "dtype": "BF16", "shape": [4096, 3840], "data_offsets": [begin, end] }, ... ,
///                                 "__metadata__": { "key": "text" } }      spaces may follow the last brace
/// bytes 8+N ..      data; offsets count from here, end is exclusive; little-endian, row-major, any alignment
/// </code>
/// The header is untrusted: every length, offset, product and overlap is checked (<see cref="SafetensorsHeader"/>) before
/// a byte of data is touched. Gaps between tensors are allowed, overlaps are not.
/// A mapped file that is made shorter takes its pages away: <see cref="CheckUnchanged"/> tells before they are touched, and
/// <see cref="MappedFault"/> explains the end of a process that was in the middle of it. A file that is replaced under its name (renamed
/// over) or deleted stays as it was for those who have it open.
/// </summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly DateTime _written;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _base;

    private SafetensorsFile(string path, long length, SafeFileHandle handle, MemoryMappedFile map, MemoryMappedViewAccessor view)
    {
        Path = path;
        Length = length;
        _handle = handle;
        _written = File.GetLastWriteTimeUtc(handle);
        _map = map;
        _view = view;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _base);
        _base += view.PointerOffset;
        MappedFault.Add((nint)_base, length, path);
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>The file's length in bytes.</summary>
    public long Length { get; }

    /// <summary>Every tensor by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors { get; private set; } = new Dictionary<string, SafetensorsTensor>();

    /// <summary>The entries of "__metadata__".</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; private set; } = new Dictionary<string, string>();

    /// <summary>Maps a file and checks its header.</summary>
    /// <exception cref="GemmaVkException">It is missing, unreadable, truncated or malformed.</exception>
    public static SafetensorsFile Open(string path)
    {
        SafetensorsFile file = Map(path);
        try
        {
            SafetensorsHeader header = SafetensorsHeader.Parse(new ReadOnlySpan<byte>(file._base, (int)Math.Min(file.Length, SafetensorsHeader.LargestBytes + 8)), file.Length, path);
            file.Tensors = header.Tensors;
            file.Metadata = header.Metadata;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Address of a tensor's first byte; valid until <see cref="Dispose"/>.</summary>
    public nint Address(SafetensorsTensor tensor)
    {
        ObjectDisposedException.ThrowIf(_base == null, this);
        return (nint)(_base + tensor.Offset);
    }

    /// <summary>A tensor's bytes; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Bytes(SafetensorsTensor tensor) => new((void*)Address(tensor), checked((int)tensor.ByteLength));

    /// <summary>Some of a tensor's bytes; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Bytes(SafetensorsTensor tensor, long first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, tensor.ByteLength - first);
        return new ReadOnlySpan<byte>((byte*)Address(tensor) + first, count);
    }

    /// <summary>Copies some of a tensor's bytes with a read of the file: unlike the mapping, it leaves no pages in this process, and a file that became shorter is an error.</summary>
    /// <exception cref="GemmaVkException">The file became shorter, or its disk fails.</exception>
    public void Read(SafetensorsTensor tensor, long first, Span<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, tensor.ByteLength - first, nameof(bytes));
        try
        {
            for (long at = tensor.Offset + first; !bytes.IsEmpty;)
            {
                int count = RandomAccess.Read(_handle, bytes, at);
                if (count == 0)
                {
                    throw Changed();
                }

                at += count;
                bytes = bytes[count..];
            }
        }
        catch (IOException error)
        {
            throw new GemmaVkException($"{Path} must stay readable while it is in use, but reading tensor {tensor.Name} failed: {Complaint.Of(error)} Check the disk, and download the file again.", error);
        }
    }

    /// <summary>SHA-256 of all bytes of the file before a tensor, read piece by piece.</summary>
    /// <exception cref="GemmaVkException">The file became shorter, or its disk fails.</exception>
    public byte[] HashBefore(SafetensorsTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return FileHash.Of(_handle, tensor.Offset) ?? throw Changed();
    }

    /// <summary>The header as it stands in the file, without its length.</summary>
    internal ReadOnlySpan<byte> Header => new(_base + 8, (int)BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(_base, 8)));

    /// <summary>Time of the last change when the file was opened.</summary>
    public DateTime LastWriteTimeUtc => _written;

    /// <summary>Looks whether the file is still the one that was opened; costs a microsecond and allocates nothing.</summary>
    /// <exception cref="GemmaVkException">It has another length or was written to.</exception>
    public void CheckUnchanged()
    {
        if (RandomAccess.GetLength(_handle) != Length || File.GetLastWriteTimeUtc(_handle) != _written)
        {
            throw Changed();
        }
    }

    /// <summary>Unmaps the file: every address and span taken from it becomes invalid.</summary>
    public void Dispose()
    {
        if (_base != null)
        {
            MappedFault.Remove((nint)_base);
            _base = null;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _map.Dispose();
        }
    }

    private GemmaVkException Changed() => new(string.Create(
        CultureInfo.InvariantCulture,
        $"{Path} must not change while it is in use, but was written to after it was opened: it had {Length:N0} bytes and now has {RandomAccess.GetLength(_handle):N0}; "
        + $"let whatever writes it finish, check that the file is whole, and start again."));

    private static SafetensorsFile Map(string path)
    {
        try
        {
            // The open file's length, not the directory entry's: download caches hold symbolic links.
            SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            long length = RandomAccess.GetLength(handle);
            if (length < 8)
            {
                handle.Dispose();
                throw SafetensorsHeader.Bad(path, "at least 8 bytes long", length == 0 ? "empty" : $"only {length} bytes long");
            }

            MemoryMappedFile map = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            try
            {
                return new SafetensorsFile(path, length, handle, map, map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read));
            }
            catch
            {
                map.Dispose();
                throw;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new GemmaVkException($"{path} must be a readable safetensors file, but opening it failed: {Complaint.Of(error)} Check the path and its permissions.", error);
        }
    }
}
