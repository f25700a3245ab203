using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Gguf.Writing;

// Letters: N rows, K columns.

/// <summary>
/// A checkpoint's tensor as GGUF holds it. Plain numbers stay what they are; INT4 and INT8 become Q4_0 and Q8_0, whose F16 scale can hold most
/// BF16 scales exactly, and a tensor with one that it cannot is refused.
/// <code>
/// Q4    nibbles of neighbours in a byte, BF16 scales apart   ->   Q4_0   F16 scale, then nibbles of elements j and j + 16 in a byte
/// Q8    signed bytes, BF16 scales apart                      ->   Q8_0   F16 scale, then the bytes
/// </code>
/// </summary>
internal sealed class GgufTensorWriting(TensorSource source)
{
    private const int Group = QuantBlocks.GroupSize;

    /// <summary>Type in GGUF; norms, biases and tables are F32 there, and so is the patch projection.</summary>
    /// <exception cref="GemmaVkException">GGUF has no such type.</exception>
    public string TypeOf(TensorSpec spec)
    {
        if (spec.Role == TensorRole.Vector || spec.Name == TensorNames.PatchDenseWeight)
        {
            return "F32";
        }

        DType format = source.Matrix(spec.Name).Format;
        return format switch
        {
            DType.Q4 => "Q4_0",
            DType.Q8 => "Q8_0",
            DType.F8E4M3 => throw new GemmaVkException($"{source.Directory}: tensor {spec.Name} is FP8, which GGUF has no type for; make INT8 or INT4 of it first: gemmavk quantize --to int8."),
            _ => source.StoredTensor(spec).DType,
        };
    }

    /// <summary>Bytes of a row.</summary>
    public static long RowBytes(TensorSpec spec, string type)
    {
        GgmlType known = GgmlType.Named(type)!;
        return (spec.Role == TensorRole.Vector ? spec.Shape.Count : spec.Shape[1]) / known.BlockElements * known.BlockBytes;
    }

    /// <summary>Makes a row of a matrix.</summary>
    public void Row(TensorSpec spec, string type, int row, Span<byte> bytes)
    {
        if (type is "Q4_0" or "Q8_0")
        {
            Blocks(source.Matrix(spec.Name), type == "Q4_0", row, bytes);
            return;
        }

        if (spec.Name == TensorNames.PatchDenseWeight)
        {
            float[] values = new float[spec.Shape[1]];
            source.Matrix(spec.Name, DType.F32).ReadRows(row, 1, MemoryMarshal.AsBytes(values.AsSpan()), []);
            PatchOrder.ToGguf<float>(values, MemoryMarshal.Cast<byte, float>(bytes));
            return;
        }

        source.ReadStored(spec, row * (long)bytes.Length, bytes);
    }

    /// <summary>A vector or table in GGUF's order.</summary>
    public float[] Vector(TensorSpec spec)
    {
        float[] values = source.Vector(spec.Name);
        float[] ordered = new float[values.Length];
        switch (spec.Name)
        {
            case TensorNames.PatchNorm1Weight or TensorNames.PatchNorm1Bias:
                PatchOrder.ToGguf<float>(values, ordered);
                return ordered;
            case TensorNames.PosEmbedding:
                int positions = (int)spec.Shape[0], width = (int)spec.Shape[2];
                for (int i = 0; i < 2 * positions; i++)
                {
                    values.AsSpan(i * width, width).CopyTo(ordered.AsSpan(((i % 2 * positions) + (i / 2)) * width));
                }

                return ordered;
            default:
                return values;
        }
    }

    private static void Blocks(MatrixSource matrix, bool nibbles, int row, Span<byte> bytes)
    {
        int K = matrix.Columns, size = nibbles ? 18 : 34;
        byte[] data = new byte[QuantBlocks.RowBytes(matrix.Format, K)];
        ushort[] scale = new ushort[K / Group];
        matrix.ReadRows(row, 1, data, scale);
        for (int g = 0; g < scale.Length; g++)
        {
            Span<byte> block = bytes.Slice(g * size, size);
            float d = BFloat16.ToSingle(scale[g]);
            Half half = (Half)d;
            if ((float)half != d)
            {
                throw new GemmaVkException($"tensor {matrix.Name}, row {row}: GGUF keeps scales as F16, which cannot hold {d:R} exactly; convert the plain checkpoint instead.");
            }

            BinaryPrimitives.WriteHalfLittleEndian(block, half);
            ReadOnlySpan<byte> group = data.AsSpan(g * (nibbles ? 16 : 32), nibbles ? 16 : 32);
            if (!nibbles)
            {
                group.CopyTo(block[2..]);
                continue;
            }

            for (int j = 0; j < 16; j++)
            {
                block[2 + j] = (byte)(Nibble(group, j) | (Nibble(group, j + 16) << 4));
            }
        }
    }

    private static int Nibble(ReadOnlySpan<byte> group, int i) => (group[i / 2] >> (4 * (i & 1))) & 15;
}
