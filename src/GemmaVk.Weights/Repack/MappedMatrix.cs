using System;
using System.Runtime.InteropServices;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Repack;

// Letters: N rows, K columns.

/// <summary>
/// Step 5 of the weight path; from TensorSource, to the backend, without work: the file's bytes are the kernel's bytes.
/// <code>
/// file                                                  kernel (QuantBlocks)
/// BF16 .weight [N, K]                                   BF16 [N, K]
/// F32 .weight [N, K]                                    F32 [N, K]
/// I32 .weight_packed [N, K/8], BF16 .weight_scale       Q4: the same words, the same scales
/// F8_E4M3 .weight [N, K], BF16 .weight_scale [N, 1]     F8E4M3: the same bytes, the same scales
/// </code>
/// Safetensors promises no alignment: a tensor that does not lie on its element's boundary is copied instead of mapped.
/// </summary>
internal sealed class MappedMatrix : MatrixSource
{
    private readonly TensorFile _file;
    private readonly FileTensor _data;
    private readonly TensorFile? _scaleFile;
    private readonly FileTensor? _scale;

    private MappedMatrix(TensorSpec spec, DType format, TensorFile file, FileTensor data, TensorFile? scaleFile, FileTensor? scale)
    {
        Name = spec.Name;
        Format = format;
        Rows = (int)spec.Shape[0];
        Columns = (int)spec.Shape[1];
        _file = file;
        _data = data;
        _scaleFile = scaleFile;
        _scale = scale;
    }

    public override string Name { get; }

    public override DType Format { get; }

    public override int Rows { get; }

    public override int Columns { get; }

    public override nint MappedData => Aligned(_file.Address(_data), Format switch { DType.F8E4M3 => 1, DType.BF16 => 2, _ => 4 });

    public override nint MappedScale => _scale is null ? 0 : Aligned(_scaleFile!.Address(_scale), sizeof(ushort));

    /// <summary>A matrix without scales; F16, which no kernel reads, is widened.</summary>
    public static MatrixSource Plain(TensorSpec spec, TensorFile file, FileTensor data, DType type)
    {
        MappedMatrix stored = new(spec, type, file, data, null, null);
        return type == DType.F16 ? new WidenedMatrix(stored) : stored;
    }

    /// <summary>A matrix whose data and scales both lie in kernel layout.</summary>
    public static MatrixSource Quantised(TensorSpec spec, DType format, TensorFile file, FileTensor data, TensorFile scaleFile, FileTensor scale) =>
        new MappedMatrix(spec, format, file, data, scaleFile, scale);

    public override void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale)
    {
        long rowBytes = QuantBlocks.RowBytes(Format, Columns);
        _file.Read(_data, first * rowBytes, data[..checked((int)(count * rowBytes))]);
        if (_scale is not null)
        {
            long rowScaleBytes = QuantBlocks.RowScales(Format, Columns) * sizeof(ushort);
            _scaleFile!.Read(_scale, first * rowScaleBytes, MemoryMarshal.AsBytes(scale)[..checked((int)(count * rowScaleBytes))]);
        }
    }

    public override void Prefetch(int first, int count) =>
        Pages(first, count, (file, tensor, at, bytes) => MappedPages.Prefetch(file.Path, file.Address(tensor) + (nint)at, bytes));

    public override void Hold(int first, int count) => Pages(first, count, (file, tensor, at, bytes) => file.Hold(tensor, at, bytes));

    public override void Release(int first, int count)
    {
        long rowBytes = QuantBlocks.RowBytes(Format, Columns), scaleBytes = QuantBlocks.RowScales(Format, Columns) * sizeof(ushort);
        MappedPages.Release(_file.Address(_data) + (nint)(first * rowBytes), count * rowBytes);
        if (_scale is not null)
        {
            MappedPages.Release(_scaleFile!.Address(_scale) + (nint)(first * scaleBytes), count * scaleBytes);
        }
    }

    private void Pages(int first, int count, Action<TensorFile, FileTensor, long, long> work)
    {
        long rowBytes = QuantBlocks.RowBytes(Format, Columns), scaleBytes = QuantBlocks.RowScales(Format, Columns) * sizeof(ushort);
        work(_file, _data, first * rowBytes, count * rowBytes);
        if (_scale is not null)
        {
            work(_scaleFile!, _scale, first * scaleBytes, count * scaleBytes);
        }
    }

    private static nint Aligned(nint address, int alignment) => address % alignment == 0 ? address : 0;
}
