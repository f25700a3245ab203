using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Checks;

/// <summary>
/// Runs calls of a real pass one by one, with the embedded kernel and with the user's over the same operands, and compares what they leave. Of calls of one shape the
/// first is run, and only those that run a module of the user's; what the embedded kernel left stays.
/// </summary>
/// <param name="backend">Opened with the user's kernels.</param>
/// <param name="kernels">Names of the kernels that the user's modules belong to.</param>
/// <param name="within">How long calls may run in all; those that would take longer are left out.</param>
/// <param name="depth">Positions in the cache before, by which attention costs.</param>
public sealed class ComparedPass(IBackend backend, IReadOnlySet<string> kernels, TimeSpan within, int depth) : IPass, IPassObserver
{
    // A driver that compiles while it runs makes the first time no measure.
    private const double Suspicious = 0.05;

    private readonly HashSet<(string Kernel, string Shape)> _seen = [];
    private readonly List<ComparedCall> _calls = [];
    private KernelCall? _current;
    private double _spent;
    private double _secondsPerUnit;

    /// <summary>The pass to record to.</summary>
    public IPass Observed => new ObservedPass(this, this);

    /// <summary>What was compared, in order.</summary>
    public IReadOnlyList<ComparedCall> Calls => _calls;

    /// <summary>Calls that would have taken too long.</summary>
    public int LeftOut { get; private set; }

    /// <inheritdoc/>
    public void Begin(KernelCall call) => _current = call;

    /// <inheritdoc/>
    public void End(KernelCall call) => _current = null;

    /// <inheritdoc/>
    public void CutPatches(in Kernels.CutPatches.Args args)
    {
        Kernels.CutPatches.Args a = args;
        Compare(pass => pass.CutPatches(a), (a.Y, (long)a.Patches * a.Values));
    }

    /// <inheritdoc/>
    public void LayerNorm(in Kernels.LayerNorm.Args args)
    {
        Kernels.LayerNorm.Args a = args;
        Compare(pass => pass.LayerNorm(a), (a.Y, (long)a.R * a.D));
    }

    /// <inheritdoc/>
    public void AddPositions(in Kernels.AddPositions.Args args)
    {
        Kernels.AddPositions.Args a = args;
        Compare(pass => pass.AddPositions(a), (a.X, (long)a.Rows * a.Columns * a.D));
    }

    /// <inheritdoc/>
    public void PlaceRows(in Kernels.PlaceRows.Args args)
    {
        Kernels.PlaceRows.Args a = args;
        Compare(pass => pass.PlaceRows(a), (a.X, (long)(a.First + a.T) * a.D));
    }

    /// <inheritdoc/>
    public void Embed(in Kernels.Embed.Args args)
    {
        Kernels.Embed.Args a = args;
        Compare(pass => pass.Embed(a), (a.X, (long)(a.First + a.T) * a.Table.K));
    }

    /// <inheritdoc/>
    public void RmsNorm(in Kernels.RmsNorm.Args args)
    {
        Kernels.RmsNorm.Args a = args;
        Compare(pass => pass.RmsNorm(a), (a.Y, (long)a.R * a.D));
    }

    /// <inheritdoc/>
    public void QuantizeRows(in Kernels.QuantizeRows.Args args)
    {
        Kernels.QuantizeRows.Args a = args;
        Compare(pass => pass.QuantizeRows(a), Rows(a.Q, (long)a.T * a.K));
    }

    /// <inheritdoc/>
    public void MatVec(in Kernels.MatVec.Args args)
    {
        Kernels.MatVec.Args a = args;
        Compare(pass => pass.MatVec(a), (a.Y, (long)a.T * a.W.N));
    }

    /// <inheritdoc/>
    public void MatVecQkv(in Kernels.MatVecQkv.Args args)
    {
        Kernels.MatVecQkv.Args a = args;
        Compare(pass => pass.MatVecQkv(a), (a.QRows, (long)a.T * a.Q.N), (a.KRows, (long)a.T * a.K.N), (a.VRows, (long)a.T * (a.V?.N ?? 0)));
    }

