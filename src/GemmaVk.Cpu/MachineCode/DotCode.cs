using System;
using System.Runtime.Intrinsics.X86;
using GemmaVk.Cpu.Simd;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.MachineCode;

/// <summary>
/// Whether the microkernels run in this process, and where they are. The runtime knows no AVX512_VNNI, so the processor is asked
/// itself; all else that the code needs is what <see cref="Lanes512"/> needs.
/// </summary>
internal static unsafe class DotCode
{
    /// <summary>"off" leaves the products to the runtime's own instructions.</summary>
    public const string Variable = "GEMMAVK_MACHINE_CODE";

    // Leaf 7: bit 11 of ECX.
    private const int Leaf = 7;
    private const int VnniBit = 11;

    private static readonly Lazy<string?> Refused = new(Make);
    private static readonly nint[] NibbleFunctions = new nint[DotKernel.MostRows + 1];
    private static readonly nint[] ByteFunctions = new nint[DotKernel.MostRows + 1];

    /// <summary>Whether the processor has the instruction.</summary>
    public static bool IsSupported => Lanes512.IsSupported && (X86Base.CpuId(Leaf, 0).Ecx >> VnniBit & 1) != 0;

    /// <summary>Why the code does not run, or null where it does: the functions are there then.</summary>
    public static string? Refusal => Refused.Value;

    /// <summary>Whether the user turned it off.</summary>
    /// <exception cref="GemmaVkException">The variable says neither on nor off.</exception>
    public static bool IsOff => Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" or "on" => false,
        "off" => true,
        string other => throw new GemmaVkException($"{Variable}: expected on or off, but it is '{other}'; unset it for on"),
    };

    /// <summary>The function for Q4 weights and so many rows.</summary>
    public static delegate* unmanaged[SuppressGCTransition]<DotArguments*, void> Nibbles(int rows) =>
        (delegate* unmanaged[SuppressGCTransition]<DotArguments*, void>)NibbleFunctions[rows];

    /// <summary>The function for Q8 weights and so many rows.</summary>
    public static delegate* unmanaged[SuppressGCTransition]<DotArguments*, void> SignedBytes(int rows) =>
        (delegate* unmanaged[SuppressGCTransition]<DotArguments*, void>)ByteFunctions[rows];

    private static string? Make()
    {
        if (!IsSupported)
        {
            return "this processor has no AVX512-VNNI";
        }

        Assembler assembler = new();
        for (int rows = 1; rows <= DotKernel.MostRows; rows++)
        {
            NibbleFunctions[rows] = DotKernel.Write(assembler, rows, nibbles: true, OperatingSystem.IsWindows());
            ByteFunctions[rows] = DotKernel.Write(assembler, rows, nibbles: false, OperatingSystem.IsWindows());
        }

        byte* code = ExecutableMemory.Hold(assembler.ToArray(), out string? refusal);
        for (int rows = 1; rows <= DotKernel.MostRows; rows++)
        {
            NibbleFunctions[rows] += (nint)code;
            ByteFunctions[rows] += (nint)code;
        }

        return refusal;
    }
}
