using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using GemmaVk.Cpu.Simd;

namespace GemmaVk.Cpu.MachineCode;

/// <summary>
/// What processor and system offer of the instructions that <see cref="CodePath"/> names. The runtime knows few of them, so the processor is asked
/// itself. Sources: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, CPUID; Linux, Documentation/arch/x86/xstate.rst
/// and Documentation/arch/arm64/elf_hwcaps.rst.
/// </summary>
internal static partial class CodeSupport
{
    // Of leaf 7, by subleaf and register.
    private const int Leaf = 7;
    private const int Avx512VnniBit = 11;
    private const int AmxTileBit = 24, AmxInt8Bit = 25;
    private const int AvxVnniBit = 4, AvxVnniInt8Bit = 4;

    private const int SystemCall = 158;
    private const int RequestPermission = 0x1023;
    private const int TileData = 18;

    private const int HardwareCapabilities2 = 26;
    private const int I8mmBit = 13;

    /// <summary>Why a path cannot run here, or null where it can. For AMX the system is asked for its permission.</summary>
    public static string? Obstacle(CodePath path) => path switch
    {
        CodePath.Avx512Vnni => HasAvx512Vnni ? null : "this processor has no AVX512-VNNI",
        CodePath.Amx => AmxObstacle(HasAvx512Vnni && Bit(X86Base.CpuId(Leaf, 0).Edx, AmxTileBit) && Bit(X86Base.CpuId(Leaf, 0).Edx, AmxInt8Bit), AskForTiles),
        CodePath.AvxVnni => Lanes256.IsSupported && HasSubleaf && Bit(X86Base.CpuId(Leaf, 1).Eax, AvxVnniBit) ? null : "this processor has no AVX-VNNI",
        CodePath.AvxVnniInt8 => Lanes256.IsSupported && HasSubleaf && Bit(X86Base.CpuId(Leaf, 1).Edx, AvxVnniInt8Bit) ? null : "this processor has no AVX-VNNI-INT8",
        CodePath.DotProd => Dp.IsSupported ? ArmObstacle : "this processor has no dot product instructions",
        _ => !Dp.IsSupported || !OperatingSystem.IsLinux() || !Bit((int)Capabilities(HardwareCapabilities2), I8mmBit)
            ? "this processor has no I8MM"
            : ArmObstacle,
    };

    /// <summary>The same for AMX, of what was found and what the system answers.</summary>
    /// <param name="present">Whether the processor has it.</param>
    /// <param name="ask">Asks for permission: what the system said against it, or null.</param>
    public static string? AmxObstacle(bool present, Func<string?> ask) =>
        !present ? "this processor has no AMX-INT8"
        : ask() is { } refusal ? $"the system does not give permission to use AMX tiles: {refusal}"
        : null;

    private static bool HasAvx512Vnni => Lanes512.IsSupported && Bit(X86Base.CpuId(Leaf, 0).Ecx, Avx512VnniBit);

    private static bool HasSubleaf => X86Base.CpuId(Leaf, 0).Eax >= 1;

    private static string? ArmObstacle => OperatingSystem.IsLinux() ? null : "on Arm there is machine code for Linux only";

    private static bool Bit(int register, int bit) => (register >> bit & 1) != 0;

    private static string? AskForTiles()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "it is asked of Linux only";
        }

        return Call(SystemCall, RequestPermission, TileData) == 0
            ? null
            : $"arch_prctl failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}";
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint first, nint second);

    [LibraryImport("libc", EntryPoint = "getauxval")]
    private static partial nuint Capabilities(nuint type);
}
