using System;
using System.Runtime.InteropServices;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.MachineCode.Attention;

namespace GemmaVk.Cpu.Tests.MachineCode;

/// <summary>The functions of attention in plain C#, by the summaries of <see cref="ScoreKernel"/>, <see cref="WordScoreKernel"/> and <see cref="ValueKernel"/>: whole numbers, so that bits agree.</summary>
internal static unsafe class AttentionTwin
{
    private const int Heads = AttentionCode.Heads;
    private const int Columns = 32;

    /// <summary>As the kernels take them.</summary>
    public static AttentionCode Code { get; } = new(
        new Microkernel((nint)(delegate* unmanaged<void*, void>)&Scores, IsManaged: true),
        new Microkernel((nint)(delegate* unmanaged<void*, void>)&Values, IsManaged: true),
        new Microkernel((nint)(delegate* unmanaged<void*, void>)&WordScores, IsManaged: true),
        new Microkernel((nint)(delegate* unmanaged<void*, void>)&WordValues, IsManaged: true));

    [UnmanagedCallersOnly]
    private static void Scores(void* arguments)
    {
        ScoreArguments a = *(ScoreArguments*)arguments;
        for (int j = 0; j < ScoreKernel.Positions; j++)
        {
            for (int g = 0; g < Heads; g++)
            {
                float sum = 0;
                for (int group = 0; group < a.Groups; group++)
                {
                    sum = MathF.FusedMultiplyAdd(Dot(a.Queries + (group * ScoreKernel.QueryBytes), a.Keys + (j * ScoreKernel.KeyStride) + (group * Columns), g), a.Scales[(j * 16) + group], sum);
                }

                a.Scores[(j * Heads) + g] = MathF.FusedMultiplyAdd(sum, a.Units[g], a.Scores[(j * Heads) + g]);
            }
        }
    }

    private static int Dot(byte* queries, byte* keys, int g)
    {
        long sum = 0;
        for (int w = 0; w < Columns; w++)
        {
            byte* step = queries + (w / 4 * 2 * 4 * Heads) + (g * 4) + (w % 4);
            sum += ((256 * (sbyte)step[0]) + (sbyte)step[4 * Heads]) * (keys[w] - 128L);
        }

        return checked((int)sum);
    }

    [UnmanagedCallersOnly]
    private static void WordScores(void* arguments)
    {
        ScoreArguments a = *(ScoreArguments*)arguments;
        for (int j = 0; j < ScoreKernel.Positions; j++)
        {
            for (int g = 0; g < Heads; g++)
            {
                float sum = 0;
                for (int group = 0; group < a.Groups; group++)
                {
                    short* key = (short*)(a.Keys + (j * WordScoreKernel.KeyStride)) + (group * Columns), query = (short*)(a.Queries + (group * WordScoreKernel.QueryBytes));
                    long dot = 0;
                    for (int w = 0; w < Columns; w++)
                    {
                        dot += key[w] * (long)query[(((w / 2 * Heads) + g) * 2) + (w % 2)];
                    }

                    sum = MathF.FusedMultiplyAdd(checked((int)dot), a.Scales[j], sum);
                }

                a.Scores[(j * Heads) + g] = MathF.FusedMultiplyAdd(sum, a.Units[g], a.Scores[(j * Heads) + g]);
            }
        }
    }

    [UnmanagedCallersOnly]
    private static void Values(void* arguments) => Weighted(arguments, words: false);

    [UnmanagedCallersOnly]
    private static void WordValues(void* arguments) => Weighted(arguments, words: true);

    private static void Weighted(void* arguments, bool words)
    {
        ValueArguments a = *(ValueArguments*)arguments;
        for (int g = 0; g < Heads; g++)
        {
            for (int w = 0; w < Columns; w++)
            {
                long sum = 0;
                for (int i = 0; i < 2 * a.Pairs; i++)
                {
                    byte* pair = a.Values + (i / 2 * (words ? ValueKernel.WordPairStride : ValueKernel.PairStride));
                    int value = words ? ((short*)pair)[(w * 2) + (i % 2)] : (sbyte)pair[(w * 2) + (i % 2)];
                    sum += a.Weights[(((i / 2 * Heads) + g) * 2) + (i % 2)] * (long)value;
                }

                float* to = (float*)((byte*)a.Sums + (g * a.Stride)) + w;
                *to = MathF.FusedMultiplyAdd(checked((int)sum), a.Units[g], a.Decay[g] * *to);
            }
        }
    }
}
