namespace GemmaVk.Cpu.MachineCode.Arm;

// Letters: C = 4 groups of 32 columns of a block, g one of them.

/// <summary>
/// Two weight rows times pairs of packed rows for Arm's I8MM: one instruction gives the four dots of 8 columns, so that a group's dots stand in one register
/// and lanes of <see cref="NeonDotKernel"/> become registers here. Each result is added up in the same order.
/// <code>
/// packed:  activations [C, 4, 2 rows, 8] INT8
///          units       [C, 2, 2 rows] F32
/// sums:    [pairs of rows, C, 2 weight rows, 2 rows] F32
/// </code>
/// Registers: v0 to 7 and 16 to 23 weights, 24 to 27 scales, 28 to 31 what comes and goes. General ones as there.
/// </summary>
internal static class NeonMatrixKernel
{
    /// <summary>Bytes of a packed pair of rows of one block.</summary>
    public const int PairBytes = 320;

    private const int C = NeonDotKernel.C;
    private const int Line = 16;
    private const int UnitsAt = 256;

    /// <summary>Writes the function behind what is there.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="nibbles">Q4 weights, else Q8.</param>
    /// <param name="halfs">F16 scales, else BF16.</param>
    /// <returns>Where it begins.</returns>
    public static int Write(ArmAssembler code, bool nibbles, bool halfs)
    {
        code.Align(64);
        int start = code.Length, blockBytes = C * (nibbles ? 16 : 32);
        Label block = new(), pair = new();
        NeonDotKernel.Enter(code);
        code.LsrOne(new X(9), new X(9));
        code.Place(block);
        NeonDotKernel.Prefetch(code, blockBytes);
        for (int g = 0; g < C; g++)
        {
            Weights(code, g, nibbles);
        }

        Scales(code, halfs);
        code.Mov(new X(10), new X(6));
        code.Mov(new X(11), new X(9));
        code.Place(pair);
        for (int g = 0; g < C; g++)
        {
            Group(code, g);
        }

        code.Add(new X(5), new X(5), PairBytes);
        code.Add(new X(10), new X(10), C * Line);
        code.Subs(new X(11), new X(11), 1);
        code.Bne(pair);
        NeonDotKernel.Leave(code, blockBytes, block);
        return start;
    }

    /// <summary>Columns 8i to 8i + 7 of a group, of the first weight row and of the second.</summary>
    private static V Weights(int g, int i) => new((g < 2 ? 0 : 8) + (g * 4) + i);

    /// <summary>One group of both weight rows. Of nibbles the low halves are the even columns, the high halves the odd ones.</summary>
    private static void Weights(ArmAssembler code, int g, bool nibbles)
    {
        X first = new(1), next = new(3);
        V a = new(28), b = new(29), passing = new(30), eight = new(31);
        if (!nibbles)
        {
            for (int half = 0; half < 2; half++)
            {
                code.Ldr(a, first, ((2 * g) + half) * Line);
                code.Ldr(b, next, ((2 * g) + half) * Line);
                code.Zip1Halves(Weights(g, 2 * half), a, b);
                code.Zip2Halves(Weights(g, (2 * half) + 1), a, b);
            }

            return;
        }

        code.Ldr(a, first, g * Line);
        code.Ldr(b, next, g * Line);
        code.Movi(eight, 8);
        code.Zip1Halves(Weights(g, 0), a, b);
        code.Zip2Halves(Weights(g, 1), a, b);
        code.Movi(passing, 15);
        for (int i = 0; i < 2; i++)
        {
            code.UshrFour(Weights(g, 2 + i), Weights(g, i));
            code.And(Weights(g, i), Weights(g, i), passing);
            code.Sub(Weights(g, 2 + i), Weights(g, 2 + i), eight);
            code.Sub(Weights(g, i), Weights(g, i), eight);
        }
    }

    /// <summary>Of each group the first row's scale twice, then the second row's.</summary>
    private static void Scales(ArmAssembler code, bool halfs)
    {
        V first = new(28), next = new(29), low = new(30), high = new(31);
        NeonDotKernel.Scales(code, first, new X(2), halfs);
        NeonDotKernel.Scales(code, next, new X(4), halfs);
        code.Zip1Words(low, first, next);
        code.Zip2Words(high, first, next);
        code.Zip1Words(new V(24), low, low);
        code.Zip2Words(new V(25), low, low);
        code.Zip1Words(new V(26), high, high);
        code.Zip2Words(new V(27), high, high);
    }

    private static void Group(ArmAssembler code, int g)
    {
        V dots = new(28), x = new(29), sums = new(30), factors = new(31);
        code.Movi(dots, 0);
        for (int i = 0; i < 4; i++)
        {
            code.Ldr(x, new X(5), ((4 * g) + i) * Line);
            code.Smmla(dots, Weights(g, i), x);
        }

        code.Scvtf(dots, dots);
        code.Ldr(factors, new X(5), UnitsAt + (g * Line));
        code.Fmul(factors, new V(24 + g), factors);
        code.Ldr(sums, new X(10), g * Line);
        code.Fmla(sums, dots, factors);
        code.Str(sums, new X(10), g * Line);
    }
}
