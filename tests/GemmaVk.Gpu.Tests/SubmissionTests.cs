using System;
using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>How a recording is cut into submissions: by time, learned from runs, and without another result.</summary>
public sealed class SubmissionTests
{
    private const int D = 1024;
    private const int Calls = 40;

    [Fact]
    public void A_pass_that_takes_long_is_cut_and_computes_the_same()
    {
        float[] whole = Chain(TimeSpan.FromSeconds(1000), runs: 3, out int parts);
        Assert.Equal(1, parts);
        float[] cut = Chain(TimeSpan.FromMilliseconds(1), runs: 3, out parts);
        // Forty products of at least 0.2 ms each.
        Assert.InRange(parts, 4, Calls);
        Assert.Equal(whole, cut);
        Assert.Equal(whole, Chain(TimeSpan.FromTicks(1), runs: 1, out parts));
        Assert.Equal(Calls, parts);
    }

    [Fact]
    public void What_was_assumed_slow_is_cut_less_once_it_was_measured()
    {
        SubmissionPace pace = new(TimeSpan.FromMilliseconds(100));
        double work = SubmissionPace.Work(new KernelCost(70e9, 0));
        // Seven seconds are assumed, a tenth of one is what it takes.
        int parts = (int)(work / pace.Full);
        Assert.InRange(parts, 130, 150);
        Assert.False(pace.IsOff(work, pace.Full, work / 500, parts));
        for (int i = 0; i < 20; i++)
            pace.Took(work, TimeSpan.FromMilliseconds(100));
        Assert.True(pace.IsOff(work, work / parts, work / 500, parts));
        Assert.InRange(work / pace.Full, 1.9, 2.2);
        for (int i = 0; i < 20; i++)
            pace.Took(work, TimeSpan.FromSeconds(2));
        Assert.True(pace.IsOff(work, work / 2, work / 500, 2));
        // A kernel by itself is not cut any further.
        Assert.False(pace.IsOff(work, work / 2, work / 2, 2));
    }

    private static float[] Chain(TimeSpan limit, int runs, out int parts)
    {
        using TestBackend test = new(options => options with { SubmissionLimit = limit });
        SeededMatrix source = new(DType.Q4, D, D);
        WeightMatrix matrix = test.Backend.Place(source);
        float[] values = new float[8 * D];
        Random random = new(7);
        for (int i = 0; i < values.Length; i++)
            values[i] = random.NextSingle() - 0.5f;
        using BufferHandle a = test.Filled<float>(DType.F32, values);
        using BufferHandle b = test.Backend.Allocate("b", DType.F32, new Shape(8 * D));
        using IRecording recording = test.Backend.Record("chain", pass =>
        {
            for (int i = 0; i < Calls / 2; i++)
            {
                pass.MatVec(new(new Activations(a), matrix, b, 8));
                pass.RmsNorm(new(b, null, a, 8, D, 1e-6f));
            }
        });
        for (int i = 0; i < runs; i++)
        {
            test.Backend.Write<float>(a, values);
            test.Backend.Run(recording);
            _ = test.Read(a);
        }

        parts = ((VulkanRecording)recording).Commands!.Parts;
        float[] result = test.Read(a);
        matrix.Dispose();
        return result;
    }
}
