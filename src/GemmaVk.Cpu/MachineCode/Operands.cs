namespace GemmaVk.Cpu.MachineCode;

/// <summary>General registers, by their numbers in machine code.</summary>
internal enum Register
{
    Rax,
    Rcx,
    Rdx,
    Rbx,
    Rsp,
    Rbp,
    Rsi,
    Rdi,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
}

/// <summary>One of 32 vector registers of 512 bits.</summary>
internal readonly record struct Zmm(int Number);

/// <summary>One of 16 vector registers of 256 bits.</summary>
internal readonly record struct Ymm(int Number);

/// <summary>One of 8 tile registers of 16 rows of 64 bytes.</summary>
internal readonly record struct Tmm(int Number);

/// <summary>A place in the code.</summary>
internal sealed class Label
{
    /// <summary>Bytes from the beginning, once it is known.</summary>
    public int? Place { get; set; }
}

/// <summary>Memory at a register, another one added, and so many bytes behind it; or at a label.</summary>
internal readonly record struct Memory(Register Base, int Displacement = 0, Label? Label = null, Register? Index = null)
{
    public static Memory At(Label label) => new(Register.Rax, 0, label);
}
