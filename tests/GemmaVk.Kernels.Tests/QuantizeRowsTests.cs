using System;
using System.Linq;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class QuantizeRowsTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EvensComeFirstForQ4(string backend)
    {
        float[] x = [.. Enumerable.Range(0, 32).Select(c => (float)(c + 96))];
        (sbyte[] q, float[] d, float[] sum) = Run(backend, x, DType.Q4, 1, 32);
        Assert.Equal([.. Enumerable.Range(0, 32).Select(c => (sbyte)(96 + (c < 16 ? 2 * c : (2 * (c - 16)) + 1)))], q);
        Assert.Equal(1f, d[0]);
        Assert.Equal(x.Sum(), sum[0]);
    }

    [KernelProperty(40)]
    public void EqualsReference(Rows T, Columns K, bool four, Seed seed)
    {
        DType format = four ? DType.Q4 : DType.Q8;
        float[] x = DrawnValues.Of(T * K, seed, size: 1 + (seed % 50));
        Array.Clear(x, 0, Math.Min(32, x.Length));
        (sbyte[] q, float[] d, float[] sum) = KernelSession.Quantise(x, format, T, K);
        Backends.Each(backend =>
        {
            (sbyte[] actual, float[] actualD, float[] actualSum) = Run(backend, x, format, T, K);
            for (int i = 0; i < q.Length; i++)
            {
                // A value on a half may go either way on another device.
                Assert.True(Math.Abs(q[i] - actual[i]) <= 1, $"at {i} expected {q[i]}, actual {actual[i]}, value {x[i]}");
            }

            Assert.True(q.Zip(actual).Count(pair => pair.First != pair.Second) <= q.Length / 1000, "too many steps differ");
            Comparison.Close(d, actualD, Tolerances.QuantizeRows, "d");
            float[] expectedSum = [.. Enumerable.Range(0, sum.Length).Select(g => actualD[g] * actual.AsSpan(g * 32, 32).ToArray().Sum(step => step))];
            Comparison.Close(expectedSum, actualSum, Tolerances.QuantizeRows, "sum");
        });
    }

    private static (sbyte[] Q, float[] D, float[] Sum) Run(string backend, float[] x, DType format, int T, int K)
    {
        using KernelSession session = new(backend);
        GemmaVk.Kernels.Activations rows = new(
            session.Empty(DType.I8, T * K), session.Empty(DType.F32, T * K / 32), session.Empty(DType.F32, T * K / 32));
        var input = session.Floats(x);
        session.Run(pass => pass.QuantizeRows(new(input, rows, format, T, K)));
        return (session.Read<sbyte>(rows.Data), session.Read(rows.Scale!), session.Read(rows.Sum!));
    }
}
