using System;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Repack;

/// <summary>
/// A stored matrix without its mapping: conversions read its rows from the file instead of through mapped pages, so that a matrix of any size
/// leaves no memory behind. For work that sees each row once; a model that is loaded shares the pages with what else has the file mapped.
/// </summary>
internal sealed class ReadMatrix(MatrixSource stored) : MatrixSource
{
    public override string Name => stored.Name;

    public override DType Format => stored.Format;

    public override int Rows => stored.Rows;

    public override int Columns => stored.Columns;

    public override void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale) => stored.ReadRows(first, count, data, scale);
}
