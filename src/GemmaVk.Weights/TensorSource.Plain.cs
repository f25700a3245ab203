using System;
using System.Runtime.InteropServices;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Weights.Gguf;
using GemmaVk.Weights.Repack;

namespace GemmaVk.Weights;

/// <summary>Tensors as a safetensors file holds them: what quantising and converting copy.</summary>
public abstract partial class TensorSource
{
    /// <summary>Type and shape under which a tensor is written plain; of a safetensors file its own.</summary>
    /// <param name="spec">The tensor.</param>
    /// <param name="blocks">Type for matrices that GGUF stores in blocks.</param>
    internal FileTensor PlainTensor(TensorSpec spec, string blocks = "BF16")
    {
        if (!IsGguf)
        {
            return StoredTensor(spec);
        }

        (TensorFile file, FileTensor stored) = Find(spec.Name);
        string type = Readable(file, stored).Kind == GgmlTypeKind.Blocks ? blocks : stored.DType;
        long[] extents = new long[spec.Shape.Rank];
        for (int axis = 0; axis < extents.Length; axis++)
        {
            extents[axis] = spec.Shape[axis];
        }

        return new FileTensor(spec.Name, type, extents, 0, spec.Shape.Count * SafetensorsTypes.Bytes(type));
    }

    /// <summary>Bytes that are read at once at least, and of which a part is a multiple: a row, or a whole vector; 1 where any will do.</summary>
    internal long PlainStep(TensorSpec spec, FileTensor plain) => !IsGguf ? 1 : spec.Role == TensorRole.Vector ? plain.ByteLength : plain.ByteLength / spec.Shape[0];

    /// <summary>Some of a tensor's bytes as <see cref="PlainTensor"/> says; first and length are multiples of <see cref="PlainStep"/>.</summary>
    internal void ReadPlain(TensorSpec spec, FileTensor plain, long first, Span<byte> bytes)
    {
        if (!IsGguf)
        {
            ReadStored(spec, first, bytes);
            return;
        }

        if (spec.Role == TensorRole.Vector)
        {
            Write(plain.DType, Vector(spec.Name), bytes);
            return;
        }

        int K = (int)spec.Shape[1], rowBytes = (int)(plain.ByteLength / spec.Shape[0]);
        MatrixSource matrix = new ReadMatrix(Matrix(spec.Name, DType.F32));
        float[] row = new float[K];
        for (int at = 0; at < bytes.Length; at += rowBytes)
        {
            matrix.ReadRows((int)((first + at) / rowBytes), 1, MemoryMarshal.AsBytes(row.AsSpan()), []);
            Write(plain.DType, row, bytes.Slice(at, rowBytes));
        }
    }

    // What was F16 or BF16 comes out as it went in: widening and rounding back change nothing.
    private static void Write(string type, ReadOnlySpan<float> values, Span<byte> bytes)
    {
        switch (type)
        {
            case "F32":
                MemoryMarshal.AsBytes(values).CopyTo(bytes);
                break;
            case "BF16":
                Span<ushort> brain = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (int i = 0; i < values.Length; i++)
                {
                    brain[i] = BFloat16.FromSingle(values[i]);
                }

                break;
            case "F16":
                Span<Half> half = MemoryMarshal.Cast<byte, Half>(bytes);
                for (int i = 0; i < values.Length; i++)
                {
                    half[i] = (Half)values[i];
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "not a plain type");
        }
    }
}
