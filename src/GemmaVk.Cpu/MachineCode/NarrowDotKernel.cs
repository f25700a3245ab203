using System;
using System.Buffers.Binary;

namespace GemmaVk.Cpu.MachineCode;

// Letters: C = 8 groups of 32 columns of a block, r row of the block.

/// <summary>
/// <see cref="DotKernel"/> for AVX-VNNI and AVX-VNNI-INT8: vectors of 256 bits, of which there are 16, so that the two weight rows of a block meet
/// the packed rows one after the other. With signed dots weights need no offset.
/// <code>
/// packed:  activations         [8, 4C] INT8
///          -offset * their sum [C] INT32
///          units               [C] F32
/// </code>
/// Registers: ymm0 to 7 weights, 8 their scales, 9 to 12 what comes and goes, 13 the order of the groups. General ones as there, but for rbp, scales ahead, and r15, the block's packed rows.
/// </summary>
internal sealed class NarrowDotKernel
{
    /// <summary>Groups of a block.</summary>
    public const int C = 8;

    private const int Line = 32;
    private const int CacheLine = 64;
    private const int OffsetAt = 256;
    private const int UnitsAt = 288;
    private const int PackedBytes = 320;
    private const int LowHalves = 0x20, HighHalves = 0x31;

    private static readonly Register[] Kept = [Register.Rbx, Register.Rbp, Register.R12, Register.R13, Register.R14, Register.R15];
    private static readonly Ymm Scales = new(8), Sum = new(9), Odd = new(10), Third = new(11), Fourth = new(12), Order = new(13);

    private readonly Assembler _code;
    private readonly bool _signed;
    private readonly bool _nibbles;
    private readonly bool _halfs;
    private readonly bool _windows;
    private readonly Label _mask = new();
    private readonly Label _offset = new();
    private readonly Label _order = new();

    private NarrowDotKernel(Assembler code, bool signed, bool nibbles, bool halfs, bool windows) =>
        (_code, _signed, _nibbles, _halfs, _windows) = (code, signed, nibbles, halfs, windows);

    private int BlockBytes => C * (_nibbles ? 16 : 32);

    /// <summary>Writes the function behind what is there.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="signed">For AVX-VNNI-INT8, else AVX-VNNI.</param>
    /// <param name="nibbles">Q4 weights, else Q8.</param>
    /// <param name="halfs">F16 scales, else BF16.</param>
    /// <param name="windows">Which calling convention.</param>
    /// <returns>Where it begins.</returns>
    public static int Write(Assembler code, bool signed, bool nibbles, bool halfs, bool windows)
    {
        code.Align(CacheLine);
        int start = code.Length;
        new NarrowDotKernel(code, signed, nibbles, halfs, windows).Write();
        return start;
    }

    private static Ymm Weights(int i) => new(i);

    private void Write()
    {
        Enter();
        Label block = new();
        _code.Place(block);
        for (int line = 0; line < 2 * BlockBytes; line += CacheLine)
        {
            _code.Prefetcht1(new(Register.Rdx, line));
        }

        _code.Prefetcht1(new(Register.Rbp));
        _code.Mov(Register.R15, Register.R10);
        Rows(Register.R8, Register.R9, 0);
        _code.Mov(Register.R10, Register.R15);
        Rows(Register.Rax, Register.Rcx, Line);
        _code.Add(Register.R8, BlockBytes);
        _code.Add(Register.Rax, BlockBytes);
        _code.Add(Register.R9, C * sizeof(ushort));
        _code.Add(Register.Rcx, C * sizeof(ushort));
        _code.Add(Register.Rdx, 2 * BlockBytes);
        _code.Add(Register.Rbp, 2 * C * sizeof(ushort));
        _code.Dec(Register.Rbx);
        _code.Jnz(block);
        Leave();
        Constants();
    }

    private void Enter()
    {
        foreach (Register register in Kept)
        {
            _code.Push(register);
        }

        if (_windows)
        {
            // There registers 6 to 15 belong to the caller, their low halves; whole ones do no harm.
            _code.Sub(Register.Rsp, 8 * Line);
            for (int i = 0; i < 8; i++)
            {
                _code.Vmovups(new Memory(Register.Rsp, Line * i), new Ymm(6 + i));
            }
        }

        Register arguments = _windows ? Register.Rcx : Register.Rdi;
        _code.Mov(Register.R8, new Memory(arguments));
        _code.Mov(Register.R9, new Memory(arguments, 8));
        _code.Mov(Register.Rax, new Memory(arguments, 16));
        _code.Mov(Register.R10, new Memory(arguments, 32));
        _code.Mov(Register.R13, new Memory(arguments, 40));
        _code.Mov(Register.Rdx, new Memory(arguments, 48));
        _code.Mov(Register.Rbx, new Memory(arguments, 56));
        _code.Mov(Register.R12, new Memory(arguments, 64));
        _code.Mov(Register.Rbp, new Memory(arguments, 72));
        _code.Mov(Register.Rcx, new Memory(arguments, 24));
        _code.Vmovups(Order, Memory.At(_order));
    }

