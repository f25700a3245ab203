using System;
using System.Collections.Generic;
using System.IO;
using System.IO.MemoryMappedFiles;
using GemmaVk.Tensors;

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
/// </summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _base;

    private SafetensorsFile(string path, long length, MemoryMappedFile map, MemoryMappedViewAccessor view)
    {
        Path = path;
        Length = length;
        _map = map;
        _view = view;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _base);
        _base += view.PointerOffset;
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

    /// <summary>Unmaps the file: every address and span taken from it becomes invalid.</summary>
    public void Dispose()
    {
        if (_base != null)
        {
            _base = null;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _map.Dispose();
        }
    }

    private static SafetensorsFile Map(string path)
    {
        try
        {
            // The stream's length, not the directory entry's: download caches hold symbolic links.
            FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            long length = stream.Length;
            if (length < 8)
            {
                stream.Dispose();
                throw SafetensorsHeader.Bad(path, "at least 8 bytes long", length == 0 ? "empty" : $"only {length} bytes long");
            }

            MemoryMappedFile map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            try
            {
                return new SafetensorsFile(path, length, map, map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read));
            }
            catch
            {
                map.Dispose();
                throw;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new GemmaVkException($"{path} must be a readable safetensors file, but opening it failed: {error.Message} Check the path and its permissions.", error);
        }
    }
}
