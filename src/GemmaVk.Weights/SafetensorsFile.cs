using System;
using System.Buffers.Binary;
using System.Collections.Generic;
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
public sealed class SafetensorsFile : TensorFile
{
    private SafetensorsFile(string path)
        : base(path, "safetensors", shortest: 8)
    {
    }

    /// <summary>The entries of "__metadata__".</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; private set; } = new Dictionary<string, string>();

    /// <summary>Maps a file and checks its header.</summary>
    /// <exception cref="GemmaVkException">It is missing, unreadable, truncated or malformed.</exception>
    public static SafetensorsFile Open(string path)
    {
        SafetensorsFile file = new(path);
        try
        {
            SafetensorsHeader header = SafetensorsHeader.Parse(file.Start(SafetensorsHeader.LargestBytes + 8), file.Length, path);
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

    /// <summary>The header as it stands in the file, without its length.</summary>
    internal override ReadOnlySpan<byte> Header => Start(SafetensorsHeader.LargestBytes + 8).Slice(8, (int)BinaryPrimitives.ReadUInt64LittleEndian(Start(8)));
}