    private void Leave()
    {
        if (_windows)
        {
            for (int i = 0; i < 8; i++)
            {
                _code.Vmovups(new Ymm(6 + i), new Memory(Register.Rsp, Line * i));
            }

            _code.Add(Register.Rsp, 8 * Line);
        }

        for (int i = Kept.Length - 1; i >= 0; i--)
        {
            _code.Pop(Kept[i]);
        }

        _code.Vzeroupper();
        _code.Ret();
    }

    /// <summary>A block of one weight row with every packed row, whose sums begin <paramref name="at"/> bytes behind the first.</summary>
    private void Rows(Register weights, Register scales, int at)
    {
        if (_nibbles)
        {
            Nibbles(weights);
        }
        else
        {
            SignedBytes(weights);
        }

        if (_halfs)
        {
            _code.Vcvtph2ps(Scales, new(scales));
        }
        else
        {
            _code.Vpmovzxwd(Scales, new(scales));
            _code.Vpslld(Scales, Scales, 16);
        }

        _code.Vpermps(Scales, Order, Scales);
        _code.Mov(Register.R11, Register.R13);
        _code.Mov(Register.R14, Register.R12);
        Label row = new();
        _code.Place(row);
        Row(at);
        _code.Add(Register.R10, PackedBytes);
        _code.Add(Register.R11, 2 * Line);
        _code.Dec(Register.R14);
        _code.Jnz(row);
    }

    /// <summary>128 bytes: low halves are the even columns, high halves the odd ones.</summary>
    private void Nibbles(Register weights)
    {
        for (int i = 0; i < 4; i++)
        {
            _code.Vmovups(Weights(i), new Memory(weights, i * Line));
        }

        Transpose(0);
        for (int i = 0; i < 4; i++)
        {
            _code.Vpsrlw(Weights(4 + i), Weights(i), 4);
            _code.Vpand(Weights(4 + i), Weights(4 + i), Memory.At(_mask));
            _code.Vpand(Weights(i), Weights(i), Memory.At(_mask));
        }

        for (int i = 0; _signed && i < 8; i++)
        {
            _code.Vpaddb(Weights(i), Weights(i), Memory.At(_offset));
        }
    }

    /// <summary>256 bytes: first halves of the groups, then second halves; without signed dots 128 is added to each.</summary>
    private void SignedBytes(Register weights)
    {
        for (int i = 0; i < 4; i++)
        {
            Memory second = new(weights, ((i * 2) + 1) * Line);
            _code.Vmovups(Sum, new Memory(weights, i * 2 * Line));
            _code.Vperm2i128(Weights(i), Sum, second, LowHalves);
            _code.Vperm2i128(Weights(4 + i), Sum, second, HighHalves);
        }

        for (int i = 0; !_signed && i < 8; i++)
        {
            _code.Vpxor(Weights(i), Weights(i), Memory.At(_offset));
        }

        Transpose(0);
        Transpose(4);
    }

    /// <summary>Gives each group a lane of its own in four registers.</summary>
    private void Transpose(int from)
    {
        Ymm a = Weights(from), b = Weights(from + 1), c = Weights(from + 2), d = Weights(from + 3);
        _code.Vpunpckldq(Sum, a, b);
        _code.Vpunpckldq(Odd, c, d);
        _code.Vpunpckhdq(Third, a, b);
        _code.Vpunpckhdq(Fourth, c, d);
        _code.Vpunpcklqdq(a, Sum, Odd);
        _code.Vpunpckhqdq(b, Sum, Odd);
        _code.Vpunpcklqdq(c, Third, Fourth);
        _code.Vpunpckhqdq(d, Third, Fourth);
    }

    private void Row(int at)
    {
        // Two chains: half the latency.
        if (_signed)
        {
            _code.Vpxor(Sum, Sum, Sum);
        }
        else
        {
            _code.Vmovups(Sum, new Memory(Register.R10, OffsetAt));
        }

        _code.Vpxor(Odd, Odd, Odd);
        for (int i = 0; i < 8; i++)
        {
            Memory x = new(Register.R10, i * Line);
            Ymm chain = i % 2 == 0 ? Sum : Odd, met = Weights(_nibbles ? (i / 2) + (i % 2 * 4) : i);
            if (_signed)
            {
                _code.Vpdpbssd(chain, met, x);
            }
            else
            {
                _code.Vpdpbusd(chain, met, x);
            }
        }

        _code.Vpaddd(Sum, Sum, Odd);
        _code.Vcvtdq2ps(Sum, Sum);
        _code.Vmulps(Third, Scales, new Memory(Register.R10, UnitsAt));
        _code.Vfmadd213ps(Sum, Third, new Memory(Register.R11, at));
        _code.Vmovups(new Memory(Register.R11, at), Sum);
    }

    private void Constants()
    {
        _code.Align(Line);
        Span<byte> bytes = stackalloc byte[Line];
        _code.Place(_mask);
        bytes.Fill(15);
        _code.Bytes(bytes);
        _code.Place(_offset);
        bytes.Fill(_nibbles ? unchecked((byte)-8) : (byte)128);
        _code.Bytes(bytes);
        _code.Place(_order);
        for (int lane = 0; lane < C; lane++)
        {
            // Where the transposition puts the groups.
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(lane * sizeof(int))..], (lane % 4 * 2) + (lane / 4));
        }

        _code.Bytes(bytes);
    }
}
