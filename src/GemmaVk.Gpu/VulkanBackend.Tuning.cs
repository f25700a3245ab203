using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu;

// Which form of a product or of attention is the fastest here is measured, not guessed: devices differ more than rules can say.
public sealed partial class VulkanBackend
{
    // A run is as long as this, so that its start and the clock do not count; and the best of so many counts.
    private static readonly TimeSpan ShortestRun = TimeSpan.FromMilliseconds(2);
    private const int MostRepeats = 64;
    private const int Runs = 3;

    // What is less of a gain may be the clock's.
    private const double LeastGain = 0.97;

    private readonly TuningTable tuning = new();
    private readonly List<TunedKernel> measuredForms = [];
    private readonly TuningFile tuningFile;

    /// <summary>The forms that are taken. For tests.</summary>
    internal TuningTable Tuning => tuning;

    /// <inheritdoc/>
    public IReadOnlyList<TunedKernel> Tuned =>
    [
        .. tuning.Attention.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new TunedKernel(pair.Key, 0, pair.Value.Form.ToString(), pair.Value.Microseconds, pair.Value.UsualMicroseconds)),
        .. tuning.Forms.OrderBy(pair => pair.Key).Select(pair => new TunedKernel(pair.Key.Module, (int)pair.Key.Cols, pair.Value.Form.ToString(), pair.Value.Microseconds, pair.Value.UsualMicroseconds)),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<TunedKernel> Measured => measuredForms;

    /// <summary>A variant with what was measured of its kernel's forms; rows that are quantised have those of <see cref="AttentionDecode"/>.</summary>
    private KernelVariant WithFigures(KernelVariant variant)
    {
        string kernel = variant.Kernel == nameof(AttentionDecodeQuantize) ? nameof(AttentionDecode) : variant.Kernel;
        // What else forms depend on stands behind the module.
        TunedKernel[] mine = [.. Tuned.Where(each => kernelOf.GetValueOrDefault(each.Module.Split(' ', ',')[0]) == kernel)];
        TunedKernel[] faster = [.. mine.Where(each => each.Microseconds < each.UsualMicroseconds)];
        bool attends = variant.Kernel.StartsWith("Attention", StringComparison.Ordinal);
        string figures = (mine.Length, faster.Length) switch
        {
            (0, _) => attends ? "; in the usual form, since none was measured here" : "",
            (_, 0) => $"; {mine.Length} measured here, the usual form is the fastest",
            _ => string.Create(
                CultureInfo.InvariantCulture,
                $"; {faster.Length} of {mine.Length} measured here in another form than the usual one, up to {faster.Max(each => each.UsualMicroseconds / each.Microseconds):F2} times as fast"),
        };
        return variant with { Reason = variant.Reason + figures };
    }

    /// <inheritdoc/>
    public int Tune(
        IReadOnlyList<ProductSample> samples,
        TimeSpan limit,
        bool again,
        Action<int, int>? progress = null,
        IReadOnlyList<FlatSample>? flat = null,
        IReadOnlyList<AttentionSample>? attention = null)
    {
        ArgumentNullException.ThrowIfNull(samples);
        Stopwatch watch = Stopwatch.StartNew();
        IReadOnlyList<AttentionSample> caches = attention ?? [];
        AttentionSample[] own = [.. caches.Where(sample => sample.Format == caches[0].Format)];
        Choice[] wanted =
        [
            .. samples.TakeWhile(sample => sample.T == 1).Select(OfProduct),
            .. own.Where(sample => sample.T == 1).Select(OfAttention),
            .. samples.SkipWhile(sample => sample.T == 1).Select(OfProduct),
            .. own.Where(sample => sample.T != 1).Select(OfAttention),
            .. (flat ?? []).Select(OfFlat),
            .. caches.Except(own).Select(OfAttention),
        ];
        wanted = [.. wanted.Where(each => again || !each.IsKept(tuning)).DistinctBy(each => (each.Module, each.Cols))];
        int measured = 0;
        try
        {
            foreach (Choice choice in wanted)
            {
                if (watch.Elapsed >= limit)
                    break;
                progress?.Invoke(measured, wanted.Length);
                if (choice.Measure(() => watch.Elapsed >= limit))
                    measured++;
            }
        }
        finally
        {
            tuning.Try("", 0, null);
            tuning.Try("", null);
        }

        if (measured > 0)
            tuningFile.Write(tuning);
        return measured;
    }

    /// <summary>What can be measured of a product.</summary>
    internal (string Module, uint Cols, ProductForm Usual, ProductForm[] Others) FormsOf(ProductSample sample) => sample.Gated is { } gated
        ? kernels.MatVecGeGlu.Forms(gated(0))
        : sample.T <= MatVec.MaxRows
        ? kernels.MatVec.Forms(sample.X, sample.W, sample.T)
        : kernels.MatMul.Forms(sample.X, sample.W, sample.T);

    /// <summary>What can be measured of attention, by a call.</summary>
    internal (string Heads, AttentionForm Usual, AttentionForm[] Others) FormsOf(in AttentionDecode.Args call)
    {
        KvRows cache = call.Cache;
        string heads = Heads(call.T, cache.Format, cache.Keys is null, call.H / call.K, call.W);
        return call.T <= MatVec.MaxRows
            ? (heads, kernels.AttentionDecode.Forms.Usual(call), kernels.AttentionDecode.Forms.Others(call))
            : (heads, kernels.AttentionPrefill.Usual(cache.Format, call.W), kernels.AttentionPrefill.Others(cache.Format, call.W));
    }