    /// <inheritdoc/>
    public void MatVecGeGlu(in Kernels.MatVecGeGlu.Args args)
    {
        Kernels.MatVecGeGlu.Args a = args;
        Compare(pass => pass.MatVecGeGlu(a), Rows(a.Y, (long)a.T * a.Gate.N));
    }

    /// <inheritdoc/>
    public void MatMul(in Kernels.MatMul.Args args)
    {
        Kernels.MatMul.Args a = args;
        Compare(pass => pass.MatMul(a), (a.Y, (long)a.T * a.W.N));
    }

    /// <inheritdoc/>
    public void Rope(in Kernels.Rope.Args args)
    {
        Kernels.Rope.Args a = args;
        Compare(pass => pass.Rope(a), (a.Y, (long)a.T * a.H * a.W));
    }

    /// <inheritdoc/>
    public void RmsNormRope(in Kernels.RmsNormRope.Args args)
    {
        Kernels.RmsNormRope.Args a = args;
        Compare(pass => pass.RmsNormRope(a), (a.Y, (long)a.T * a.H * a.W));
    }

    /// <inheritdoc/>
    public void KvAppend(in Kernels.KvAppend.Args args)
    {
        Kernels.KvAppend.Args a = args;
        Compare(pass => pass.KvAppend(a), Cache(a.Cache));
    }

    /// <inheritdoc/>
    public void RmsNormRopeAppend(in Kernels.RmsNormRopeAppend.Args args)
    {
        Kernels.RmsNormRopeAppend.Args a = args;
        Compare(pass => pass.RmsNormRopeAppend(a), [(a.Q, (long)a.T * a.H * a.W), .. Cache(a.Cache)]);
    }

    /// <inheritdoc/>
    public void AttentionDecode(in Kernels.AttentionDecode.Args args)
    {
        Kernels.AttentionDecode.Args a = args;
        Compare(pass => pass.AttentionDecode(a), (a.Out, (long)a.T * a.H * a.W));
    }

    /// <inheritdoc/>
    public void AttentionDecodeQuantize(in Kernels.AttentionDecodeQuantize.Args args)
    {
        Kernels.AttentionDecodeQuantize.Args a = args;
        Compare(pass => pass.AttentionDecodeQuantize(a), Rows(a.Rows, (long)a.Attention.T * a.Attention.H * a.Attention.W));
    }

    /// <inheritdoc/>
    public void AttentionPrefill(in Kernels.AttentionPrefill.Args args)
    {
        Kernels.AttentionPrefill.Args a = args;
        Compare(pass => pass.AttentionPrefill(a), (a.Out, (long)a.T * a.H * a.W));
    }

    /// <inheritdoc/>
    public void AddRmsNorm(in Kernels.AddRmsNorm.Args args)
    {
        Kernels.AddRmsNorm.Args a = args;
        Compare(pass => pass.AddRmsNorm(a), (a.X, (long)a.T * a.D), (a.A, (long)a.T * a.D));
    }

    /// <inheritdoc/>
    public void AddRmsNormQuantize(in Kernels.AddRmsNormQuantize.Args args)
    {
        Kernels.AddRmsNormQuantize.Args a = args;
        long count = (long)a.Norm.T * a.Norm.D;
        Compare(pass => pass.AddRmsNormQuantize(a), [(a.Norm.X, count), .. Rows(a.Rows, count)]);
    }

    /// <inheritdoc/>
    public void GeGlu(in Kernels.GeGlu.Args args)
    {
        Kernels.GeGlu.Args a = args;
        Compare(pass => pass.GeGlu(a), (a.Y, (long)a.T * a.F));
    }

    /// <inheritdoc/>
    public void SoftCap(in Kernels.SoftCap.Args args)
    {
        Kernels.SoftCap.Args a = args;
        Compare(pass => pass.SoftCap(a), (a.Y, a.Count));
    }

