using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class AddRmsNormQuantizeTests
{
    [KernelProperty(20)]
    public void EqualsItsTwoPartsBitForBit(Rows T, Columns D, bool four, bool intoY, Seed seed) => HoldAgainstParts(T, D, four, intoY, seed);

    /// <summary>As wide as a row may be that stays in registers, and wider.</summary>
    [Theory]
    [InlineData(4096)]
    [InlineData(4128)]
    public void RowsMayBeWiderThanRegisters(int D) => HoldAgainstParts(2, D, four: true, intoY: true, seed: D);

    private static void HoldAgainstParts(int T, int D, bool four, bool intoY, int seed)
    {
        DType format = four ? DType.Q4 : DType.Q8;
        float[] x = DrawnValues.Of(T * D, seed), y = DrawnValues.Of(T * D, seed + 1, size: 7), post = DrawnValues.Of(D, seed + 2), next = DrawnValues.Of(D, seed + 3);
        Backends.Each(backend =>
        {
            using KernelSession session = new(backend);
            BufferHandle postBuffer = session.Floats(post), nextBuffer = session.Floats(next);
            (BufferHandle X, BufferHandle A, Activations Rows) parts = Operands(), fused = Operands();
            (AddRmsNorm.Args first, AddRmsNorm.Args second) = (Norm(parts), Norm(fused));
            session.Run(pass =>
            {
                pass.AddRmsNorm(first);
                pass.QuantizeRows(new(parts.A, parts.Rows, format, T, D));
                pass.AddRmsNormQuantize(new(second, fused.Rows, format));
            });
            Comparison.Same(session.Read(parts.X), session.Read(fused.X), "x");
            Comparison.Same(session.Read(parts.A), session.Read(fused.A), "a");
            Assert.Equal(session.Read<sbyte>(parts.Rows.Data), session.Read<sbyte>(fused.Rows.Data));
            Comparison.Same(session.Read(parts.Rows.Scale!), session.Read(fused.Rows.Scale!), "d");
            Comparison.Same(session.Read(parts.Rows.Sum!), session.Read(fused.Rows.Sum!), "sum");

            (BufferHandle X, BufferHandle A, Activations Rows) Operands() => (session.Floats(x), session.Floats(y), session.EmptyRows(T * D));
            AddRmsNorm.Args Norm((BufferHandle X, BufferHandle A, Activations Rows) o) =>
                new(o.X, intoY ? o.A : session.Floats(y), postBuffer, 0.7f, nextBuffer, o.A, T, D, 1e-6f);
        });
    }
}
