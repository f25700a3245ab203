using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Gpu;

// Which form of a product is the fastest here is measured, not guessed: devices differ more than rules can say.
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
        [.. tuning.Forms.OrderBy(pair => pair.Key).Select(pair => new TunedKernel(pair.Key.Module, (int)pair.Key.Cols, pair.Value.Form.ToString(), pair.Value.Microseconds, pair.Value.UsualMicroseconds))];

    /// <inheritdoc/>
    public IReadOnlyList<TunedKernel> Measured => measuredForms;

    /// <inheritdoc/>
    public int Tune(IReadOnlyList<ProductSample> samples, TimeSpan limit, bool again, Action<int, int>? progress = null, IReadOnlyList<FlatSample>? flat = null)
    {
        ArgumentNullException.ThrowIfNull(samples);
        Stopwatch watch = Stopwatch.StartNew();
        Choice[] wanted =
        [
            .. samples.Select(sample => OfProduct(sample)).Concat((flat ?? []).Select(sample => OfFlat(sample)))
                .Where(each => again || !tuning.Forms.ContainsKey((each.Module, each.Cols))).DistinctBy(each => (each.Module, each.Cols)),
        ];
        int measured = 0;
        try
        {
            foreach (Choice choice in wanted)
            {
                if (watch.Elapsed >= limit)
                    break;
                progress?.Invoke(measured, wanted.Length);
                if (Measure(choice, () => watch.Elapsed >= limit) is { } best)
                {
                    tuning.Keep(choice.Module, choice.Cols, best);
                    measured++;
                }
            }
        }
        finally
        {
            tuning.Try("", 0, null);
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

    private Choice OfProduct(ProductSample sample)
    {
        (string module, uint cols, ProductForm usual, ProductForm[] others) = FormsOf(sample);
        IReadOnlyList<WeightMatrix> w = sample.Alike is { Count: > 0 } alike ? alike : [sample.W];
        return new Choice(
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

    private Choice OfFlat(FlatSample sample) => new(
        (pass, _) => sample.Record(pass),
        kernels.Passes.First(kernel => kernel.Interface.Kernel == sample.Kernel).Interface.Modules[0],
        1,
        new ProductForm(1, kernels.Settings.LocalSize),
        [.. from size in (uint[])[32, 64, 128, 256] where size >= device.Features.SubgroupSize select new ProductForm(1, size)]);

    /// <summary>The fastest form, or null where time ran out before all were measured: half a comparison is none.</summary>
    private TunedForm? Measure(in Choice choice, Func<bool> isOver)
    {
        double usualTime = Microseconds(choice, choice.Usual);
        measuredForms.Add(new TunedKernel(choice.Module, (int)choice.Cols, choice.Usual.ToString(), usualTime, usualTime));
        (ProductForm Form, double Time) best = (choice.Usual, usualTime);
        foreach (ProductForm form in choice.Others)
        {
            if (form == choice.Usual)
                continue;
            if (isOver())
                return null;
            double time = Microseconds(choice, form);
            measuredForms.Add(new TunedKernel(choice.Module, (int)choice.Cols, form.ToString(), time, usualTime));
            if (time < best.Time)
                best = (form, time);
        }

        return best.Time < LeastGain * usualTime ? new TunedForm(best.Form, best.Time, usualTime) : new TunedForm(choice.Usual, usualTime, usualTime);
    }

    private double Microseconds(in Choice choice, ProductForm form)
    {
        tuning.Try(choice.Module, choice.Cols, form);
        int repeats = 1;
        double time = Once(choice.Record, repeats);
        // The first run compiles on some drivers, so it is not believed.
        time = Math.Min(time, Once(choice.Record, repeats));
        repeats = (int)Math.Clamp(ShortestRun.TotalMicroseconds / Math.Max(time, 1), 1, MostRepeats);
        Rouse();
        double best = double.PositiveInfinity;
        for (int run = 0; run < Runs; run++)
            best = Math.Min(best, Once(choice.Record, repeats) / repeats);
        device.Options.Log?.Invoke($"tuning {choice.Module}, {choice.Cols} rows of x: {form}: {best:F1} us");
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

    /// <summary>What is chosen between: the forms of a module in tiles of so many rows, by a call of its kernel in a turn.</summary>
    private readonly record struct Choice(Action<IPass, int> Record, string Module, uint Cols, ProductForm Usual, ProductForm[] Others);
}
