using System;
using System.Globalization;
using GemmaVk.Tensors;

namespace GemmaVk.Ilgpu.Devices;

/// <summary>How many threads the CPU accelerator has.</summary>
internal static class CpuThreads
{
    private const string Variable = "GEMMAVK_THREADS";

    /// <summary>What was asked for, at most one per core.</summary>
    /// <exception cref="GemmaVkException">GEMMAVK_THREADS is no number.</exception>
    public static int Of(IlgpuOptions options)
    {
        string? text = Environment.GetEnvironmentVariable(Variable);
        int? asked = options.Threads;
        if (asked is null && !string.IsNullOrEmpty(text))
        {
            asked = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= 1
                ? value
                : throw new GemmaVkException($"{Variable}: expected a whole number of 1 or more, but it is '{text}'; unset it to use every core") { Variable = Variable };
        }

        return Math.Min(asked ?? Environment.ProcessorCount, Environment.ProcessorCount);
    }
}
