using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

// Letters: T rows in this pass, N outputs, K inputs.

/// <summary>Push constants of shaders/include/mat_rows.glsl, the body of MatVec and MatMul.</summary>
internal readonly record struct MatRowsPush(uint N, uint K, uint T, uint First, uint OutStride, uint OutFirst);

/// <summary>How a product is cut into workgroups.</summary>
/// <param name="Constants">Values of the module's specialization constants, by id.</param>
/// <param name="T">Activation rows of a workgroup.</param>
/// <param name="N">Weight rows of a workgroup.</param>
internal readonly record struct MatTile(uint[] Constants, uint T, uint N);

/// <summary>What MatVec and MatMul share on the host: choice of the module, chunks of the matrix, tiles.</summary>
/// <param name="settings">Choices for the device.</param>
/// <param name="kernel">Kernel name.</param>
/// <param name="prefix">Prefix of its modules.</param>
/// <param name="constants">Specialization constants of its modules beyond the three that both have.</param>
/// <param name="others">Modules with another body and the same interface.</param>
internal abstract class MatRows<TArgs>(KernelSettings settings, string kernel, string prefix, string[] constants, string[] others) : GpuKernel<TArgs, MatRowsPush>(settings)
{
    // Weight rows per subgroup where nothing was measured: a load of x serves four of them, and their sums still fit in registers.
    private const uint Rows = 4;

    public override KernelInterface Interface { get; } = new(
        kernel,
        [.. Formats.PerProduct(prefix), .. others],
        [Access.Read, Access.Read, Access.Read, Access.Read, Access.Read, Access.Write],
        ["LocalSize", "Rows", "Cols", .. constants],
        typeof(MatRowsPush));

    public override KernelVariant Variant => new(kernel, Module(DType.Q4, quantised: true), Settings.IntegerDotReason + "; a module per format");

    /// <summary>Records y = W x for rows first .. first + T - 1 of x, in tiles of <paramref name="cols"/> rows, each a subgroup's.</summary>
    protected void Record(CommandRecorder recorder, in Activations x, WeightMatrix w, BufferHandle y, int T, int first, uint cols)
    {
        Record(recorder, x, w, y, T, first, Module(w.Format, x.Quantised), SubgroupTile(x, w, cols, w.N));
    }

    /// <summary>Tiles of <paramref name="cols"/> rows, each a subgroup's, in the form that is the fastest here for so many outputs.</summary>
    protected MatTile SubgroupTile(in Activations x, WeightMatrix w, uint cols, long outputs)
    {
        ProductForm usual = Usual(x, outputs, cols), form = Settings.Tuning.Of(Measured(x, w, outputs), cols, usual);
        form = Takes(form, cols) ? form : usual;
        uint subgroups = (uint)Math.Max(1, form.LocalSize / Settings.Device.Features.SubgroupSize);
        return new(Constants(form, cols, w), cols, form.Rows * subgroups / form.Split);
    }

    /// <summary>What can be measured of products in tiles of <paramref name="cols"/> rows, each a subgroup's.</summary>
    protected (string Module, uint Cols, ProductForm Usual, ProductForm[] Others) SubgroupForms(in Activations x, WeightMatrix w, uint cols) =>
        (Measured(x, w, w.N), cols, Usual(x, w.N, cols), [.. Forms(cols, w.N).Where(form => Takes(form, cols))]);

    /// <summary>Values of the module's specialization constants in a form.</summary>
    protected virtual uint[] Constants(ProductForm form, uint cols, WeightMatrix w) => [form.LocalSize, form.Rows, cols];

    /// <summary>Whether the device can run a form.</summary>
    protected virtual bool Takes(ProductForm form, uint cols) => form.Split == 1;

    /// <summary>Under which name the forms of a product are measured: its module, and what else they depend on.</summary>
    protected virtual string Measured(in Activations x, WeightMatrix w, long outputs) => Module(w.Format, x.Quantised);

    /// <summary>The form where nothing was measured.</summary>
    protected virtual ProductForm Usual(in Activations x, long outputs, uint cols) => new(Rows, Settings.LocalSize);

    /// <summary>All forms that may be measured; they give the same bits.</summary>
    protected virtual IEnumerable<ProductForm> Forms(uint cols, long outputs)
    {
        // Sums of more than sixteen products at once leave the registers of most devices.
        uint most = Math.Max(1, 16 / cols);
        return from rows in (uint[])[1, 2, 4, 8]
               where rows <= most
               from size in (uint[])[32, 64, 128, 256]
               where size >= Settings.Device.Features.SubgroupSize
               select new ProductForm(rows, size);
    }

    /// <summary>Records y = W x by a module.</summary>
    protected void Record(CommandRecorder recorder, in Activations x, WeightMatrix w, BufferHandle y, int T, int first, string module, in MatTile tile)
    {
        if (x.Quantised && (!QuantBlocks.HasGroups(w.Format) || x.Scale is null || x.Sum is null))
            throw new ArgumentException($"{kernel}: INT8 rows need weights of integers and their scale and sum; the weights are {w.Format}");
        long end = first + T;
        long groups = end * w.K / QuantBlocks.GroupSize;
        foreach (WeightChunk chunk in WeightChunk.Of(w))
        {
            Dispatch(
                recorder,
                module,
                tile.Constants,
                [
                    chunk.Data,
                    chunk.Scale,
                    Range(x.Data, end * w.K),
                    x.Quantised ? Range(x.Scale!, groups) : default,
                    x.Quantised ? Range(x.Sum!, groups) : default,
                    Range(y, (long)T * w.N),
                ],
                new MatRowsPush(chunk.Count, (uint)w.K, (uint)T, (uint)first, (uint)w.N, chunk.First),
                (T + tile.T - 1) / tile.T,
                Math.Min(65535, (chunk.Count + tile.N - 1) / tile.N));
        }
    }

    private string Module(DType format, bool quantised) => Formats.Product(prefix, format, quantised, Settings.IntegerDot);
}
