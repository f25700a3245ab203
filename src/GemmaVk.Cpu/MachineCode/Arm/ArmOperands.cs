namespace GemmaVk.Cpu.MachineCode.Arm;

/// <summary>One of Arm's general registers of 64 bits.</summary>
internal readonly record struct X(int Number);

/// <summary>One of Arm's 32 vector registers of 128 bits.</summary>
internal readonly record struct V(int Number);
