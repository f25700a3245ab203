using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;

namespace GemmaVk.Bench;

/// <summary>One row of the whole vocabulary.</summary>
public class SampleBench : KernelBench
{
    /// <summary>Top-k, 0 for off.</summary>
    [Params(0, 64)]
    public int TopK { get; set; }

    /// <summary>0 for greedy.</summary>
    [Params(0f, 1f)]
    public float Temperature { get; set; }

    /// <summary>Whether a mask leaves a few thousand ids.</summary>
    [Params(false, true)]
    public bool Masked { get; set; }

    /// <inheritdoc/>
    public override double Bytes => 262144 * 4.0;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        BufferHandle logits = Floats(1, 262144);
        BufferHandle suppress = Range(258882, 2);
        BufferHandle positions = Range(7, 1);
        BufferHandle ids = Range(0, 1);
        BufferHandle? allowed = Masked ? Range(0, 262144 / 32) : null;
        Sample.Choice choice = new(Temperature, TopK, 0.95f, 0, 42);
        return pass => pass.Sample(new(logits, suppress, 2, positions, ids, 1, 262144, choice, 0, allowed));
    }
}
