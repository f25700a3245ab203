using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Checks;

/// <summary>Operands of calls on one backend; what was made is given back at the end.</summary>
/// <param name="backend">Where they live; the caller keeps it.</param>
/// <param name="remembers">Keep what buffers were made with, for <see cref="Restore"/>.</param>
public class OperandBuffers(IBackend backend, bool remembers = false) : IDisposable
{
    private const long MostAtOnce = 16 << 20;

    private readonly List<IDisposable> _made = [];
    private readonly List<(BufferHandle Buffer, byte[] Content)> _remembered = [];

    /// <summary>Where the buffers live.</summary>
    public IBackend Backend { get; } = backend;

    /// <summary>All buffers that were made, in order; matrices are none.</summary>
    public IReadOnlyList<BufferHandle> Buffers => [.. _made.OfType<BufferHandle>()];

    /// <summary>A buffer that holds <paramref name="values"/>.</summary>
    public BufferHandle Floats(params ReadOnlySpan<float> values) => Filled(DType.F32, values);

    /// <summary>A buffer that holds <paramref name="values"/>.</summary>
    public BufferHandle Ints(params ReadOnlySpan<int> values) => Filled(DType.I32, values);

    /// <summary>A buffer that holds <paramref name="values"/>.</summary>
    public BufferHandle Bytes(params ReadOnlySpan<byte> values) => Filled(DType.U8, values);

    /// <summary>A buffer that holds the bits of BF16 values.</summary>
    public BufferHandle BFloat16s(params ReadOnlySpan<ushort> bits) => Filled(DType.BF16, bits);

    /// <summary>A buffer that holds <paramref name="values"/> rounded to F16.</summary>
    public BufferHandle Halves(ReadOnlySpan<float> values)
    {
        Half[] rounded = new Half[values.Length];
        for (int i = 0; i < rounded.Length; i++)
        {
            rounded[i] = (Half)values[i];
        }

        return Filled<Half>(DType.F16, rounded);
    }

    /// <summary>Rows of a cache [.., W] in a format, with the scales of Q8. Values are rounded as <see cref="Stored"/> says.</summary>
    public (BufferHandle Rows, BufferHandle? Scales) Cache(ReadOnlySpan<float> rows, DType format)
    {
        if (format != DType.Q8)
        {
            return (format == DType.F16 ? Halves(rows) : Floats(rows), null);
        }

        sbyte[] q = new sbyte[rows.Length];
        ushort[] scales = new ushort[rows.Length / QuantBlocks.GroupSize];
        KvAppend.Quantise(rows, q, scales);
        return (Filled<sbyte>(DType.Q8, q), Filled<ushort>(DType.BF16, scales));
    }

    /// <summary>Rows as a cache of a format gives them back.</summary>
    public static float[] Stored(ReadOnlySpan<float> rows, DType format)
    {
        float[] stored = rows.ToArray();
        if (format == DType.F16)
        {
            for (int i = 0; i < stored.Length; i++)
            {
                stored[i] = (float)(Half)stored[i];
            }
        }
        else if (format == DType.Q8)
        {
            sbyte[] q = new sbyte[rows.Length];
            ushort[] scales = new ushort[rows.Length / QuantBlocks.GroupSize];
            KvAppend.Quantise(rows, q, scales);
            for (int i = 0; i < stored.Length; i++)
            {
                stored[i] = q[i] * BFloat16.ToSingle(scales[i / QuantBlocks.GroupSize]);
            }
        }

        return stored;
    }

    /// <summary>A buffer full of NaN (bytes of ones): what a kernel does not write shows.</summary>
    public BufferHandle Empty(DType dtype, long count)
    {
        BufferHandle buffer = Keep(Backend.Allocate("operand", dtype, new Shape(count)));
        byte[] ones = new byte[buffer.Bytes];
        ones.AsSpan().Fill(0xFF);
        Backend.Write<byte>(buffer, ones);
        Remember<byte>(buffer, ones);
        return buffer;
    }

