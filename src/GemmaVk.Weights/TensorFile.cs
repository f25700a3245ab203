using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.MemoryMappedFiles;
using GemmaVk.Tensors;
using Microsoft.Win32.SafeHandles;

namespace GemmaVk.Weights;

/// <summary>
/// A file of tensors, mapped read-only, whatever its format: <see cref="SafetensorsFile"/> and <see cref="Gguf.GgufFile"/> read the header and
/// say where each tensor lies; its bytes come from here.
/// A mapped file that is made shorter takes its pages away: <see cref="CheckUnchanged"/> tells before they are touched, and
/// <see cref="MappedFault"/> explains the end of a process that was in the middle of it. A file that is replaced under its name (renamed
/// over) or deleted stays as it was for those who have it open.
/// </summary>
public abstract unsafe class TensorFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly DateTime _written;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _base;

    /// <summary>Maps a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">What it must be, for messages.</param>
    /// <param name="shortest">Bytes below which it cannot be one.</param>
    /// <exception cref="GemmaVkException">It is missing, unreadable or too short.</exception>
    private protected TensorFile(string path, string format, int shortest)
    {
        Path = path;
        try
        {
            // The open file's length, not the directory entry's: download caches hold symbolic links.
            _handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            Length = RandomAccess.GetLength(_handle);
            if (Length < shortest)
            {
                _handle.Dispose();
                throw new GemmaVkException(
                    $"{path} must be at least {shortest} bytes long, but is {(Length == 0 ? "empty" : $"only {Length} bytes long")}; {Remedy}");
            }

            _written = File.GetLastWriteTimeUtc(_handle);
            _map = MemoryMappedFile.CreateFromFile(_handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            try
            {
                _view = _map.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
                _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _base);
                _base += _view.PointerOffset;
            }
            catch
            {
                _map.Dispose();
                throw;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Directory.Exists(path)
                ? new GemmaVkException($"{path} must be a {format} file, but is a folder; give a file in it.", error)
                : new GemmaVkException($"{path} must be a readable {format} file, but opening it failed: {Complaint.Of(error)} Check the path and its permissions.", error);
        }

        MappedFault.Add((nint)_base, Length, path);
    }

    /// <summary>What to do about a file that is not what it must be.</summary>
    internal const string Remedy = "download or convert the file again, and compare its size with the published one.";

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>The file's length in bytes.</summary>
    public long Length { get; }

    /// <summary>Every tensor by the name that the file gives it.</summary>
    public IReadOnlyDictionary<string, FileTensor> Tensors { get; private protected set; } = new Dictionary<string, FileTensor>();

    /// <summary>Address of a tensor's first byte; valid until <see cref="Dispose"/>.</summary>
    public nint Address(FileTensor tensor)
    {
        ObjectDisposedException.ThrowIf(_base == null, this);
        return (nint)(_base + tensor.Offset);
    }

    /// <summary>A tensor's bytes; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Bytes(FileTensor tensor) => new((void*)Address(tensor), checked((int)tensor.ByteLength));

    /// <summary>Some of a tensor's bytes; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Bytes(FileTensor tensor, long first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, tensor.ByteLength - first);
        return new ReadOnlySpan<byte>((byte*)Address(tensor) + first, count);
    }

    /// <summary>Has some of a tensor's bytes in memory, in large pages where the system has them.</summary>
    internal void Hold(FileTensor tensor, long first, long bytes) =>
        MappedPages.Hold(Path, Address(tensor) + (nint)first, bytes, (nint)_base, (nint)_base + (nint)Length);

    /// <summary>Copies some of a tensor's bytes with a read of the file: unlike the mapping, it leaves no pages in this process, and a file that became shorter is an error.</summary>
    /// <exception cref="GemmaVkException">The file became shorter, or its disk fails.</exception>
    public void Read(FileTensor tensor, long first, Span<byte> bytes)
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
    public byte[] HashBefore(FileTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return FileHash.Of(_handle, tensor.Offset) ?? throw Changed();
    }

    /// <summary>The file's first bytes, where its header stands; valid until <see cref="Dispose"/>.</summary>
    /// <param name="most">Bytes at most.</param>
    private protected ReadOnlySpan<byte> Start(int most) => new(_base, (int)Math.Min(Length, most));

    /// <summary>The header as it stands in the file: what identifies a checkpoint's layout.</summary>
    internal abstract ReadOnlySpan<byte> Header { get; }

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
        GC.SuppressFinalize(this);
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
}
