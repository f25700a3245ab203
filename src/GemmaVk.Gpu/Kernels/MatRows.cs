using System;
using System.Linq;
using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

// Letters: T rows in this pass, N outputs, K inputs.

/// <summary>Push constants of shaders/include/mat_rows.glsl, the body of MatVec and MatMul.</summary>
internal readonly record struct MatRowsPush(uint N, uint K, uint T, uint First, uint OutStride, uint OutFirst);

/// <summary>What MatVec and MatMul share on the host: choice of the module, chunks of the matrix, tiles.</summary>
/// <param name="settings">Choices for the device.</param>
/// <param name="kernel">Kernel name.</param>
/// <param name="prefix">Prefix of its modules.</param>
internal abstract class MatRows<TArgs>(KernelSettings settings, string kernel, string prefix) : GpuKernel<TArgs, MatRowsPush>(settings)
{
    // Weight rows per subgroup: a load of x serves four of them, and their sums still fit in registers.
    private const uint Rows = 4;

    public override KernelInterface Interface { get; } = new(
        kernel,
        [
            .. Formats.PerWeight(prefix),
            .. from tile in (string[])["i8", "dot4"] from format in Formats.Weights where QuantBlocks.HasGroups(format) select $"{prefix}_{Formats.Suffix(format)}_{tile}",
        ],
        [Access.Read, Access.Read, Access.Read, Access.Read, Access.Read, Access.Write],
        ["LocalSize", "Rows", "Cols"],
        typeof(MatRowsPush));

    public override KernelVariant Variant => new(kernel, Module(DType.Q4, quantised: true), Settings.IntegerDotReason + "; a module per format");

    /// <summary>Records y = W x for rows first .. first + T - 1 of x, in tiles of <paramref name="cols"/> rows.</summary>
    protected void Record(CommandRecorder recorder, in Activations x, WeightMatrix w, BufferHandle y, int T, int first, uint cols)
    {
        if (x.Quantised && (!QuantBlocks.HasGroups(w.Format) || x.Scale is null || x.Sum is null))
            throw new ArgumentException($"{kernel}: INT8 rows need weights of integers and their scale and sum; the weights are {w.Format}");
        long end = first + T;
        long groups = end * w.K / QuantBlocks.GroupSize;
        long subgroups = Math.Max(1, Settings.LocalSize / Settings.Device.Features.SubgroupSize);
        foreach (WeightChunk chunk in WeightChunk.Of(w))
        {
            Dispatch(
                recorder,
                Module(w.Format, x.Quantised),
                [Settings.LocalSize, Rows, cols],
                [
                    chunk.Data,
                    chunk.Scale,
                    Range(x.Data, end * w.K),
                    x.Quantised ? Range(x.Scale!, groups) : default,
                    x.Quantised ? Range(x.Sum!, groups) : default,
                    Range(y, (long)T * w.N),
                ],
                new MatRowsPush(chunk.Count, (uint)w.K, (uint)T, (uint)first, (uint)w.N, chunk.First),
                (T + cols - 1) / cols,
                Math.Min(65535, (chunk.Count + (Rows * subgroups) - 1) / (Rows * subgroups)));
        }
    }

    private string Module(DType format, bool quantised) =>
        $"{prefix}_{Formats.Suffix(format)}{(quantised ? Settings.IntegerDot ? "_dot4" : "_i8" : "")}";
}
