using System.Linq;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class MatVecQkvTests
{
    [KernelProperty(3)]
    public void EveryProductHasTheBitsOfMatVec(FewRows T, Outputs q, Outputs k, Outputs v, Columns C, ProductKind kind, Seed seed)
    {
        int columns = OperandBuffers.Whole(kind.Format, C);
        // Every third layer has no matrix of values.
        RandomMatrix[] matrices = [new(kind.Format, q, columns, seed), new(kind.Format, k, columns, seed + 1), .. seed % 3 == 0 ? (RandomMatrix[])[] : [new(kind.Format, v, columns, seed + 2)]];
        float[] x = DrawnValues.Of(T * columns, seed + 3);
        Backends.Each(backend =>
        {
            using KernelSession session = new(backend);
            Activations rows = session.Rows(x, kind.Quantised, kind.Format, T, columns);
            WeightMatrix[] w = [.. matrices.Select(session.Place)];
            BufferHandle[] alone = [.. w.Select(matrix => session.Empty(DType.F32, T * matrix.N))];
            BufferHandle[] joined = [.. w.Select(matrix => session.Empty(DType.F32, T * matrix.N)), session.Empty(DType.F32, 1)];
            session.Run(pass =>
            {
                for (int i = 0; i < w.Length; i++)
                {
                    pass.MatVec(new(rows, w[i], alone[i], T));
                }

                pass.MatVecQkv(new(rows, w[0], w[1], w.Length > 2 ? w[2] : null, joined[0], joined[1], joined[2], T));
            });
            for (int i = 0; i < w.Length; i++)
            {
                Comparison.Same(session.Read(alone[i]), session.Read(joined[i]), $"matrix {i}");
            }

            Assert.True(float.IsNaN(session.Read(joined[^1])[0]), "something was written where there is no matrix");
        });
    }
}
