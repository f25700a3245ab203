using System;
using System.Buffers.Binary;

namespace GemmaVk.Cpu.MachineCode;

// Letters: C = 16 groups of 32 columns of a block, r row of the block.

/// <summary>
/// The inner loop of a product with INT8 activations for AVX512_VNNI: blocks of one weight row times so many packed rows, whose partial sums
/// stay in registers. Each result is what the intrinsics give, bit for bit: dots are whole numbers, and they are scaled in the same order.
/// <code>
/// packed:  activations         [8, 4C] INT8, four columns of every group per vector
///          -offset * their sum [C] INT32
///          units               [C] F32
/// </code>
/// Registers: zmm0 to 7 weights, 8 scales, 9 to 11 and 14 what comes and goes, 12 and 13 constants, 16 and up the sums.
/// </summary>
internal sealed class DotKernel
{
    /// <summary>Groups of a block.</summary>
    public const int C = 16;

    /// <summary>Most packed rows of a call.</summary>
    public const int MostRows = 16;

    /// <summary>Bytes of one packed row of one block.</summary>
    public const int PackedBytes = 640;

    private const int OffsetAt = 512;
    private const int UnitsAt = 576;
    private const int Line = 64;

    private static readonly Zmm Scales = new(8), First = new(9), Second = new(10), Third = new(11), Mask = new(12), Order = new(13), Fourth = new(14);

    private readonly Assembler _code;
    private readonly int _rows;
    private readonly bool _nibbles;
    private readonly bool _windows;
    private readonly Label _mask = new();
    private readonly Label _order = new();

    private DotKernel(Assembler code, int rows, bool nibbles, bool windows) => (_code, _rows, _nibbles, _windows) = (code, rows, nibbles, windows);

    private int BlockBytes => C * (_nibbles ? 16 : 32);

    /// <summary>Writes the function of <paramref name="rows"/> rows behind what is there.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="rows">1 to <see cref="MostRows"/>.</param>
    /// <param name="nibbles">Q4 weights, else Q8.</param>
    /// <param name="windows">Which calling convention.</param>
    /// <returns>Where it begins.</returns>
    public static int Write(Assembler code, int rows, bool nibbles, bool windows)
    {
        code.Align(Line);
        int start = code.Length;
        new DotKernel(code, rows, nibbles, windows).Write();
        return start;
    }

    private void Write()
    {
        Enter();
        Label block = new();
        _code.Place(block);
        for (int line = 0; line < BlockBytes; line += Line)
        {
            _code.Prefetcht0(new(Register.Rdx, line));
        }

        if (_nibbles)
        {
            Nibbles();
        }
        else
        {
            SignedBytes();
        }

        _code.Vpmovzxwd(Scales, new(Register.R9));
        _code.Vpslld(Scales, Scales, 16);
        _code.Vpermps(Scales, Order, Scales);
        for (int r = 0; r < _rows; r++)
        {
            Row(r);
        }

        _code.Add(Register.Rdx, BlockBytes);
        _code.Add(Register.R8, BlockBytes);
        _code.Add(Register.R9, C * sizeof(ushort));
        _code.Add(Register.R10, _rows * PackedBytes);
        _code.Dec(Register.Rax);
        _code.Jnz(block);
        Leave();
        Constants();
    }

    private void Enter()
    {
        Register arguments = _windows ? Register.Rcx : Register.Rdi;
        _code.Mov(Register.R8, new(arguments));
        _code.Mov(Register.R9, new(arguments, 8));
        _code.Mov(Register.R10, new(arguments, 16));
        _code.Mov(Register.R11, new(arguments, 24));
        _code.Mov(Register.Rdx, new(arguments, 32));
        _code.Mov(Register.Rax, new(arguments, 40));
        if (_windows)
        {
            // There registers 6 to 15 belong to the caller, their low halves.
            _code.Sub(Register.Rsp, 10 * 16);
            for (int i = 0; i < 10; i++)
            {
                _code.VmovupsLow(new Memory(Register.Rsp, 16 * i), new Zmm(6 + i));
            }
        }

        _code.Vmovups(Mask, Memory.At(_mask));
        _code.Vmovups(Order, Memory.At(_order));
        for (int r = 0; r < _rows; r++)
        {
            _code.Vmovups(Sum(r), new Memory(Register.R11, r * Line));
        }
    }

