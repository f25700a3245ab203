using System;
using System.Linq;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

/// <summary>The sweep that the program judges devices by finds what is wrong, and nothing where nothing is.</summary>
public class KernelSweepTests
{
    [Theory]
    [InlineData("cpu")]
    [InlineData("ilgpu-cpu")]
    public void EveryKernelIsRightInAFewShapes(string backend)
    {
        CaseVerdict[] verdicts = [.. new KernelSweep(Backends.Get(backend), 2).Run(KernelCases.All(quick: true))];
        Assert.All(verdicts, verdict => Assert.True(verdict.Holds, $"{verdict.Case.Kernel} {verdict.Case.Shape}: {verdict.Worst.Where} {verdict.Race}"));
        Assert.Equal(typeof(IPass).GetMethods().Select(method => method.Name).Order(), verdicts.Select(verdict => verdict.Case.Kernel).Distinct().Order());
    }

    [Fact]
    public void TheSweepHasMoreShapesThanTheQuickOne()
    {
        foreach (var group in KernelCases.All(quick: false).GroupBy(each => each.Kernel))
        {
            Assert.True(group.Count() > KernelCases.Of([group.Key], quick: true).Count, group.Key);
            Assert.Equal(group.Count(), group.Select(each => each.Shape).Distinct().Count());
        }
    }

    [Fact]
    public void AWrongResultIsFound()
    {
        KernelCase wrong = new("GeGlu", "one too much", buffers =>
        {
            BufferHandle gate = buffers.Floats(1, 2, 3), y = buffers.Empty(DType.F32, 3);
            return new(pass => pass.SoftCap(new(gate, y, 30, 3)), CheckedResult.Close("y", y, [1, 2, 4], Tolerances.SoftCap));
        });
        CaseVerdict verdict = new KernelSweep(Backends.Get("cpu"), 2).Run(wrong);
        Assert.False(verdict.Holds);
        Assert.Contains("y: at 2 of 3 expected 4", verdict.Worst.Where, StringComparison.Ordinal);
        Assert.True(verdict.Worst.Ulps > 1e6);
    }

    [Fact]
    public void RunsThatDifferAreFound()
    {
        int runs = 0;
        KernelCase changing = new("SoftCap", "another cap each run", buffers =>
        {
            BufferHandle x = buffers.Floats(20, 20), y = buffers.Empty(DType.F32, 2);
            return new(pass => pass.SoftCap(new(x, y, 30 + runs++, 2)), CheckedResult.Close("y", y, [0, 0], new Tolerance(1000, 0)));
        });
        CaseVerdict verdict = new KernelSweep(Backends.Get("cpu"), 3).Run(changing);
        Assert.True(verdict.Worst.Holds);
        Assert.Contains("run 2 of the same recording", verdict.Race, StringComparison.Ordinal);
    }

    [Fact]
    public void InPlaceKernelsMeetTheirOperandsAgain()
    {
        CaseVerdict verdict = new KernelSweep(Backends.Get("vulkan"), 3).Run(KernelCases.Of(["AddRmsNorm"], quick: true)[0]);
        Assert.True(verdict.Holds, verdict.Race);
    }

    [Fact]
    public void NaNIsNeverWithinATolerance()
    {
        Assert.False(Discrepancy.Of([1], [float.NaN], new Tolerance(1e9, 0), []).Holds);
        Assert.True(Discrepancy.Of([0f], [-0f], default, []).Holds);
        Assert.Equal(1, Discrepancy.Of([1], [1 + 1.1920929e-7f], new Tolerance(1, 0), []).Ulps, 3);
    }
}