    /// <inheritdoc/>
    public void Sample(in Kernels.Sample.Args args)
    {
        Kernels.Sample.Args a = args;
        Compare(pass => pass.Sample(a), (a.Ids, a.Ids.Shape.Count));
    }

    private static (BufferHandle? Buffer, long Count)[] Rows(in Activations rows, long count) => rows.Quantised
        ? [(rows.Data, count), (rows.Scale, count / QuantBlocks.GroupSize), (rows.Sum, count / QuantBlocks.GroupSize)]
        : [(rows.Data, count)];

    private static (BufferHandle? Buffer, long Count)[] Cache(in KvRows cache) =>
        [.. from buffer in (BufferHandle?[])[cache.Keys, cache.Values, cache.KeyScales, cache.ValueScales] where buffer is not null select (buffer, buffer!.Shape.Count)];

    /// <param name="call">The call.</param>
    /// <param name="outputs">What it writes, and how many values from the first on.</param>
    private void Compare(Action<IPass> call, params ReadOnlySpan<(BufferHandle? Buffer, long Count)> outputs)
    {
        KernelCall what = _current!;
        if (!kernels.Contains(what.Kernel) || !_seen.Add((what.Kernel, what.Shape)))
        {
            return;
        }

        KernelCost cost = what.Cost(depth);
        double units = cost.Bytes + cost.Operations;
        if (_spent + (2 * units * _secondsPerUnit) > within.TotalSeconds)
        {
            LeftOut++;
            return;
        }

        backend.TakeOwnKernels(true);
        backend.ForgetOwnKernelsRun();
        using IRecording own = backend.Record(what.Kernel, call);
        string[] modules = [.. backend.OwnKernelsRun];
        if (modules.Length == 0)
        {
            return;
        }

        List<Held> before = [];
        foreach ((BufferHandle? buffer, long count) in outputs)
        {
            if (buffer is not null && count > 0 && QuantBlocks.RowBytes(buffer.DType, count) is var bytes && bytes <= ResultComparison.MostBytes)
            {
                before.Add(new(buffer, new byte[bytes]));
                backend.Read<byte>(buffer, before[^1].Bytes);
            }
        }

        backend.TakeOwnKernels(false);
        using IRecording embedded = backend.Record(what.Kernel, call);
        (Held[] expected, double seconds) = Run(embedded, before);
        if (seconds > Suspicious)
        {
            (expected, seconds) = Run(embedded, before);
        }

        backend.TakeOwnKernels(true);
        (Held[] theirs, double took) = Run(own, before);
        _spent += seconds + took;
        _secondsPerUnit = _secondsPerUnit == 0 ? seconds / units : Math.Min(_secondsPerUnit, seconds / units);
        string? difference = expected.Zip(theirs, (a, b) => ResultComparison.Of(a.Buffer.DType, a.Bytes, b.Bytes)).FirstOrDefault(found => found is not null);
        _calls.Add(new ComparedCall(what.Kernel, what.Shape, units, modules, difference));
        // What comes after in the pass begins with what the embedded kernel left.
        Write(expected);
    }

    /// <summary>What a recording leaves in buffers that are first as they were, and how long that took.</summary>
    private (Held[] After, double Seconds) Run(IRecording recording, IReadOnlyList<Held> before)
    {
        Write(before);
        long start = Stopwatch.GetTimestamp();
        backend.Run(recording);
        Held[] after = [.. before.Select(each => each with { Bytes = new byte[each.Bytes.Length] })];
        foreach (Held each in after)
        {
            backend.Read<byte>(each.Buffer, each.Bytes);
        }

        return (after, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private void Write(IReadOnlyList<Held> contents)
    {
        foreach (Held each in contents)
        {
            backend.Write<byte>(each.Buffer, each.Bytes);
        }
    }

    /// <summary>The first bytes of a buffer.</summary>
    private readonly record struct Held(BufferHandle Buffer, byte[] Bytes);
}
