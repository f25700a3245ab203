using System;
using System.Linq;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Gguf;

/// <summary>
/// A GGUF file, mapped read-only: metadata and tensors (<see cref="GgufHeader"/> has the layout). Tensors keep the file's names and element
/// types here; <see cref="GgufNames"/> says what they are in the model.
/// </summary>
internal sealed class GgufFile : TensorFile
{
    private GgufFile(string path)
        : base(path, "GGUF", shortest: 24)
    {
    }

    /// <summary>The metadata; valid until the file is disposed.</summary>
    public GgufMetadata Metadata { get; private set; } = null!;

    /// <summary>Version of the format.</summary>
    public uint Version { get; private set; }

    /// <inheritdoc/>
    internal override ReadOnlySpan<byte> Header => Start((int)Math.Min(
        GgufHeader.LargestBytes, Tensors.Count == 0 ? Length : Tensors.Values.Min(tensor => tensor.Offset)));

    /// <summary>Maps a file and checks its header.</summary>
    /// <exception cref="GemmaVkException">It is missing, unreadable, cut off or malformed.</exception>
    public static unsafe GgufFile Open(string path)
    {
        GgufFile file = new(path);
        try
        {
            ReadOnlySpan<byte> start = file.Start(GgufHeader.LargestBytes);
            GgufHeader header = GgufHeader.Parse(start, file.Length, path);
            file.Tensors = header.Tensors;
            file.Version = header.Version;
            fixed (byte* first = start)
            {
                // The span is the mapping itself, which stays where it is.
                file.Metadata = new GgufMetadata(header.Values, new MappedMemory((nint)first, start.Length).Memory, path);
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
