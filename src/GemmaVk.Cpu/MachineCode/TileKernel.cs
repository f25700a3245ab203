using System;
using System.Buffers.Binary;

namespace GemmaVk.Cpu.MachineCode;

// Letters: r row of x.

/// <summary>
/// 16 weight rows times 16 rows of x for AMX-INT8. A tile instruction gives all 256 dots of a group, which are scaled and added with AVX-512. Lanes of
/// <see cref="DotKernel"/> become turns here: all blocks of one lane, then those of the next, so that 16 registers hold the sums and each is
/// added up in the same order.
/// </summary>
internal sealed class TileKernel
{
    /// <summary>Rows of x, and of weights.</summary>
    public const int Rows = 16;

    /// <summary>Lanes of a block.</summary>
    public const int Lanes = 16;

    /// <summary>Bytes of a group of either side.</summary>
    public const int GroupBytes = 512;

    private const int Line = 64;
    private const int Half = 32;

    private static readonly Register[] Kept = [Register.Rbx, Register.R12, Register.R13, Register.R14];
    private static readonly Tmm Dots = new(0), Activations = new(1), Weights = new(2);
    private static readonly Zmm Scales = new(0), Floats = new(1), Factors = new(2);

    /// <summary>Writes the function behind what is there.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="windows">Which calling convention.</param>
    /// <returns>Where it begins.</returns>
    public static int Write(Assembler code, bool windows)
    {
        code.Align(Line);
        int start = code.Length;
        Label shapes = new(), lane = new(), block = new();
        foreach (Register register in Kept)
        {
            code.Push(register);
        }

        Register arguments = windows ? Register.Rcx : Register.Rdi;
        code.Mov(Register.R8, new Memory(arguments));
        code.Mov(Register.R9, new Memory(arguments, 8));
        code.Mov(Register.R10, new Memory(arguments, 16));
        code.Mov(Register.R11, new Memory(arguments, 24));
        code.Mov(Register.Rdx, new Memory(arguments, 32));
        code.Mov(Register.Rbx, new Memory(arguments, 48));
        code.Mov(Register.Rcx, new Memory(arguments, 40));
        code.Mov(Register.Rax, Line);
        code.Mov(Register.R12, Half);
        code.Mov(Register.R13, Lanes);
        code.Ldtilecfg(Memory.At(shapes));
        code.Place(lane);
        for (int r = 0; r < Rows; r++)
        {
            code.Vpxord(Sum(r), Sum(r), Sum(r));
        }

        code.Mov(Register.R14, Register.Rbx);
        code.Place(block);
        Group(code);
        code.Add(Register.R8, GroupBytes);
        code.Add(Register.R9, Line);
        code.Add(Register.R10, GroupBytes);
        code.Add(Register.R11, Line);
        code.Dec(Register.R14);
        code.Jnz(block);
        for (int r = 0; r < Rows; r++)
        {
            code.Vmovups(new Memory(Register.Rdx, r * Line), Sum(r));
        }

        code.Add(Register.Rdx, Rows * Line);
        code.Dec(Register.R13);
        code.Jnz(lane);
        code.Tilerelease();
        code.Vzeroupper();
        for (int i = Kept.Length - 1; i >= 0; i--)
        {
            code.Pop(Kept[i]);
        }

        code.Ret();
        code.Align(Line);
        code.Place(shapes);
        code.Bytes(Shapes());
        return start;
    }

    private static Zmm Sum(int r) => new(16 + r);

    private static void Group(Assembler code)
    {
        code.Tilezero(Dots);
        code.Tileloadd(Activations, new(Register.R8, Index: Register.R12));
        code.Tileloadd(Weights, new(Register.R10, Index: Register.Rax));
        code.Tdpbssd(Dots, Activations, Weights);
        code.Tilestored(new(Register.Rcx, Index: Register.Rax), Dots);
        code.Vmovups(Scales, new Memory(Register.R11));
        for (int r = 0; r < Rows; r++)
        {
            code.Vcvtdq2ps(Floats, new Memory(Register.Rcx, r * Line));
            code.VmulpsOne(Factors, Scales, new Memory(Register.R9, r * sizeof(float)));
            code.Vfmadd231ps(Sum(r), Floats, Factors);
        }
    }

    /// <summary>Palette 1: bytes of a row from 16 on, rows from 48 on.</summary>
    private static byte[] Shapes()
    {
        byte[] shapes = new byte[Line];
        shapes[0] = 1;
        foreach ((Tmm tile, int bytes, int rows) in new[] { (Dots, Line, Rows), (Activations, Half, Rows), (Weights, Line, Half / 4) })
        {
            BinaryPrimitives.WriteUInt16LittleEndian(shapes.AsSpan(16 + (2 * tile.Number)), (ushort)bytes);
            shapes[48 + tile.Number] = (byte)rows;
        }

        return shapes;
    }
}
