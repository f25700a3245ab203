using System;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Measuring;

/// <summary>Hands every call on, and tells an observer of it before and after. It is put around a backend's own pass only while measuring.</summary>
/// <param name="inner">Where calls go.</param>
/// <param name="observer">Who hears of them.</param>
public sealed class ObservedPass(IPass inner, IPassObserver observer) : IPass
{
    /// <inheritdoc/>
    public void CutPatches(in Kernels.CutPatches.Args args)
    {
        int rows = args.Rows, columns = args.Columns, side = args.S;
        KernelCall call = new(nameof(CutPatches), $"{args.Rows} x {args.Columns} patches of {args.S}", _ => Kernels.CutPatches.Cost(rows, columns, side));
        observer.Begin(call);
        inner.CutPatches(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void LayerNorm(in Kernels.LayerNorm.Args args)
    {
        int R = args.R, D = args.D;
        KernelCall call = new(nameof(LayerNorm), $"{args.R} rows of {args.D}", _ => Kernels.LayerNorm.Cost(R, D));
        observer.Begin(call);
        inner.LayerNorm(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void AddPositions(in Kernels.AddPositions.Args args)
    {
        int rows = args.Rows, columns = args.Columns, D = args.D;
        KernelCall call = new(nameof(AddPositions), $"{args.Rows} x {args.Columns} patches, {args.D}", _ => Kernels.AddPositions.Cost(rows, columns, D));
        observer.Begin(call);
        inner.AddPositions(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void PlaceRows(in Kernels.PlaceRows.Args args)
    {
        int T = args.T, D = args.D;
        KernelCall call = new(nameof(PlaceRows), $"{args.T} rows of {args.D}", _ => Kernels.PlaceRows.Cost(T, D));
        observer.Begin(call);
        inner.PlaceRows(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void Embed(in Kernels.Embed.Args args)
    {
        (DType format, int T, int D) = (args.Table.Format, args.T, args.Table.K);
        KernelCall call = new(nameof(Embed), $"{args.Table.Format} {args.Table.K}, T {args.T}", _ => Kernels.Embed.Cost(format, T, D));
        observer.Begin(call);
        inner.Embed(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void RmsNorm(in Kernels.RmsNorm.Args args)
    {
        int R = args.R, D = args.D;
        KernelCall call = new(nameof(RmsNorm), $"{args.R} rows of {args.D}", _ => Kernels.RmsNorm.Cost(R, D));
        observer.Begin(call);
        inner.RmsNorm(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void QuantizeRows(in Kernels.QuantizeRows.Args args)
    {
        int T = args.T, K = args.K;
        KernelCall call = new(nameof(QuantizeRows), $"{args.T} rows of {args.K} for {args.ForFormat}", _ => Kernels.QuantizeRows.Cost(T, K));
        observer.Begin(call);
        inner.QuantizeRows(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void MatVec(in Kernels.MatVec.Args args)
    {
        (WeightMatrix w, bool quantised, int T) = (args.W, args.X.Quantised, args.T);
        KernelCall call = new(nameof(MatVec), Product(args.W, args.X, args.T), _ => Kernels.MatVec.Cost(w.Format, quantised, T, w.N, w.K));
        observer.Begin(call);
        inner.MatVec(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void MatVecQkv(in Kernels.MatVecQkv.Args args)
    {
        (DType format, bool quantised, int T, int C) = (args.Q.Format, args.X.Quantised, args.T, args.Q.K);
        int outputs = args.Q.N + args.K.N + (args.V?.N ?? 0);
        KernelCall call = new(
            nameof(MatVecQkv),
            $"{format} {args.Q.N} + {args.K.N}{(args.V is null ? "" : $" + {args.V.N}")} x {C}, T {T}{(quantised ? ", INT8 rows" : "")}",
            _ => Kernels.MatVecQkv.Cost(format, quantised, T, outputs, C));
        observer.Begin(call);
        inner.MatVecQkv(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void MatVecGeGlu(in Kernels.MatVecGeGlu.Args args)
    {
        (WeightMatrix w, bool quantised, bool result, int T) = (args.Gate, args.X.Quantised, args.Y.Quantised, args.T);
        KernelCall call = new(nameof(MatVecGeGlu), $"2 x {Product(w, args.X, T)}", _ => Kernels.MatVecGeGlu.Cost(w.Format, quantised, result, T, w.N, w.K));
        observer.Begin(call);
        inner.MatVecGeGlu(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void MatMul(in Kernels.MatMul.Args args)
    {
        (WeightMatrix w, bool quantised, int T) = (args.W, args.X.Quantised, args.T);
        KernelCall call = new(nameof(MatMul), Product(args.W, args.X, args.T), _ => Kernels.MatMul.Cost(w.Format, quantised, T, w.N, w.K));
        observer.Begin(call);
        inner.MatMul(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void Rope(in Kernels.Rope.Args args)
    {
        int T = args.T, H = args.H, W = args.W;
        KernelCall call = new(nameof(Rope), $"{args.T} rows of {args.H} heads of {args.W}", _ => Kernels.Rope.Cost(T, H, W));
        observer.Begin(call);
        inner.Rope(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void RmsNormRope(in Kernels.RmsNormRope.Args args)
    {
        int T = args.T, H = args.H, W = args.W;
        KernelCall call = new(nameof(RmsNormRope), $"{args.T} rows of {args.H} heads of {args.W}", _ => Kernels.RmsNormRope.Cost(T, H, W));
        observer.Begin(call);
        inner.RmsNormRope(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void KvAppend(in Kernels.KvAppend.Args args)
    {
        (DType format, bool valuesOnly, int T, int K, int W) = (args.Cache.Format, args.Cache.Keys is null, args.T, args.K, args.W);
        KernelCall call = new(nameof(KvAppend), $"{Rows(args.Cache)} {args.K} heads of {args.W}, T {args.T}", _ => Kernels.KvAppend.Cost(format, valuesOnly, T, K, W));
        observer.Begin(call);
        inner.KvAppend(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void RmsNormRopeAppend(in Kernels.RmsNormRopeAppend.Args args)
    {
        (DType format, bool valuesOnly, int T, int H, int K, int W) = (args.Cache.Format, args.Cache.Keys is null, args.T, args.H, args.K, args.W);
        KernelCall call = new(
            nameof(RmsNormRopeAppend), $"{Rows(args.Cache)} {H}/{K} heads of {W}, T {T}", _ => Kernels.RmsNormRopeAppend.Cost(format, valuesOnly, T, H, K, W));
        observer.Begin(call);
        inner.RmsNormRopeAppend(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void AttentionDecode(in Kernels.AttentionDecode.Args args)
    {
        (KvRows cache, int T, int H, int K, int W, int window) = (args.Cache, args.T, args.H, args.K, args.W, args.Window);
        KernelCall call = new(nameof(AttentionDecode), Heads(args.Cache, args.H, args.K, args.W, args.Window, args.T), position => Kernels.AttentionDecode.Cost(cache.Format, cache.Keys is null, T, H, K, W, window, position));
        observer.Begin(call);
        inner.AttentionDecode(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void AttentionDecodeQuantize(in Kernels.AttentionDecodeQuantize.Args args)
    {
        Kernels.AttentionDecode.Args a = args.Attention;
        KernelCall call = new(
            nameof(AttentionDecodeQuantize),
            Heads(a.Cache, a.H, a.K, a.W, a.Window, a.T),
            position => Kernels.AttentionDecodeQuantize.Cost(a.Cache.Format, a.Cache.Keys is null, a.T, a.H, a.K, a.W, a.Window, position));
        observer.Begin(call);
        inner.AttentionDecodeQuantize(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void AttentionPrefill(in Kernels.AttentionPrefill.Args args)
    {
        (KvRows cache, int T, int H, int K, int W, int window) = (args.Cache, args.T, args.H, args.K, args.W, args.Window);
        KernelCall call = new(nameof(AttentionPrefill), Heads(args.Cache, args.H, args.K, args.W, args.Window, args.T), position => Kernels.AttentionPrefill.Cost(cache.Format, cache.Keys is null, T, H, K, W, window, position));
        observer.Begin(call);
        inner.AttentionPrefill(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void AddRmsNorm(in Kernels.AddRmsNorm.Args args)
    {
        int T = args.T, D = args.D;
        KernelCall call = new(nameof(AddRmsNorm), $"{args.T} rows of {args.D}", _ => Kernels.AddRmsNorm.Cost(T, D));
        observer.Begin(call);
        inner.AddRmsNorm(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void AddRmsNormQuantize(in Kernels.AddRmsNormQuantize.Args args)
    {
        int T = args.Norm.T, D = args.Norm.D;
        KernelCall call = new(nameof(AddRmsNormQuantize), $"{T} rows of {D} for {args.ForFormat}", _ => Kernels.AddRmsNormQuantize.Cost(T, D));
        observer.Begin(call);
        inner.AddRmsNormQuantize(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void GeGlu(in Kernels.GeGlu.Args args)
    {
        int T = args.T, F = args.F;
        KernelCall call = new(nameof(GeGlu), $"{args.T} rows of {args.F}", _ => Kernels.GeGlu.Cost(T, F));
        observer.Begin(call);
        inner.GeGlu(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void SoftCap(in Kernels.SoftCap.Args args)
    {
        int count = args.Count;
        KernelCall call = new(nameof(SoftCap), $"{args.Count} values", _ => Kernels.SoftCap.Cost(count));
        observer.Begin(call);
        inner.SoftCap(args);
        observer.End(call);
    }

    /// <inheritdoc/>
    public void Sample(in Kernels.Sample.Args args)
    {
        int T = args.T, V = args.V;
        KernelCall call = new(nameof(Sample), $"{args.T} rows of {args.V}, {Drawing(args.Choice)}", _ => Kernels.Sample.Cost(T, V));
        observer.Begin(call);
        inner.Sample(args);
        observer.End(call);
    }

    private static string Product(WeightMatrix w, in Activations x, int T) => $"{w.Format} {w.N} x {w.K}, T {T}{(x.Quantised ? ", INT8 rows" : "")}";

    private static string Rows(in KvRows cache) => $"{cache.Format}{(cache.Keys is null ? " values" : "")}";

    private static string Heads(in KvRows cache, int H, int K, int W, int window, int T) =>
        $"{Rows(cache)} {H}/{K} heads of {W}, {(window == 0 ? "full" : $"window {window}")}, T {T}";

    private static string Drawing(in Kernels.Sample.Choice choice) => choice.Temperature == 0 ? "greedy" : $"top-k {choice.TopK}, top-p {choice.TopP}";
}
