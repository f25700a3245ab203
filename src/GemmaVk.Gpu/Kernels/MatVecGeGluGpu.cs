using System;
using System.Linq;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

// Letters: T rows in this pass, F FFN size, C inputs.

/// <summary>Host side of shaders/mat_vec_ge_glu.comp; matrices that no binding spans go through the kernels that it fuses, as do all on a device that binds few buffers.</summary>
internal sealed class MatVecGeGluGpu(KernelSettings settings) : GpuKernel<MatVecGeGlu.Args, MatVecGeGluGpu.Push>(settings)
{
    // A workgroup's outputs; and its invocations where several subgroups should share them.
    private const int Outputs = QuantBlocks.GroupSize;
    private const uint GpuSize = 256;
    // Of a subgroup at a time, where nothing was measured.
    private const uint Rows = 4;

    private readonly MatVecGpu product = new(settings);
    private readonly GeGluGpu gate = new(settings);
    private readonly QuantizeRowsGpu round = new(settings);

    internal readonly record struct Push(uint N, uint K, uint T, uint EvenOdd);

    public override KernelInterface Interface { get; } = new(
        nameof(MatVecGeGlu),
        Formats.PerProduct("mat_vec_ge_glu"),
        [Access.Read, Access.Read, Access.Read, Access.Read, Access.Read, Access.Read, Access.Read, Access.Write, Access.Write, Access.Write],
        ["LocalSize", "Rows", "Cols", "Ahead", "Split"],
        typeof(Push));

    public override KernelVariant Variant =>
        new(Interface.Kernel, Formats.Product("mat_vec_ge_glu", DType.Q4, quantised: true, Settings.IntegerDot), Settings.IntegerDotReason + "; a module per format");

    public override void Record(CommandRecorder recorder, in MatVecGeGlu.Args args)
    {
        (Activations x, Activations y, WeightMatrix w, int T) = (args.X, args.Y, args.Gate, args.T);
        if (T is < 1 or > MatVec.MaxRows || !w.IsLike(args.Up) || w.N != args.Up.N || w.N % Outputs != 0 || x.Quantised != y.Quantised)
        {
            throw new ArgumentException(
                $"MatVecGeGlu takes 1 to {MatVec.MaxRows} rows, matrices alike with a multiple of {Outputs} outputs, and a result of the kind of its rows; "
                + $"{T} rows, {w.Format} {w.N} and {args.Up.Format} {args.Up.N} were given");
        }

        if (!Fits || WeightChunk.Whole(w) is not { } gates || WeightChunk.Whole(args.Up) is not { } ups)
        {
            InSteps(recorder, args);
            return;
        }

        (string module, uint cols, ProductForm usual, _) = Forms(args);
        ProductForm form = Settings.Tuning.Of(module, cols, usual);
        long count = (long)T * w.K, results = (long)T * w.N;
        (BufferRange data, BufferRange scale, BufferRange sum) = y.Quantised ? Int8Rows(y, results) : (Range(y.Data, results), default, default);
        Dispatch(
            recorder,
            module,
            [form.LocalSize, form.Rows, cols, product.Ahead(form), product.Split(usual, w.N)],
            [
                gates.Data, ups.Data, gates.Scale, ups.Scale,
                Range(x.Data, count),
                x.Quantised ? Range(x.Scale!, count / QuantBlocks.GroupSize) : default,
                x.Quantised ? Range(x.Sum!, count / QuantBlocks.GroupSize) : default,
                data, scale, sum,
            ],
            new Push((uint)w.N, (uint)w.K, (uint)T, EvenOdd(args.ForFormat)),
            (T + cols - 1) / cols,
            w.N / Outputs);
    }

    /// <summary>What can be measured of it: how its subgroups share out the outputs of a workgroup.</summary>
    public (string Module, uint Cols, ProductForm Usual, ProductForm[] Others) Forms(in MatVecGeGlu.Args args)
    {
        (_, uint cols, _, ProductForm[] others) = product.Forms(args.X, args.Gate, args.T);
        return (
            Formats.Product("mat_vec_ge_glu", args.Gate.Format, args.X.Quantised, Settings.IntegerDot),
            cols,
            Usual(args.X, cols),
            // Its workgroups are larger: each has a group of outputs, of both matrices, for subgroups that share none.
            [.. others.Where(form => form.Split == 1).Select(form => Settings.Software ? form : form with { LocalSize = 2 * form.LocalSize })]);
    }

    // As measured on an H100 for INT8 rows; as in MatVec, more rows of weights for those of floats.
    private ProductForm Usual(in Activations x, uint cols) =>
        Settings.Software ? new(Rows, Settings.LocalSize)
        : cols == 1 ? new(Rows, GpuSize, Ahead: 2)
        : cols == 2 || !x.Quantised ? new(Rows, GpuSize, Ahead: 1)
        : new(Rows / 2, GpuSize, Ahead: cols == 4 ? 2u : 1u);

    private void InSteps(CommandRecorder recorder, in MatVecGeGlu.Args args)
    {
        (int T, int F) = (args.T, args.Gate.N);
        BufferHandle gated = args.Y.Quantised ? args.GateRows : args.Y.Data;
        product.Record(recorder, new(args.X, args.Gate, args.GateRows, T));
        product.Record(recorder, new(args.X, args.Up, args.UpRows, T));
        gate.Record(recorder, new(args.GateRows, args.UpRows, gated, T, F));
        if (args.Y.Quantised)
            round.Record(recorder, new(gated, args.Y, args.ForFormat, T, F));
    }
}
