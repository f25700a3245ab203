using System;
using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Threading;
using GemmaVk.Weights.Gguf;
using GemmaVk.Weights.Gguf.Blocks;

namespace GemmaVk.Weights;

/// <summary>A tensor with numbers that are not finite.</summary>
/// <param name="File">The file that holds it.</param>
/// <param name="Tensor">The tensor.</param>
/// <param name="First">Index of the first such number, row-major.</param>
/// <param name="Value">What stands there: NaN, infinity or -infinity.</param>
/// <param name="Count">How many there are.</param>
public sealed record BadTensor(string File, FileTensor Tensor, long First, string Value, long Count)
{
    /// <summary>The index by axes, such as [12, 3].</summary>
    public string Index
    {
        get
        {
            long rest = First;
            string[] index = new string[Tensor.Extents.Count];
            for (int axis = index.Length - 1; axis >= 0; axis--)
            {
                (rest, long at) = Math.DivRem(rest, Tensor.Extents[axis]);
                index[axis] = at.ToString(CultureInfo.InvariantCulture);
            }

            return $"[{string.Join(", ", index)}]";
        }
    }
}

/// <summary>Reads every number of a checkpoint, scales included, and finds those that are not finite. Memory stays at some megabytes.</summary>
public static class FiniteCheck
{
    private const int BlockBytes = 4 << 20;

    /// <summary>Looks through all tensors.</summary>
    /// <param name="source">The checkpoint.</param>
    /// <param name="progress">Called with the bytes read since the last call, from several threads.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Tensors with such numbers, by name; none is good.</returns>
    /// <exception cref="Tensors.GemmaVkException">A file cannot be read.</exception>
    public static IReadOnlyList<BadTensor> Run(TensorSource source, Action<long>? progress = null, CancellationToken cancel = default)
    {
        Dictionary<FileTensor, (TensorFile File, long First, string Value, long Count)> bad = [];
        Lock found = new();
        RowBlocks.ForEach(Blocks(source), cancel, block =>
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(BlockBytes);
            try
            {
                Span<byte> bytes = buffer.AsSpan(0, block.Count);
                block.File.Read(block.Tensor, block.First, bytes);
                (long at, string value, long count) = Look(block.Tensor.DType, bytes);
                progress?.Invoke(bytes.Length);
                if (count == 0)
                {
                    return;
                }

                at += GgmlType.Named(block.Tensor.DType) is { } type ? block.First / type.BlockBytes * type.BlockElements : block.First / SafetensorsTypes.Bytes(block.Tensor.DType);
                lock (found)
                {
                    (_, long first, string word, long more) = bad.TryGetValue(block.Tensor, out var known) ? known : (block.File, long.MaxValue, "", 0);
                    bad[block.Tensor] = (block.File, Math.Min(first, at), at < first ? value : word, more + count);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        });
        return [.. bad.OrderBy(pair => pair.Key.Name, StringComparer.Ordinal).Select(pair => new BadTensor(pair.Value.File.Path, pair.Key, pair.Value.First, pair.Value.Value, pair.Value.Count))];
    }

    private static IEnumerable<(TensorFile File, FileTensor Tensor, long First, int Count)> Blocks(TensorSource source)
    {
        foreach (TensorFile file in source.Files)
        {
            foreach (FileTensor tensor in file.Tensors.Values.OrderBy(tensor => tensor.Offset))
            {
                // Whole blocks of GGUF's types stay together.
                long step = GgmlType.Named(tensor.DType) is { Kind: GgmlTypeKind.Blocks } type ? BlockBytes / type.BlockBytes * type.BlockBytes : BlockBytes;
                for (long first = 0; first < tensor.ByteLength; first += step)
                {
                    yield return (file, tensor, first, (int)Math.Min(step, tensor.ByteLength - first));
                }
            }
        }
    }

    /// <summary>First and number of the elements that are not finite; types without such values have none.</summary>
    internal static (long First, string Value, long Count) Look(string dtype, ReadOnlySpan<byte> bytes) => dtype switch
    {
        "BF16" => Look<ushort>(bytes, 0x7F80, 0x8000, infinities: true),
        "F16" => Look<ushort>(bytes, 0x7C00, 0x8000, infinities: true),
        "F32" => Look<uint>(bytes, 0x7F800000, 0x80000000, infinities: true),
        "F64" => Look<ulong>(bytes, 0x7FF0000000000000, 0x8000000000000000, infinities: true),
        "F8_E4M3" => Look<byte>(bytes, 0x7F, 0x80, infinities: false),
        "F8_E5M2" => Look<byte>(bytes, 0x7C, 0x80, infinities: true),
        "F8_E8M0" => Look<byte>(bytes, 0xFF, 0, infinities: false),
        _ when GgmlType.Named(dtype) is { Kind: GgmlTypeKind.Blocks } type => LookIntoBlocks(type, bytes),
        _ => (0, "", 0),
    };

    /// <summary>A block is not finite where its scale is not: its values are looked at.</summary>
    private static (long First, string Value, long Count) LookIntoBlocks(GgmlType type, ReadOnlySpan<byte> bytes)
    {
        (long first, string word, long count) = (0, "", 0);
        float[] values = new float[type.BlockElements];
        for (int i = 0; i < bytes.Length / type.BlockBytes; i++)
        {
            BlockFormats.Decode(type, bytes.Slice(i * type.BlockBytes, type.BlockBytes), values);
            (long at, string found, long more) = Look("F32", MemoryMarshal.AsBytes(values.AsSpan()));
            (first, word) = count == 0 && more > 0 ? ((long)i * type.BlockElements + at, found) : (first, word);
            count += more;
        }

        return (first, word, count);
    }

    /// <summary>Looks for elements with all bits of <paramref name="top"/> set.</summary>
    /// <param name="bytes">Elements.</param>
    /// <param name="top">The exponent: set in infinities and NaN.</param>
    /// <param name="sign">Its sign bit.</param>
    /// <param name="infinities">False for a type that has none.</param>
    private static (long First, string Value, long Count) Look<T>(ReadOnlySpan<byte> bytes, T top, T sign, bool infinities)
        where T : unmanaged, IBinaryInteger<T>
    {
        ReadOnlySpan<T> values = MemoryMarshal.Cast<byte, T>(bytes);
        Vector<T> wanted = new(top);
        long first = -1, count = 0;
        string word = "";
        int i = 0;
        while (i < values.Length)
        {
            if (i + Vector<T>.Count <= values.Length && !Vector.EqualsAny(new Vector<T>(values[i..]) & wanted, wanted))
            {
                i += Vector<T>.Count;
                continue;
            }

            for (int end = Math.Min(values.Length, i + Vector<T>.Count); i < end; i++)
            {
                if ((values[i] & top) != top)
                {
                    continue;
                }

                if (count++ == 0)
                {
                    bool infinite = infinities && (values[i] & ~sign) == top;
                    (first, word) = (i, !infinite ? "NaN" : (values[i] & sign) == T.Zero ? "infinity" : "-infinity");
                }
            }
        }

        return (first, word, count);
    }
}