    /// <summary>A buffer of zeros.</summary>
    public BufferHandle Zeros(DType dtype, params ReadOnlySpan<long> extents)
    {
        BufferHandle buffer = Keep(Backend.Allocate("operand", dtype, new Shape(extents)));
        byte[] block = new byte[(int)Math.Min(buffer.Bytes, MostAtOnce)];
        long elements = block.Length / Math.Max(1, QuantBlocks.RowBytes(dtype, 1));
        for (long at = 0; at < buffer.Bytes; at += block.Length)
        {
            Backend.Write<byte>(buffer, block.AsSpan(0, (int)Math.Min(block.Length, buffer.Bytes - at)), at / block.Length * elements);
        }

        return buffer;
    }

    /// <summary>As many columns as whole groups or blocks of a format have: at least so many.</summary>
    public static int Whole(DType format, int columns) => (columns + QuantBlocks.ColumnStep(format) - 1) / QuantBlocks.ColumnStep(format) * QuantBlocks.ColumnStep(format);

    /// <summary>A matrix on the backend.</summary>
    public WeightMatrix Place(MatrixSource source) => Keep(Backend.Place(source));

    /// <summary>Float rows, or what QuantizeRows makes of them for weights of <paramref name="format"/>.</summary>
    public Activations Rows(ReadOnlySpan<float> x, bool quantised, DType format, int T, int K)
    {
        if (!quantised)
        {
            return new Activations(Floats(x));
        }

        (sbyte[] q, float[] d, float[] sum) = Quantise(x, format, T, K);
        return new Activations(Filled<sbyte>(DType.I8, q), Floats(d), Floats(sum));
    }

    /// <summary>INT8 rows that hold nothing yet.</summary>
    public Activations EmptyRows(long count) =>
        new(Empty(DType.I8, count), Empty(DType.F32, count / QuantBlocks.GroupSize), Empty(DType.F32, count / QuantBlocks.GroupSize));

    /// <summary>The reference's INT8 rows.</summary>
    public static (sbyte[] Q, float[] D, float[] Sum) Quantise(ReadOnlySpan<float> x, DType format, int T, int K)
    {
        sbyte[] q = new sbyte[T * K];
        float[] d = new float[T * K / 32];
        float[] sum = new float[T * K / 32];
        QuantizeRows.Reference(x, format, q, d, sum, T, K);
        return (q, d, sum);
    }

    /// <summary>Records and runs.</summary>
    public void Run(Action<IPass> body)
    {
        using IRecording recording = Backend.Record("operand", body);
        Backend.Run(recording);
    }

    /// <summary>Gives every buffer the content that it was made with: kernels that work in place can then run again.</summary>
    public void Restore()
    {
        foreach ((BufferHandle buffer, byte[] content) in _remembered)
        {
            Backend.Write<byte>(buffer, content);
        }
    }

    /// <summary>The bytes of a buffer.</summary>
    public byte[] Bits(BufferHandle buffer)
    {
        byte[] bytes = new byte[buffer.Bytes];
        Backend.Read<byte>(buffer, bytes);
        return bytes;
    }

    /// <summary>A buffer's content.</summary>
    public T[] Read<T>(BufferHandle buffer)
        where T : unmanaged
    {
        T[] values = new T[buffer.Shape.Count];
        Backend.Read<T>(buffer, values);
        return values;
    }

    /// <summary>A buffer's floats.</summary>
    public float[] Read(BufferHandle buffer) =>
        buffer.DType == DType.F16 ? [.. Read<Half>(buffer).Select(half => (float)half)] : Read<float>(buffer);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the buffers back.</summary>
    protected virtual void Dispose(bool disposing)
    {
        foreach (IDisposable made in _made)
        {
            made.Dispose();
        }
    }

    private BufferHandle Filled<T>(DType dtype, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        BufferHandle buffer = Keep(Backend.Allocate("operand", dtype, new Shape(values.Length)));
        Backend.Write(buffer, values);
        Remember(buffer, values);
        return buffer;
    }

    private void Remember<T>(BufferHandle buffer, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        if (remembers)
        {
            _remembered.Add((buffer, MemoryMarshal.AsBytes(values).ToArray()));
        }
    }

    private T Keep<T>(T made)
        where T : IDisposable
    {
        _made.Add(made);
        return made;
    }
}
