using System;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Bench;

/// <summary>Gate and up with their gate: four layers per run.</summary>
public class MatVecGeGluBench : KernelBench
{
    /// <summary>Enough matrices that no cache holds them.</summary>
    private const int Copies = 4;

    /// <summary>Rows in the pass.</summary>
    [Params(1, 2, 4, 8)]
    public int T { get; set; }

    /// <summary>Format of the weights.</summary>
    [Params(DType.Q4, DType.Q8, DType.BF16)]
    public DType Format { get; set; }

    /// <inheritdoc/>
    public override double Bytes => Copies * MatVecGeGlu.Cost(Format, QuantBlocks.HasGroups(Format), QuantBlocks.HasGroups(Format), T, 15360, 3840).Bytes;

    /// <inheritdoc/>
    public override double Operations => Copies * MatVecGeGlu.Cost(Format, QuantBlocks.HasGroups(Format), QuantBlocks.HasGroups(Format), T, 15360, 3840).Operations;

    /// <inheritdoc/>
    protected override Action<IPass> Prepare()
    {
        (WeightMatrix Gate, WeightMatrix Up)[] layers = new (WeightMatrix, WeightMatrix)[Copies];
        for (int i = 0; i < Copies; i++)
        {
            layers[i] = (Matrix(Format, 15360, 3840), Matrix(Format, 15360, 3840));
        }

        Activations x = Rows(Format, T, 3840);
        BufferHandle gate = Floats(T, 15360);
        BufferHandle up = Floats(T, 15360);
        Activations y = QuantBlocks.HasGroups(Format) ? Rows(Format, T, 15360) : new Activations(gate);
        return pass =>
        {
            foreach ((WeightMatrix Gate, WeightMatrix Up) in layers)
            {
                pass.MatVecGeGlu(new(x, Gate, Up, gate, up, y, Format, T));
            }
        };
    }
}
