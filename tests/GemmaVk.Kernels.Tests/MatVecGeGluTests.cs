using System;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

// Letters: T rows, F outputs, C inputs.
public class MatVecGeGluTests
{
    [KernelProperty(5)]
    public void EqualsReference(FewRows T, FewRows groups, Columns C, ProductKind kind, bool four, Seed seed)
    {
        Case c = new(T, 32 * groups, OperandBuffers.Whole(kind.Format, C), kind, four ? DType.Q4 : DType.Q8, seed);
        ExpectedGate expected = ExpectedGate.Of(c.Gate, c.Up, c.X, T, kind.Quantised);
        Backends.Each(backend =>
        {
            using KernelSession session = new(backend);
            Activations y = c.Run(session, c.X, T);
            CheckedResult result = kind.Quantised
                ? CheckedResult.Rounded("y", y, expected.Values, c.Next, Tolerances.MatVecGeGlu, expected.Allowed)
                : CheckedResult.Close("y", y.Data, expected.Values, Tolerances.MatVecGeGlu, expected.Allowed);
            Discrepancy difference = result.Judge(session);
            Assert.True(difference.Holds, $"{kind}: {difference.Where}");
        });
    }

    [KernelProperty(2)]
    public void ARowAloneEqualsTheRowAmongEight(FewRows groups, Columns C, ProductKind kind, Seed seed)
    {
        Case c = new(8, 32 * groups, OperandBuffers.Whole(kind.Format, C), kind, DType.Q4, seed);
        Backends.Each(backend =>
        {
            using KernelSession session = new(backend);
            byte[] all = session.Bits(c.Run(session, c.X, 8).Data);
            foreach (int t in (int[])[0, 5, 7])
            {
                byte[] alone = session.Bits(c.Run(session, c.X.AsSpan(t * c.C, c.C).ToArray(), 1).Data);
                Assert.Equal(alone, all.AsSpan(t * alone.Length, alone.Length).ToArray());
            }
        });
    }

    private sealed class Case(int T, int F, int columns, ProductKind kind, DType next, int seed)
    {
        public int C { get; } = columns;

        public DType Next { get; } = next;

        public RandomMatrix Gate { get; } = new(kind.Format, F, columns, seed);

        public RandomMatrix Up { get; } = new(kind.Format, F, columns, seed + 1);

        public float[] X { get; } = DrawnValues.Of(T * columns, seed + 2, 0.3f);

        public Activations Run(KernelSession session, float[] x, int rows)
        {
            Activations input = session.Rows(x, kind.Quantised, kind.Format, rows, C);
            (WeightMatrix gate, WeightMatrix up) = (session.Place(Gate), session.Place(Up));
            (BufferHandle g, BufferHandle u) = (session.Empty(DType.F32, rows * F), session.Empty(DType.F32, rows * F));
            Activations y = kind.Quantised ? session.EmptyRows(rows * F) : new Activations(g);
            session.Run(pass => pass.MatVecGeGlu(new(input, gate, up, g, u, y, Next, rows)));
            return y;
        }
    }
}
