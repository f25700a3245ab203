using System;

namespace GemmaVk.Cpu.MachineCode;

/// <summary>Reads XCR0, in which the system says whose registers it keeps when threads take turns: the runtime offers no instruction for it.</summary>
internal static unsafe class StateKernel
{
    /// <summary>Writes the function behind what is there: its argument is where 32 bits go.</summary>
    /// <returns>Where it begins.</returns>
    public static int Write(Assembler code, bool windows)
    {
        int start = code.Length;
        code.Mov(Register.R8, windows ? Register.Rcx : Register.Rdi);
        code.Mov(Register.Rcx, 0);
        code.Xgetbv();
        code.MovLow(new Memory(Register.R8), Register.Rax);
        code.Ret();
        return start;
    }

    /// <summary>The low half of XCR0; 0 where the system allows no executable pages. Only where CPUID says that the instruction is there.</summary>
    public static uint Kept()
    {
        Assembler code = new();
        int start = Write(code, OperatingSystem.IsWindows());
        byte* place = ExecutableMemory.Hold(code.ToArray(), out _);
        uint kept = 0;
        if (place is not null)
        {
            new Microkernel((nint)place + start).Run(&kept);
        }

        return kept;
    }
}
