using System;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class AttentionDecodeQuantizeTests
{
    [KernelProperty(3)]
    public void EqualsItsTwoPartsBitForBit(FewRows T, FewRows before, AttentionSizes sizes, Seed seed)
    {
        AttentionSizes whole = sizes with { W = OperandBuffers.Whole(DType.Q8, sizes.W) };
        Check(AttentionCases.Of(whole, T, seed), before - 1, DType.Q4);
    }

    /// <summary>A cache so long that its parts are joined in runs, and the runs once more; of the parts most have seen nothing.</summary>
    [Theory]
    [InlineData(4500, 0, DType.Q8)]
    [InlineData(3, 0, DType.Q4)]
    [InlineData(4500, 2048, DType.Q8)]
    public void ManyPartsBecomeOne(int start, int window, DType format)
    {
        AttentionCase c = AttentionCase.Draw(2, 8, 1, 32, 4600, start, window, DType.F16, start);
        Check(c, 1, format);
        float[] expected = c.Expected();
        Backends.Each(backend => Comparison.Close(expected, c.Run(backend, decode: true), Tolerances.AttentionOn(Backends.Get(backend), c.Format, decode: true, c.Rebuilt is not null), $"{c}", 8));
    }

    private static void Check(AttentionCase c, int first, DType format) => Backends.Each(backend =>
    {
        using KernelSession session = new(backend);
        int from = first * c.H * c.W, count = c.T * c.H * c.W;
        Activations fused = session.EmptyRows(from + count), rows = session.EmptyRows(count);
        (Action<IPass> body, BufferHandle y) = c.Prepare(session, decode: true, first, (fused, format));
        session.Run(body);
        float[] alone = c.Run(session, decode: true, first);
        Comparison.Same(alone.AsSpan(from), session.Read(y).AsSpan(from), $"{c}: out");
        BufferHandle own = session.Floats(alone.AsSpan(from));
        session.Run(pass => pass.QuantizeRows(new(own, rows, format, c.T, c.H * c.W)));
        Assert.Equal(session.Read<sbyte>(rows.Data), session.Read<sbyte>(fused.Data).AsSpan(from).ToArray());
        Comparison.Same(session.Read(rows.Scale!), session.Read(fused.Scale!).AsSpan(from / 32), $"{c}: d");
        Comparison.Same(session.Read(rows.Sum!), session.Read(fused.Sum!).AsSpan(from / 32), $"{c}: sum");
    });
}
