using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace GemmaVk.Fuzz;

/// <summary>
/// Inputs to vary: the seeds, and each input that ended in a way no input before it did. That is what stands here for coverage: parsers of
/// this repository say in a sentence of its own how far they came.
/// </summary>
internal sealed class Corpus
{
    // Kept inputs grow; those that are many times as long as the seeds only cost time.
    private const int MostKept = 2000;
    private const int MostOutcomes = 100_000;
    private readonly Lock _lock = new();
    private readonly HashSet<string> _outcomes = [];
    private readonly int _longest;
    private byte[][] _inputs;

    public Corpus(IEnumerable<byte[]> seeds)
    {
        _inputs = [.. seeds];
        _longest = 4 * _inputs.Max(input => input.Length) + 4096;
    }

    /// <summary>Ways out that were seen.</summary>
    public int Outcomes => _outcomes.Count;

    /// <summary>One of them.</summary>
    public byte[] Any(Random random)
    {
        byte[][] inputs = _inputs;
        return inputs[random.Next(inputs.Length)];
    }

    /// <summary>Keeps an input whose way out is new.</summary>
    public void Saw(byte[] input, string outcome)
    {
        if (input.Length > _longest)
        {
            return;
        }

        lock (_lock)
        {
            if (_outcomes.Count < MostOutcomes && _outcomes.Add(outcome) && _inputs.Length < MostKept)
            {
                _inputs = [.. _inputs, input];
            }
        }
    }
}
