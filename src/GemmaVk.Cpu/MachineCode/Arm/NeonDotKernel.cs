using System;

namespace GemmaVk.Cpu.MachineCode.Arm;

// Letters: C = 4 groups of 32 columns of a block.

/// <summary>
/// <see cref="DotKernel"/> for Arm's dot products: vectors of 128 bits, signed weights without an offset.
/// <code>
/// packed:  activations [8, 4C] INT8
///          (not read)  [C] INT32
///          units       [C] F32
/// </code>
/// Registers: v0 to 7 and v16 to 23 weights, 24 and 25 their scales, 26 to 31 what comes and goes; 8 to 15 belong to the caller. x1 and x3 weights,
/// x2 and x4 scales, x5 packed rows, x6 the first sums, x7 weights ahead, x8 blocks, x9 rows, x10 sums, x11 rows left, x12 scales ahead.
/// </summary>
internal sealed class NeonDotKernel
{
    /// <summary>Groups of a block.</summary>
    public const int C = 4;

    private const int Line = 16;
    private const int CacheLine = 64;
    private const int UnitsAt = 144;
    private const int PackedBytes = 160;

    private readonly ArmAssembler _code;
    private readonly bool _nibbles;
    private readonly bool _halfs;

    private NeonDotKernel(ArmAssembler code, bool nibbles, bool halfs) => (_code, _nibbles, _halfs) = (code, nibbles, halfs);

    private int BlockBytes => C * (_nibbles ? 16 : 32);

    /// <summary>Writes the function behind what is there.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="nibbles">Q4 weights, else Q8.</param>
    /// <param name="halfs">F16 scales, else BF16.</param>
    /// <returns>Where it begins.</returns>
    public static int Write(ArmAssembler code, bool nibbles, bool halfs)
    {
        code.Align(CacheLine);
        int start = code.Length;
        new NeonDotKernel(code, nibbles, halfs).Write();
        return start;
    }

    /// <summary>Fetches what the arguments say, for every kernel of Arm.</summary>
    public static void Enter(ArmAssembler code)
    {
        foreach ((int register, int at) in new[] { (1, 0), (2, 8), (3, 16), (4, 24), (5, 32), (6, 40), (7, 48), (8, 56), (9, 64), (12, 72) })
        {
            code.Ldr(new X(register), new X(0), at);
        }
    }

    /// <summary>Asks for as much memory ahead as a block of both weight rows has.</summary>
    public static void Prefetch(ArmAssembler code, int blockBytes)
    {
        for (int line = 0; line < 2 * blockBytes; line += CacheLine)
        {
            code.Prfm(new X(7), line);
        }

        code.Prfm(new X(12), 0);
        code.Add(new X(7), new X(7), 2 * blockBytes);
        code.Add(new X(12), new X(12), 2 * C * sizeof(ushort));
    }

    /// <summary>To the next block, or the end.</summary>
    public static void Leave(ArmAssembler code, int blockBytes, Label block)
    {
        code.Add(new X(1), new X(1), blockBytes);
        code.Add(new X(3), new X(3), blockBytes);
        code.Add(new X(2), new X(2), C * sizeof(ushort));
        code.Add(new X(4), new X(4), C * sizeof(ushort));
        code.Subs(new X(8), new X(8), 1);
        code.Bne(block);
        code.Ret();
    }

    /// <summary>Four scales as floats.</summary>
    public static void Scales(ArmAssembler code, V to, X from, bool halfs)
    {
        code.LdrLow(to, from, 0);
        if (halfs)
        {
            code.Fcvtl(to, to);
        }
        else
        {
            code.ShllSixteen(to, to);
        }
    }

    private static V Weights(int row, int i) => new((16 * row) + i);

    private static V Passing(int i) => new(26 + i);

