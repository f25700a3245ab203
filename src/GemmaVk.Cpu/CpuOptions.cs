using System;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu;

/// <summary>How the CPU backend runs; the default asks the machine.</summary>
/// <param name="Threads">Threads, the caller included; null for GEMMAVK_THREADS, or else one per physical core.</param>
/// <param name="Instructions">SIMD variant; null for the best the processor has.</param>
/// <param name="MemoryBytes">Bytes that buffers may take in all; null for what the system says.</param>
/// <param name="MachineCode">Whether products may run in machine code where there is some; null for what GEMMAVK_MACHINE_CODE says, or else true.</param>
public sealed record CpuOptions(int? Threads = null, InstructionSet? Instructions = null, long? MemoryBytes = null, bool? MachineCode = null)
{
    /// <summary>Take the time of every kernel. Default: GEMMAVK_TIMINGS is 1.</summary>
    public bool Timing { get; init; } = OnOffVariable.IsOn("GEMMAVK_TIMINGS");

    /// <summary>Where microkernels come from: those of a path, or why there are none.</summary>
    internal Func<CodePath, (ProductCode? Code, string? Refusal)> CodeSource { get; init; } = ProductCode.Of;

    /// <summary>What memory there is now.</summary>
    internal Func<MachineMemory> Machine { get; init; } = MachineMemory.Read;
}
