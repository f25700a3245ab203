using System;
using System.Runtime.InteropServices;

namespace GemmaVk.Weights.Generated;

/// <summary>The two numbers of <c>weight_shape</c>.</summary>
internal sealed class RecordedShape(long rows, long columns) : GeneratedRule
{
    public override string DType => "I64";

    public override int ElementBytes => sizeof(long);

    public override void Fill(uint seed, long first, Span<byte> bytes) =>
        ((ReadOnlySpan<long>)[rows, columns]).CopyTo(MemoryMarshal.Cast<byte, long>(bytes));
}
