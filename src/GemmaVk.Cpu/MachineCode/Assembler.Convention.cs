namespace GemmaVk.Cpu.MachineCode;

/// <summary>What a function owes its caller: on Windows the low halves of vector registers 6 to 15 are the caller's.</summary>
internal sealed partial class Assembler
{
    private const int FirstKept = 6, Kept = 10, KeptBytes = 16;

    /// <summary>Keeps them, below the stack's end.</summary>
    public void Save(bool windows)
    {
        if (!windows)
        {
            return;
        }

        Sub(Register.Rsp, Kept * KeptBytes);
        for (int i = 0; i < Kept; i++)
        {
            VmovupsLow(new Memory(Register.Rsp, KeptBytes * i), new Zmm(FirstKept + i));
        }
    }

    /// <summary>Gives them back.</summary>
    public void Restore(bool windows)
    {
        if (!windows)
        {
            return;
        }

        for (int i = 0; i < Kept; i++)
        {
            VmovupsLow(new Zmm(FirstKept + i), new Memory(Register.Rsp, KeptBytes * i));
        }

        Add(Register.Rsp, Kept * KeptBytes);
    }
}
