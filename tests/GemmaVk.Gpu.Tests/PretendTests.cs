using System;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>Paths for lesser drivers, walked on the one that is here: every lack alone, and all together.</summary>
public sealed class PretendTests
{
    private const int N = 96;
    private const int K = 512;

    public static TheoryData<string> Lacks =>
    [
        "no-timestamps", "no-host-visible-memory", "no-matrices", "no-integer-dot", "no-float16", "no-memory-budget", "no-host-import", "no-pipeline-robustness", "subgroup=1", "subgroup=64", "subgroup=128",
        "shared-memory=32768", "no-timestamps,no-host-visible-memory,no-matrices,no-integer-dot,no-float16,no-memory-budget,no-host-import,no-pipeline-robustness,subgroup=64,shared-memory=32768",
    ];

    [Theory]
    [MemberData(nameof(Lacks))]
    public void Kernels_give_what_they_give_on_the_whole_device(string lacks)
    {
        // Without the integer dot product sums of bytes are the same numbers, and floats are added in the order of the real subgroups.
        Assert.Equal(Run(""), Run(lacks));
    }

    [Fact]
    public void What_is_pretended_is_said_and_shows_in_the_features()
    {
        using TestBackend test = Open("no-timestamps, subgroup=128,shared-memory=32768,memory=500000000");
        Assert.Contains(test.Backend.Device.Details, line => line.Contains("pretended, by GEMMAVK_PRETEND: no-timestamps,subgroup=128", StringComparison.Ordinal));
        Assert.Equal((0, 128, 32768), (test.Device.Features.TimestampBits, test.Device.Features.SubgroupSize, test.Device.Features.MaxSharedMemory));
        Assert.Equal(500_000_000, test.Device.Heap.BudgetBytes);
        string said = Assert.Throws<GemmaVkException>(() => test.Backend.Allocate("large", DType.F32, new Shape(200_000, 1000))).Message;
        Assert.Contains("no room for 'large'", said, StringComparison.Ordinal);
        // Asked for times, it gives none, and answers all the same.
        Assert.Empty(test.Backend.KernelTimes);
    }

    [Theory]
    [InlineData("no-luck")]
    [InlineData("subgroup=48")]
    [InlineData("subgroup")]
    [InlineData("no-timestamps=1")]
    [InlineData("shared-memory=1000")]
    [InlineData("memory=much")]
    public void A_word_that_is_none_is_refused_with_those_that_are(string text)
    {
        string said = Assert.Throws<GemmaVkException>(() => PretendedLacks.Parse("no-matrices," + text)).Message;
        Assert.Contains($"'{text}' came", said, StringComparison.Ordinal);
        Assert.Contains("no-host-visible-memory", said, StringComparison.Ordinal);
    }

    private static TestBackend Open(string lacks) => new(options => options with { Pretend = PretendedLacks.Parse(lacks), Timing = true });

    private static float[] Run(string lacks)
    {
        using TestBackend test = Open(lacks);
        using WeightMatrix q4 = test.Backend.Place(new SeededMatrix(DType.Q4, N, K));
        float[] values = [.. Enumerable.Range(0, 16 * K).Select(i => MathF.Sin(i))];
        using BufferHandle x = test.Filled<float>(DType.F32, values);
        using BufferHandle normed = test.Backend.Allocate("normed", DType.F32, new Shape(16 * K));
        using BufferHandle quantised = test.Backend.Allocate("quantised", DType.I8, new Shape(16, K));
        using BufferHandle scale = test.Backend.Allocate("scale", DType.F32, new Shape(16, K / QuantBlocks.GroupSize));
        using BufferHandle sum = test.Backend.Allocate("sum", DType.F32, new Shape(16, K / QuantBlocks.GroupSize));
        using BufferHandle few = test.Backend.Allocate("few", DType.F32, new Shape(3 * N));
        using BufferHandle many = test.Backend.Allocate("many", DType.F32, new Shape(16 * N));
        Activations rows = new(quantised, scale, sum);
        test.Run(pass =>
        {
            pass.RmsNorm(new(x, null, normed, 16, K, 1e-6f));
            pass.QuantizeRows(new(normed, rows, DType.Q4, 16, K));
            pass.MatVec(new(rows, q4, few, 3));
            pass.MatMul(new(rows, q4, many, 16));
        });
        return [.. test.Read(few), .. test.Read(many)];
    }
}
