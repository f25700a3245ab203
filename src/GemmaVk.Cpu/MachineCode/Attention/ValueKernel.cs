namespace GemmaVk.Cpu.MachineCode.Attention;

// Letters: g query head.

/// <summary>
/// Weighted sums of a group of 32 columns of values for sixteen heads, in whole numbers, for AVX512_VNNI: a lane is a column, and a dot takes two positions.
/// <code>
/// sums[g, w] = sums[g, w] * decay[g] + unit[g] * sum over positions of weight[g] * value[w]
/// </code>
/// Registers: zmm0 to 15 dots of eight heads, 16 and 17 values, 18 to 21 weights; in the end 16 and 17 sums.
/// rdx arguments, r8 values and then the stride, r9 weights, rcx pairs, r10 memory ahead and then decay, r11 units, rax sums.
/// </summary>
internal static class ValueKernel
{
    /// <summary>Pairs of positions that one call takes at most.</summary>
    public const int MostPairs = 32;

    /// <summary>Bytes from pair to pair: rows of up to 512 columns, and a line more, so that pairs share few sets of the cache.</summary>
    public const int PairStride = 1088;

    /// <summary>The same of words.</summary>
    public const int WordPairStride = 2112;

    private const int Line = 64;
    private const int Half = 32;
    private const int Heads = 8;

    /// <summary>Writes the function behind what is there.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="windows">Which calling convention.</param>
    /// <param name="words">Values have 16 bits, else 8.</param>
    /// <returns>Where it begins.</returns>
    public static int Write(Assembler code, bool windows, bool words)
    {
        code.Align(Line);
        int start = code.Length;
        code.Save(windows);
        code.Mov(Register.Rdx, windows ? Register.Rcx : Register.Rdi);
        code.Mov(Register.Rax, new Memory(Register.Rdx, 32));
        for (int first = 0; first < AttentionCode.Heads; first += Heads)
        {
            Dots(code, first, first == 0 ? 56 : 64, words);
            Put(code, first);
        }

        code.Restore(windows);
        code.Vzeroupper();
        code.Ret();
        return start;
    }

    private static Zmm Dot(int g, int half) => new((2 * g) + half);

    private static void Dots(Assembler code, int first, int ahead, bool words)
    {
        code.Mov(Register.R8, new Memory(Register.Rdx));
        code.Mov(Register.R9, new Memory(Register.Rdx, 8));
        code.Mov(Register.Rcx, new Memory(Register.Rdx, 48));
        code.Mov(Register.R10, new Memory(Register.Rdx, ahead));
        for (int i = 0; i < 2 * Heads; i++)
        {
            code.Vpxord(new Zmm(i), new Zmm(i), new Zmm(i));
        }

        Label pair = new();
        Zmm low = new(16), high = new(17);
        code.Place(pair);
        if (words)
        {
            code.Vmovups(low, new Memory(Register.R8));
            code.Vmovups(high, new Memory(Register.R8, Line));
        }
        else
        {
            code.Vpmovsxbw(low, new Memory(Register.R8));
            code.Vpmovsxbw(high, new Memory(Register.R8, Half));
        }

        for (int g = 0; g < Heads; g++)
        {
            Zmm weight = new(18 + (g % 4));
            code.Vpbroadcastd(weight, new Memory(Register.R9, (first + g) * sizeof(int)));
            code.Vpdpwssd(Dot(g, 0), low, weight);
            code.Vpdpwssd(Dot(g, 1), high, weight);
        }

        code.Prefetcht1(new Memory(Register.R10));
        code.Add(Register.R8, words ? WordPairStride : PairStride);
        code.Add(Register.R9, Line);
        code.Add(Register.R10, Line);
        code.Dec(Register.Rcx);
        code.Jnz(pair);
    }

    private static void Put(Assembler code, int first)
    {
        code.Mov(Register.R10, new Memory(Register.Rdx, 16));
        code.Mov(Register.R11, new Memory(Register.Rdx, 24));
        code.Mov(Register.R8, new Memory(Register.Rdx, 40));
        for (int g = 0; g < Heads; g++)
        {
            int at = (first + g) * sizeof(float);
            Zmm decay = new(18);
            code.Vpbroadcastd(decay, new Memory(Register.R10, at));
            for (int half = 0; half < 2; half++)
            {
                Zmm sums = new(16 + half);
                code.Vmulps(sums, decay, new Memory(Register.Rax, half * Line));
                code.Vcvtdq2ps(Dot(g, half), Dot(g, half));
                code.Vfmadd231psOne(sums, Dot(g, half), new Memory(Register.R11, at));
                code.Vmovups(new Memory(Register.Rax, half * Line), sums);
            }

            code.Add(Register.Rax, Register.R8);
        }
    }
}
