namespace GemmaVk.Cpu.MachineCode.Attention;

// Letters: j position of the eight, g query head.

/// <summary>
/// Dots of eight keys of 15 bits and a sign with sixteen queries of up to as many, for AVX512_VNNI: a lane is a head, and a loaded query meets all eight keys, of which
/// two columns fill a lane.
/// <code>
/// score[j, g] += unit[g] * sum over groups of scale[j] * sum over 32 columns of query[g] * key[j]
/// queries of a group:  [16] of [16 heads, 2 columns] INT16; the sum of their 32 magnitudes is below 2^16 for each head, so that a dot is exact
/// </code>
/// Registers: zmm0 to 7 sums, 8 to 15 dots, 24 and 25 queries. r8 keys, r9 queries, r10 scales, r11 units, rax scores, rcx groups.
/// </summary>
internal static class WordScoreKernel
{
    /// <summary>Bytes from key to key: no multiple of a power of two, so that rows share few sets of the cache.</summary>
    public const int KeyStride = 1088;

    /// <summary>Bytes of a group's queries.</summary>
    public const int QueryBytes = Steps * Line;

    private const int Line = 64;
    private const int Steps = 16;

    /// <summary>Writes the function behind what is there.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="windows">Which calling convention.</param>
    /// <returns>Where it begins.</returns>
    public static int Write(Assembler code, bool windows)
    {
        code.Align(Line);
        int start = code.Length;
        code.Save(windows);
        Register arguments = windows ? Register.Rcx : Register.Rdi;
        code.Mov(Register.R8, new Memory(arguments));
        code.Mov(Register.R9, new Memory(arguments, 8));
        code.Mov(Register.R10, new Memory(arguments, 16));
        code.Mov(Register.R11, new Memory(arguments, 24));
        code.Mov(Register.Rax, new Memory(arguments, 32));
        code.Mov(Register.Rcx, new Memory(arguments, 40));
        for (int j = 0; j < ScoreKernel.Positions; j++)
        {
            code.Vpxord(Sum(j), Sum(j), Sum(j));
        }

        Label group = new();
        code.Place(group);
        Group(code);
        code.Add(Register.R8, Steps * sizeof(int));
        code.Add(Register.R9, QueryBytes);
        code.Dec(Register.Rcx);
        code.Jnz(group);
        Zmm units = new(24);
        code.Vmovups(units, new Memory(Register.R11));
        for (int j = 0; j < ScoreKernel.Positions; j++)
        {
            code.Vfmadd213ps(Sum(j), units, new Memory(Register.Rax, j * Line));
            code.Vmovups(new Memory(Register.Rax, j * Line), Sum(j));
        }

        code.Restore(windows);
        code.Vzeroupper();
        code.Ret();
        return start;
    }

    private static Zmm Sum(int j) => new(j);

    private static Zmm Dot(int j) => new(8 + j);

    private static void Group(Assembler code)
    {
        for (int j = 0; j < ScoreKernel.Positions; j++)
        {
            code.Vpxord(Dot(j), Dot(j), Dot(j));
        }

        for (int i = 0; i < Steps; i++)
        {
            Zmm query = new(24 + (i % 2));
            code.Vmovups(query, new Memory(Register.R9, i * Line));
            for (int j = 0; j < ScoreKernel.Positions; j++)
            {
                code.VpdpwssdOne(Dot(j), query, new Memory(Register.R8, (j * KeyStride) + (i * sizeof(int))));
            }
        }

        for (int j = 0; j < ScoreKernel.Positions; j++)
        {
            code.Vcvtdq2ps(Dot(j), Dot(j));
            code.Vfmadd231psOne(Sum(j), Dot(j), new Memory(Register.R10, j * sizeof(float)));
        }
    }
}