    private Choice OfProduct(ProductSample sample)
    {
        (string module, uint cols, ProductForm usual, ProductForm[] others) = FormsOf(sample);
        IReadOnlyList<WeightMatrix> w = sample.Alike is { Count: > 0 } alike ? alike : [sample.W];
        return OfForms(
            (pass, turn) =>
            {
                if (sample.Gated is { } gated)
                    pass.MatVecGeGlu(gated(turn));
                else if (sample.T <= MatVec.MaxRows)
                    pass.MatVec(new(sample.X, w[turn % w.Count], sample.Y, sample.T));
                else
                    pass.MatMul(new(sample.X, w[turn % w.Count], sample.Y, sample.T));
            },
            module,
            cols,
            usual,
            others);
    }

    private Choice OfFlat(FlatSample sample) => OfForms(
        (pass, _) => sample.Record(pass),
        kernels.Passes.First(kernel => kernel.Interface.Kernel == sample.Kernel).Interface.Modules[0],
        1,
        new ProductForm(1, kernels.Settings.LocalSize),
        [.. from size in (uint[])[32, 64, 128, 256] where size >= device.Features.SubgroupSize select new ProductForm(1, size)]);

    private Choice OfForms(Action<IPass, int> record, string module, uint cols, ProductForm usual, ProductForm[] others) => new(
        module,
        cols,
        table => table.Forms.ContainsKey((module, cols)),
        isOver =>
        {
            if (Fastest(record, module, (int)cols, usual, others, form => tuning.Try(module, cols, form), isOver) is not var (form, time, usualTime))
                return false;
            tuning.Keep(module, cols, new(form, time, usualTime));
            return true;
        });

    private Choice OfAttention(AttentionSample sample)
    {
        string heads = Heads(sample.T, sample.Format, sample.ValuesOnly, sample.H / sample.K, sample.W);
        return new(heads, 0, table => table.Attention.ContainsKey(heads), isOver => MeasureAttention(sample, heads, isOver));
    }

    private static string Heads(int T, DType format, bool valuesOnly, int G, int W) => T <= MatVec.MaxRows
        ? AttentionDecodeForms.Heads(format, valuesOnly, G, W)
        : AttentionPrefillGpu.Heads(format, valuesOnly, G, W);

    private bool MeasureAttention(AttentionSample sample, string heads, Func<bool> isOver)
    {
        // A look at what is fast takes no memory that something else may need.
        if (sample.Bytes > Memory.AvailableBytes / 2)
        {
            device.Options.Log?.Invoke($"tuning {heads}: {sample.Bytes} bytes are needed for a cache, {Memory.AvailableBytes} are free: the usual form runs until 'gemmavk tune' finds more.");
            return false;
        }

        using AttentionCalls calls = sample.Open();
        (_, AttentionForm usual, AttentionForm[] others) = FormsOf(calls.Calls[0]);
        if (Fastest((pass, _) => calls.Record(pass), heads, 0, usual, others, form => tuning.Try(heads, form), isOver) is not var (form, time, usualTime))
            return false;
        tuning.Keep(heads, new(form, time, usualTime));
        return true;
    }

    /// <summary>The fastest form, or null where time ran out before all were measured: half a comparison is none.</summary>
    private (TForm Form, double Time, double UsualTime)? Fastest<TForm>(
        Action<IPass, int> record, string module, int cols, TForm usual, TForm[] others, Action<TForm> take, Func<bool> isOver)
        where TForm : struct, IEquatable<TForm>
    {
        List<(TForm Form, double Time)> found = [];
        foreach (TForm form in others.Where(form => !form.Equals(usual)).Prepend(usual))
        {
            take(form);
            if ((found.Count > 0 && isOver()) || Microseconds(record, isOver) is not { } time)
                return null;
            found.Add((form, time));
            measuredForms.Add(new TunedKernel(module, cols, form.ToString()!, time, found[0].Time));
            device.Options.Log?.Invoke($"tuning {module}{(cols == 0 ? "" : $", {cols} rows of x")}: {form}: {time:F1} us");
        }

        double usualTime = found[0].Time;
        (TForm Form, double Time) best = found.MinBy(each => each.Time);
        return best.Time < LeastGain * usualTime ? (best.Form, best.Time, usualTime) : (usual, usualTime, usualTime);
    }

    /// <summary>The time of a call, or null where time ran out.</summary>
    private double? Microseconds(Action<IPass, int> record, Func<bool> isOver)
    {
        int repeats = 1;
        double time = Once(record, repeats);
        if (isOver())
            return null;
        // The first run compiles on some drivers, so it is not believed.
        time = Math.Min(time, Once(record, repeats));
        repeats = (int)Math.Clamp(ShortestRun.TotalMicroseconds / Math.Max(time, 1), 1, MostRepeats);
        Rouse();
        double best = double.PositiveInfinity;
        for (int run = 0; run < Runs; run++)
        {
            if (isOver())
                return null;
            best = Math.Min(best, Once(record, repeats) / repeats);
        }

        return best;
    }

    private double Once(Action<IPass, int> record, int repeats)
    {
        using IRecording recording = Record("tuning", pass =>
        {
            for (int i = 0; i < repeats; i++)
                record(pass, i);
        });
        device.WaitIdle();
        long start = Stopwatch.GetTimestamp();
        ((VulkanRecording)recording).Commands!.Submit();
        device.WaitIdle();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    /// <summary>What is chosen between: the forms of a module, in tiles of so many rows where that matters; whether a table has one, and how one is measured and kept.</summary>
    private readonly record struct Choice(string Module, uint Cols, Func<TuningTable, bool> IsKept, Func<Func<bool>, bool> Measure);
}
