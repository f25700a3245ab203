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
    private const int Avx512FBit = 16, Avx512DQBit = 17, Avx512BWBit = 30, Avx512VLBit = 31;
    private const int AmxTileBit = 24, AmxInt8Bit = 25;
    private const int AvxVnniBit = 4, AvxVnniInt8Bit = 4;

    // Of leaf 1: the system keeps more than the oldest registers, and says which in XCR0: here those of SSE, of AVX, masks, and both parts of AVX-512.
    private const int OsXsaveBit = 27;
    private const uint WideState = 0xE6;

    private const int SystemCall = 158;
    private const int RequestPermission = 0x1023;
    private const int TileData = 18;

    private const int HardwareCapabilities2 = 26;
    private const int I8mmBit = 13;

    /// <summary>
    /// AVX-512 for a program that was compiled without, or whose runtime hides it: processor and system are asked. Source: the same manual, volume 1,
    /// "Detection of AVX-512 Foundation Instructions".
    /// </summary>
    private static readonly Lazy<bool> HasAvx512 = new(() =>
    {
        int features = X86Base.CpuId(Leaf, 0).Ebx;
        return Bit(features, Avx512FBit) && Bit(features, Avx512DQBit) && Bit(features, Avx512BWBit) && Bit(features, Avx512VLBit)
            && Bit(X86Base.CpuId(1, 0).Ecx, OsXsaveBit) && (StateKernel.Kept() & WideState) == WideState;
    });

    /// <summary>Why a path cannot run here, or null where it can. For AMX the system is asked for its permission.</summary>
    public static string? Obstacle(CodePath path) => path switch
    {
        CodePath.Avx512Vnni => HasAvx512Vnni ? null : "this processor has no AVX512-VNNI",
        CodePath.Amx => AmxObstacle(Lanes512.IsSupported && HasAvx512Vnni && Bit(X86Base.CpuId(Leaf, 0).Edx, AmxTileBit) && Bit(X86Base.CpuId(Leaf, 0).Edx, AmxInt8Bit), AskForTiles),
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

    private static bool HasAvx512Vnni => Lanes256.IsSupported && Bit(X86Base.CpuId(Leaf, 0).Ecx, Avx512VnniBit) && (Lanes512.IsSupported || HasAvx512.Value);

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
