using System;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Cpu.Kernels.Attention;
using GemmaVk.Cpu.MachineCode.Attention;

namespace GemmaVk.Cpu.Tests.MachineCode;

/// <summary>One call of a function of attention with drawn operands; extreme ones are the largest that a sum has to hold.</summary>
internal sealed unsafe class FunctionCase
{
    private const int Heads = AttentionCode.Heads;

    // A second row of heads stands between the sums of two heads, and has to stay what it is.
    private const int Stride = 64;

    private readonly bool _values;
    private readonly bool _words;
    private readonly int _count;
    private readonly byte[] _bytes;
    private readonly byte[] _factors;
    private readonly float[] _floats;
    private readonly float[] _sums;

    private FunctionCase(bool values, int count, byte[] bytes, byte[] factors, float[] floats, float[] sums, bool words = false) =>
        (_values, _count, _bytes, _factors, _floats, _sums, _words) = (values, count, bytes, factors, floats, sums, words);

    /// <summary>Keys of 15 bits; a head's 32 queries have magnitudes whose sum is below 2^16.</summary>
    public static FunctionCase WordScores(Random random, int groups, bool extreme) => new(
        false,
        groups,
        Words(random, ScoreKernel.Positions * WordScoreKernel.KeyStride, extreme, WordTile.Most),
        Words(random, groups * WordScoreKernel.QueryBytes, extreme, 65516 / 32),
        Floats(random, ScoreKernel.Positions + Heads),
        Floats(random, ScoreKernel.Positions * Heads),
        words: true);

    /// <summary>Values of 15 bits; a head's 64 weights have a sum below 2^16.</summary>
    public static FunctionCase WordValues(Random random, int pairs, bool extreme)
    {
        byte[] values = Words(random, pairs * ValueKernel.WordPairStride, extreme, WordTile.Most), weights = Words(random, pairs * Heads * 2 * sizeof(short), extreme, 65504 / (2 * pairs));
        return new FunctionCase(true, pairs, values, weights, Floats(random, 2 * Heads), Floats(random, Heads * Stride), words: true);
    }

    public static FunctionCase Scores(Random random, int groups, bool extreme)
    {
        byte[] keys = Bytes(random, ScoreKernel.Positions * ScoreKernel.KeyStride), queries = Bytes(random, groups * ScoreKernel.QueryBytes);
        if (extreme)
        {
            Array.Fill(keys, byte.MaxValue);
            Array.Fill(queries, (byte)sbyte.MaxValue);
        }

        Span<int> numbers = MemoryMarshal.Cast<byte, int>(queries.AsSpan());
        for (int group = 0; group < groups; group++)
        {
            int at = group * ScoreKernel.QueryBytes;
            for (int g = 0; g < Heads; g++)
            {
                int sum = 0;
                for (int w = 0; w < 32; w++)
                {
                    int high = at + (w / 4 * 8 * Heads) + (g * 4) + (w % 4);
                    sum += (256 * (sbyte)queries[high]) + (sbyte)queries[high + (4 * Heads)];
                }

                numbers[((at + ScoreKernel.StartAt) / sizeof(int)) + g] = -128 * sum;
            }
        }

        return new FunctionCase(false, groups, keys, queries, Floats(random, (ScoreKernel.Positions * 16) + Heads), Floats(random, ScoreKernel.Positions * Heads));
    }

    public static FunctionCase Values(Random random, int pairs, bool extreme)
    {
        byte[] values = Bytes(random, pairs * ValueKernel.PairStride), weights = new byte[pairs * Heads * 2 * sizeof(short)];
        Span<short> words = MemoryMarshal.Cast<byte, short>(weights.AsSpan());
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = extreme ? short.MaxValue : (short)random.Next(short.MaxValue);
        }

        if (extreme)
        {
            Array.Fill(values, unchecked((byte)-127));
        }

        return new FunctionCase(true, pairs, values, weights, Floats(random, 2 * Heads), Floats(random, Heads * Stride));
    }

    /// <summary>What the sums are after a call.</summary>
    public float[] Run(AttentionCode code)
    {
        float[] sums = [.. _sums];
        fixed (byte* bytes = _bytes, factors = _factors)
        fixed (float* floats = _floats, to = sums)
        {
            if (_values)
            {
                ValueArguments arguments = new()
                {
                    Values = bytes,
                    Weights = (short*)factors,
                    Decay = floats,
                    Units = floats + Heads,
                    Sums = to,
                    Stride = Stride * sizeof(float),
                    Pairs = _count,
                    Ahead = bytes,
                    NextAhead = bytes,
                };
                (_words ? code.WordValues : code.Values).Run(&arguments);
            }
            else
            {
                ScoreArguments arguments = new() { Keys = bytes, Queries = factors, Units = floats, Scales = floats + Heads, Scores = to, Groups = _count };
                (_words ? code.WordScores : code.Scores).Run(&arguments);
            }
        }

        return sums;
    }

    private static byte[] Words(Random random, int bytes, bool extreme, int most)
    {
        most = Math.Min(most, short.MaxValue);
        short[] words = [.. Enumerable.Range(0, bytes / sizeof(short)).Select(_ => (short)(extreme ? most : random.Next(-most, most + 1)))];
        return MemoryMarshal.AsBytes(words.AsSpan()).ToArray();
    }

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static float[] Floats(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
}