    private void Leave()
    {
        for (int r = 0; r < _rows; r++)
        {
            _code.Vmovups(new Memory(Register.R11, r * Line), Sum(r));
        }

        if (_windows)
        {
            for (int i = 0; i < 10; i++)
            {
                _code.VmovupsLow(new Zmm(6 + i), new Memory(Register.Rsp, 16 * i));
            }

            _code.Add(Register.Rsp, 10 * 16);
        }

        _code.Vzeroupper();
        _code.Ret();
    }

    /// <summary>256 bytes: low halves are the even columns, high halves the odd ones.</summary>
    private void Nibbles()
    {
        for (int i = 0; i < 4; i++)
        {
            _code.Vmovups(new Zmm(i), new Memory(Register.R8, i * Line));
        }

        Transpose(0);
        for (int i = 0; i < 4; i++)
        {
            _code.Vpsrlw(new Zmm(4 + i), new Zmm(i), 4);
            _code.Vpandd(new Zmm(4 + i), new Zmm(4 + i), Mask);
            _code.Vpandd(new Zmm(i), new Zmm(i), Mask);
        }
    }

    /// <summary>512 bytes, 128 added to each: first halves of the groups, then second halves.</summary>
    private void SignedBytes()
    {
        for (int i = 0; i < 4; i++)
        {
            _code.Vmovups(First, new Memory(Register.R8, i * 2 * Line));
            _code.Vmovups(Second, new Memory(Register.R8, ((i * 2) + 1) * Line));
            _code.Vshufi64x2(new Zmm(i), First, Second, 0b10_00_10_00);
            _code.Vshufi64x2(new Zmm(4 + i), First, Second, 0b11_01_11_01);
            _code.Vpxord(new Zmm(i), new Zmm(i), Mask);
            _code.Vpxord(new Zmm(4 + i), new Zmm(4 + i), Mask);
        }

        Transpose(0);
        Transpose(4);
    }

    /// <summary>Gives each group a lane of its own in four registers.</summary>
    private void Transpose(int from)
    {
        Zmm a = new(from), b = new(from + 1), c = new(from + 2), d = new(from + 3);
        _code.Vpunpckldq(First, a, b);
        _code.Vpunpckldq(Second, c, d);
        _code.Vpunpckhdq(Third, a, b);
        _code.Vpunpckhdq(Fourth, c, d);
        _code.Vpunpcklqdq(a, First, Second);
        _code.Vpunpckhqdq(b, First, Second);
        _code.Vpunpcklqdq(c, Third, Fourth);
        _code.Vpunpckhqdq(d, Third, Fourth);
    }

    private void Row(int r)
    {
        int at = r * PackedBytes;
        // Two chains: half the latency.
        _code.Vmovups(First, new Memory(Register.R10, at + OffsetAt));
        _code.Vpxord(Second, Second, Second);
        for (int i = 0; i < 8; i += 2)
        {
            _code.Vpdpbusd(First, Weights(i), new Memory(Register.R10, at + (i * Line)));
            _code.Vpdpbusd(Second, Weights(i + 1), new Memory(Register.R10, at + ((i + 1) * Line)));
        }

        _code.Vpaddd(First, First, Second);
        _code.Vcvtdq2ps(First, First);
        _code.Vmulps(Third, Scales, new Memory(Register.R10, at + UnitsAt));
        _code.Vfmadd231ps(Sum(r), First, Third);
    }

    /// <summary>The weights that vector <paramref name="i"/> of a packed row meets: of nibbles even and odd columns take turns.</summary>
    private Zmm Weights(int i) => new(_nibbles ? (i / 2) + (i % 2 * 4) : i);

    private static Zmm Sum(int r) => new(16 + r);

    private void Constants()
    {
        _code.Align(Line);
        _code.Place(_mask);
        Span<byte> bytes = stackalloc byte[Line];
        bytes.Fill(_nibbles ? (byte)15 : (byte)128);
        _code.Bytes(bytes);
        _code.Place(_order);
        for (int lane = 0; lane < C; lane++)
        {
            // Where the transposition puts the groups.
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(lane * sizeof(int))..], (lane % 4 * 4) + (lane / 4));
        }

        _code.Bytes(bytes);
    }
}
