using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Tensors;
using static GemmaVk.Kernels.Checks.KernelCases;

namespace GemmaVk.Kernels.Checks;

// Letters: T rows in this pass, V vocabulary.

/// <summary>Choosing of tokens.</summary>
internal static class SampleCases
{
    private static readonly Sample.Choice[] Choices =
    [
        new(), new(1, TopK: 64, TopP: 0.95f, Seed: 42), new(0.7f, TopP: 0.5f, Seed: 7), new(2, MinP: 0.05f, Seed: 9), new(0.3f, TopK: 1, Seed: 3),
    ];

    public static IEnumerable<KernelCase> All(bool quick)
    {
        foreach ((int T, int V) in quick ? [(3, 1000)] : ((int, int)[])[(1, 1), (3, 1000), (9, 257), (2, 5003), (1, 262_144)])
        {
            // A large vocabulary is sorted by the reference: one way of drawing is enough there.
            foreach (Sample.Choice choice in V > 100_000 ? Choices[..2] : Choices)
            {
                yield return Draw(T, V, choice, masked: false);
            }

            if (V is > 1 and < 100_000)
            {
                yield return Draw(T, V, Choices[1], masked: true);
            }
        }
    }

    private static KernelCase Draw(int T, int V, Sample.Choice choice, bool masked) => Case(
        nameof(Sample),
        $"{T} rows of {V}, {(masked ? "half of it allowed, " : "")}{(choice.Temperature == 0 ? "greedy" : $"temperature {choice.Temperature}, top-k {choice.TopK}, top-p {choice.TopP}, min-p {choice.MinP}")}",
        () =>
        {
            Random random = new(4);
            int[] allowed = masked ? [.. Enumerable.Range(0, T * Sample.Words(V)).Select(_ => random.Next(int.MinValue, int.MaxValue))] : [];
            return (Logits: DrawnValues.Of(T * V, 1, 6), Suppress: V > 2 ? [V / 2, V - 1] : Array.Empty<int>(), Positions: (int[])[.. Enumerable.Range(70, T)], Allowed: allowed);
        },
        (buffers, o) =>
        {
            BufferHandle logits = buffers.Floats(o.Logits), suppress = buffers.Ints(o.Suppress), positions = buffers.Ints(o.Positions), ids = buffers.Empty(DType.I32, T);
            BufferHandle? allowed = masked ? buffers.Ints(o.Allowed) : null;
            return new(
                pass => pass.Sample(new(logits, suppress, o.Suppress.Length, positions, ids, T, V, choice, Allowed: allowed)),
                new CheckedResult("ids", ids, read => Judge(o.Logits, o.Suppress, choice, o.Positions, o.Allowed, read.Read<int>(ids), V)));
        });

    private static Discrepancy Judge(float[] logits, int[] suppress, in Sample.Choice choice, int[] positions, int[] allowed, int[] ids, int V)
    {
        int words = allowed.Length / ids.Length;
        for (int t = 0; t < ids.Length; t++)
        {
            if (DrawnToken.Fault(logits.AsSpan(t * V, V), suppress, choice, positions[t], ids[t], allowed.AsSpan(t * words, words)) is { } fault)
            {
                return Discrepancy.Wrong($"row {t}: {fault}");
            }
        }

        return Discrepancy.None;
    }
}