    private void Write()
    {
        Enter(_code);
        Label block = new(), packed = new();
        _code.Place(block);
        Prefetch(_code, BlockBytes);
        for (int row = 0; row < 2; row++)
        {
            X weights = new(row == 0 ? 1 : 3);
            if (_nibbles)
            {
                Nibbles(row, weights);
            }
            else
            {
                SignedBytes(row, weights);
            }

            Scales(_code, new V(24 + row), new X(row == 0 ? 2 : 4), _halfs);
        }

        _code.Mov(new X(10), new X(6));
        _code.Mov(new X(11), new X(9));
        _code.Place(packed);
        Row();
        _code.Add(new X(5), new X(5), PackedBytes);
        _code.Add(new X(10), new X(10), 2 * Line);
        _code.Subs(new X(11), new X(11), 1);
        _code.Bne(packed);
        Leave(_code, BlockBytes, block);
    }

    /// <summary>64 bytes: low halves are the even columns, high halves the odd ones, each 8 too large.</summary>
    private void Nibbles(int row, X weights)
    {
        for (int i = 0; i < 4; i++)
        {
            _code.Ldr(Weights(row, i), weights, i * Line);
        }

        Transpose(row, 0);
        V mask = Passing(4), eight = Passing(5);
        _code.Movi(mask, 15);
        _code.Movi(eight, 8);
        for (int i = 0; i < 4; i++)
        {
            _code.UshrFour(Weights(row, 4 + i), Weights(row, i));
            _code.And(Weights(row, i), Weights(row, i), mask);
            _code.Sub(Weights(row, 4 + i), Weights(row, 4 + i), eight);
            _code.Sub(Weights(row, i), Weights(row, i), eight);
        }
    }

    /// <summary>128 bytes: first halves of the groups, then second halves.</summary>
    private void SignedBytes(int row, X weights)
    {
        for (int i = 0; i < 4; i++)
        {
            _code.Ldr(Weights(row, i), weights, i * 2 * Line);
            _code.Ldr(Weights(row, 4 + i), weights, ((i * 2) + 1) * Line);
        }

        Transpose(row, 0);
        Transpose(row, 4);
    }

    /// <summary>Gives each group a lane of its own in four registers.</summary>
    private void Transpose(int row, int from)
    {
        V a = Weights(row, from), b = Weights(row, from + 1), c = Weights(row, from + 2), d = Weights(row, from + 3);
        _code.Zip1Words(Passing(0), a, b);
        _code.Zip1Words(Passing(1), c, d);
        _code.Zip2Words(Passing(2), a, b);
        _code.Zip2Words(Passing(3), c, d);
        _code.Zip1Halves(a, Passing(0), Passing(1));
        _code.Zip2Halves(b, Passing(0), Passing(1));
        _code.Zip1Halves(c, Passing(2), Passing(3));
        _code.Zip2Halves(d, Passing(2), Passing(3));
    }

    /// <summary>A packed row with both weight rows.</summary>
    private void Row()
    {
        V first = Passing(0), next = Passing(1), factors = Passing(2), sums = Passing(3);
        _code.Movi(first, 0);
        _code.Movi(next, 0);
        for (int i = 0; i < 8; i++)
        {
            V x = Passing(4 + (i % 2));
            // Of nibbles even and odd columns take turns.
            int met = _nibbles ? (i / 2) + (i % 2 * 4) : i;
            _code.Ldr(x, new X(5), i * Line);
            _code.Sdot(first, Weights(0, met), x);
            _code.Sdot(next, Weights(1, met), x);
        }

        V units = Passing(4);
        _code.Ldr(units, new X(5), UnitsAt);
        for (int row = 0; row < 2; row++)
        {
            V dots = row == 0 ? first : next;
            _code.Scvtf(dots, dots);
            _code.Fmul(factors, new V(24 + row), units);
            _code.Ldr(sums, new X(10), row * Line);
            _code.Fmla(sums, dots, factors);
            _code.Str(sums, new X(10), row * Line);
        }
    }
}
