using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Kernels.Checks;

/// <summary>
/// Runs cases on a backend: each is recorded once and run several times, with its operands as they were; the first result is held against the
/// reference, the others against the first, bit for bit. A difference between runs is a race.
/// </summary>
/// <param name="backend">Opened to take times, so that it tells which modules ran.</param>
/// <param name="repeats">Runs of each recording, at least 2.</param>
public sealed class KernelSweep(IBackend backend, int repeats)
{
    /// <summary>Runs one case.</summary>
    public CaseVerdict Run(KernelCase each)
    {
        ArgumentNullException.ThrowIfNull(each);
        using OperandBuffers buffers = new(backend, remembers: true);
        CheckedCall call = each.Prepare(buffers);
        using IRecording recording = backend.Record(each.Kernel, call.Body);
        backend.Run(recording);
        string[] modules = [.. backend.LastRun.Select(span => span.Module).Distinct()];
        Discrepancy worst = Discrepancy.None;
        foreach (CheckedResult result in call.Results)
        {
            Discrepancy here = result.Judge(buffers);
            worst = worst.And(here with { Where = $"{result.Name}: {here.Where}" });
        }

        byte[][] first = [.. call.Results.Select(result => buffers.Bits(result.Buffer))];
        string? race = null;
        for (int run = 1; run < repeats && race is null; run++)
        {
            buffers.Restore();
            backend.Run(recording);
            race = Race(call.Results, first, buffers, run);
        }

        return new CaseVerdict(each, modules, worst, race);
    }

    /// <summary>Runs cases one after the other.</summary>
    /// <param name="cases">What to run.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <param name="cancel">Ends it between two cases.</param>
    public IReadOnlyList<CaseVerdict> Run(IReadOnlyList<KernelCase> cases, Action<int>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(cases);
        List<CaseVerdict> verdicts = [];
        foreach (KernelCase each in cases)
        {
            cancel.ThrowIfCancellationRequested();
            verdicts.Add(Run(each));
            progress?.Invoke(verdicts.Count);
        }

        return verdicts;
    }

    private static string? Race(CheckedResult[] results, byte[][] first, OperandBuffers buffers, int run)
    {
        for (int i = 0; i < results.Length; i++)
        {
            byte[] again = buffers.Bits(results[i].Buffer);
            int at = again.AsSpan().CommonPrefixLength(first[i]);
            if (at < again.Length)
            {
                return $"{results[i].Name}: byte {at} of {again.Length} is {first[i][at]} in the first run and {again[at]} in run {run + 1} of the same recording";
            }
        }

        return null;
    }
}

/// <summary>What came of a case.</summary>
/// <param name="Case">The case.</param>
/// <param name="Modules">What ran, in order.</param>
/// <param name="Worst">The worst of its results.</param>
/// <param name="Race">How two runs of one recording differed, or null.</param>
public sealed record CaseVerdict(KernelCase Case, IReadOnlyList<string> Modules, Discrepancy Worst, string? Race)
{
    /// <summary>Right, and every time the same.</summary>
    public bool Holds => Worst.Holds && Race is null;
}
