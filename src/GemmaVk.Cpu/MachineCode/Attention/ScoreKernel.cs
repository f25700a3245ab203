using System;

namespace GemmaVk.Cpu.MachineCode.Attention;

// Letters: j position of the eight, g query head.

/// <summary>
/// Dots of eight keys with sixteen queries in whole numbers, for AVX512_VNNI: a lane is a head. Queries have 16 bits, as a high and a low signed byte; a loaded
/// query meets all eight keys, of which four columns fill a lane.
/// <code>
/// score[j, g] += unit[g] * sum over groups of scale[j, group] * sum over 32 columns of query[g] * key[j]
/// queries of a group:  [8] of high bytes [16 heads, 4 columns], low bytes [16 heads, 4 columns]
///                      -128 * the sum of the group's 32 queries [16 heads] INT32, for the 128 that was added to keys
/// </code>
/// Dots are exact: 32 products of a signed byte with 255 at most are below 2^21, and 2^8 times that below 2^29.
/// Registers: zmm0 to 7 sums, 8 to 15 dots of high bytes, 16 to 23 of low bytes, 24 and 25 queries, 26 and 27 keys.
/// r8 keys, r9 queries, r10 scales, r11 units, rax scores, rcx groups.
/// </summary>
internal static class ScoreKernel
{
    /// <summary>Positions that one call takes.</summary>
    public const int Positions = 8;

    /// <summary>Bytes from key to key: no multiple of a power of two, so that rows share few sets of the cache.</summary>
    public const int KeyStride = 576;

    /// <summary>Bytes of a group's queries.</summary>
    public const int QueryBytes = StartAt + Line;

    /// <summary>Where, among them, what the sum begins with lies.</summary>
    public const int StartAt = Steps * 2 * Line;

    private const int Line = 64;
    private const int Steps = 8;

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
        for (int j = 0; j < Positions; j++)
        {
            code.Vpxord(Sum(j), Sum(j), Sum(j));
        }

        Label group = new();
        code.Place(group);
        Group(code);
        code.Add(Register.R8, 4 * Steps);
        code.Add(Register.R9, QueryBytes);
        code.Add(Register.R10, sizeof(float));
        code.Dec(Register.Rcx);
        code.Jnz(group);
        Zmm units = new(24);
        code.Vmovups(units, new Memory(Register.R11));
        for (int j = 0; j < Positions; j++)
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

    private static Zmm High(int j) => new(8 + j);

    private static Zmm Low(int j) => new(16 + j);

    private static void Group(Assembler code)
    {
        code.Vmovups(Low(0), new Memory(Register.R9, StartAt));
        for (int j = 0; j < Positions; j++)
        {
            code.Vpxord(High(j), High(j), High(j));
            if (j > 0)
            {
                code.Vmovups(Low(j), Low(0));
            }
        }

        Zmm high = new(24), low = new(25);
        for (int i = 0; i < Steps; i++)
        {
            code.Vmovups(high, new Memory(Register.R9, i * 2 * Line));
            code.Vmovups(low, new Memory(Register.R9, ((i * 2) + 1) * Line));
            for (int j = 0; j < Positions; j++)
            {
                Zmm key = new(26 + (j % 2));
                code.Vpbroadcastd(key, new Memory(Register.R8, (j * KeyStride) + (4 * i)));
                code.Vpdpbusd(High(j), key, high);
                code.Vpdpbusd(Low(j), key, low);
            }
        }

        for (int j = 0; j < Positions; j++)
        {
            code.Vpslld(High(j), High(j), 8);
            code.Vpaddd(Low(j), Low(j), High(j));
            code.Vcvtdq2ps(Low(j), Low(j));
            code.Vfmadd231psOne(Sum(j), Low(j), new Memory(Register.R10, j * Line));
        }
    }
}
