using System;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Tests;

/// <summary>A backend on a <see cref="TestDevice"/>: disposing it fails if the validation layer had anything to say.</summary>
internal sealed class TestBackend : IDisposable
{
    private readonly TestDevice test;

    public TestBackend(Func<GpuOptions, GpuOptions>? change = null, bool? integerDot = null)
    {
        test = new TestDevice(change);
        Backend = new VulkanBackend(test.Device, integerDot);
    }

    /// <summary>With the forms that a GPU is given, matrix units included where the driver has some.</summary>
    public static TestBackend AsGpu(Func<GpuOptions, GpuOptions>? change = null) => new(options => (change?.Invoke(options) ?? options) with { AsSoftware = false });

    public VulkanBackend Backend { get; }

    public GpuDevice Device => test.Device;

    public BufferHandle Filled<T>(DType dtype, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        BufferHandle buffer = Backend.Allocate("test", dtype, new Shape(values.Length));
        Backend.Write(buffer, values);
        return buffer;
    }

    public void Run(Action<IPass> body)
    {
        using IRecording recording = Backend.Record("test", body);
        Backend.Run(recording);
    }

    public float[] Attention(AttentionCase each, bool decode)
    {
        using OperandBuffers buffers = new(Backend);
        return each.Run(buffers, decode);
    }

    public float[] Read(BufferHandle buffer)
    {
        float[] values = new float[buffer.Shape.Count];
        Backend.Read<float>(buffer, values);
        return values;
    }

    public void Dispose()
    {
        Backend.ReleaseKernels();
        test.Dispose();
    }
}

/// <summary>A matrix of random bytes and scales near one hundredth.</summary>
internal sealed class SeededMatrix : MatrixSource
{
    public SeededMatrix(DType format, int rows, int columns)
    {
        (Format, Rows, Columns) = (format, rows, columns);
        Random random = new(rows + columns);
        Data = new byte[rows * QuantBlocks.RowBytes(format, columns)];
        random.NextBytes(Data);
        for (int i = 0; i < Data.Length; i++)
        {
            // No NaN codes of FP8.
            Data[i] = format == DType.F8E4M3 && (Data[i] & 0x7F) == 0x7F ? (byte)0 : Data[i];
        }

        Scales = new ushort[rows * QuantBlocks.RowScales(format, columns)];
        for (int i = 0; i < Scales.Length; i++)
            Scales[i] = BFloat16.FromSingle((random.NextSingle() + 0.5f) / 100);
    }

    public byte[] Data { get; }

    public ushort[] Scales { get; }

    public override string Name => "seeded";

    public override DType Format { get; }

    public override int Rows { get; }

    public override int Columns { get; }

    public override void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale)
    {
        Data.AsSpan((int)(first * QuantBlocks.RowBytes(Format, Columns)), data.Length).CopyTo(data);
        Scales.AsSpan((int)(first * QuantBlocks.RowScales(Format, Columns)), scale.Length).CopyTo(scale);
    }
}

/// <summary>A matrix whose file turns out to be bad.</summary>
internal sealed class BrokenMatrix : MatrixSource
{
    public override string Name => "broken";

    public override DType Format => DType.BF16;

    public override int Rows => 200;

    public override int Columns => 32;

    public override void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale) =>
        throw new GemmaVkException("broken: expected 200 rows, the file ends before.");
}
