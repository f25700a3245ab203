using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Tests;

/// <summary>Buffers and runs of one test on one backend; what it made is given back at the end.</summary>
public sealed class KernelSession(string backend) : IDisposable
{
    private readonly List<IDisposable> _made = [];

    /// <summary>The backend under test.</summary>
    public IBackend Backend { get; } = Backends.Get(backend);

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

    /// <summary>A buffer full of NaN (bytes of ones): what a kernel does not write shows.</summary>
    public BufferHandle Empty(DType dtype, long count)
    {
        BufferHandle buffer = Keep(Backend.Allocate("test", dtype, new Shape(count)));
        byte[] ones = new byte[buffer.Bytes];
        ones.AsSpan().Fill(0xFF);
        Backend.Write<byte>(buffer, ones);
        return buffer;
    }

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
        using IRecording recording = Backend.Record("test", body);
        Backend.Run(recording);
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
        foreach (IDisposable made in _made)
        {
            made.Dispose();
        }
    }

    private BufferHandle Filled<T>(DType dtype, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        BufferHandle buffer = Keep(Backend.Allocate("test", dtype, new Shape(values.Length)));
        Backend.Write(buffer, values);
        return buffer;
    }

    private T Keep<T>(T made)
        where T : IDisposable
    {
        _made.Add(made);
        return made;
    }
}
