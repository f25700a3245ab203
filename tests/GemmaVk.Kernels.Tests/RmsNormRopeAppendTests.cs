using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class RmsNormRopeAppendTests
{
    [KernelProperty(20)]
    public void EqualsReferenceWhereverTheRowsBegin(FewRows T, FewRows before, KvHeads K, GroupedHeadWidth W, SpareRows spare, bool valuesOnly, Seed seed)
    {
        AppendCase c = AppendCase.Draw(T, K * (1 + (seed % 2)), K, W, T + spare, seed.Pick(DType.F32, DType.F16, DType.Q8), valuesOnly, seed);
        Check(c, before - 1);
    }

    [KernelProperty(8)]
    public void EqualsReferenceInHeadsOfAnyWidth(FewRows T, KvHeads K, HeadWidth W, Seed seed)
    {
        AppendCase c = AppendCase.Draw(T, 2 * K, K, W, T + 1, DType.F32, valuesOnly: false, seed);
        Check(c, 0);
    }

    private static void Check(AppendCase c, int first) => Backends.Each(backend =>
    {
        using KernelSession session = new(backend);
        CheckedCall call = c.Prepare(session, first);
        session.Run(call.Body);
        foreach (CheckedResult result in call.Results)
        {
            Discrepancy difference = result.Judge(session);
            Assert.True(difference.Holds, $"{c}, {result.Name}: {difference.Where}");
        }
    });
}
