using System;
using System.Buffers.Binary;

namespace GemmaVk.Cpu.MachineCode;

// Letters: C = 16 groups of 32 columns of a block, r row of the block.

/// <summary>
/// The inner loop of a product with INT8 activations for AVX512_VNNI: blocks of two weight rows times any number of packed rows. Both weight rows are
/// unpacked once per block and stay in registers while the packed rows pass; what is read of a packed row meets both. Each result is what
/// the intrinsics give, bit for bit: dots are whole numbers, and they are scaled in the same order.
/// <code>
/// packed:  activations         [8, 4C] INT8, four columns of every group per vector
///          -offset * their sum [C] INT32
///          units               [C] F32
/// </code>
/// Registers: zmm0 to 7 and 8 to 15 weights, 16 and 17 their scales, 18 to 27 what comes and goes, 28 and 29 constants.
/// rax and r8 weights, rcx and r9 scales, rdx weights ahead, r15 scales ahead, r10 packed rows, r11 sums, rbx blocks, r12 rows, r13 the first sums, r14 rows left.
/// </summary>
internal sealed class DotKernel
{
    /// <summary>Groups of a block.</summary>
    public const int C = 16;

    /// <summary>Bytes of one packed row of one block.</summary>
    public const int PackedBytes = 640;

    private const int OffsetAt = 512;
    private const int UnitsAt = 576;
    private const int Line = 64;
    private const int FirstPassing = 18;

    private static readonly Register[] Kept = [Register.Rbx, Register.R12, Register.R13, Register.R14, Register.R15];
    private static readonly Zmm Mask = new(28), Order = new(29);

    private readonly Assembler _code;
    private readonly bool _nibbles;
    private readonly bool _halfs;
    private readonly bool _windows;
    private readonly Label _mask = new();
    private readonly Label _order = new();

    private DotKernel(Assembler code, bool nibbles, bool halfs, bool windows) =>
        (_code, _nibbles, _halfs, _windows) = (code, nibbles, halfs, windows);

    private int BlockBytes => C * (_nibbles ? 16 : 32);

    /// <summary>Writes the function behind what is there.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="nibbles">Q4 weights, else Q8.</param>
    /// <param name="halfs">F16 scales, else BF16.</param>
    /// <param name="windows">Which calling convention.</param>
    /// <returns>Where it begins.</returns>
    public static int Write(Assembler code, bool nibbles, bool halfs, bool windows)
    {
        code.Align(Line);
        int start = code.Length;
        new DotKernel(code, nibbles, halfs, windows).Write();
        return start;
    }

    /// <summary>Gives each group a lane of its own in four registers that follow each other.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="from">The first of them.</param>
    /// <param name="passing">The first of four that are free.</param>
    public static void Transpose(Assembler code, int from, int passing)
    {
        Zmm a = new(from), b = new(from + 1), c = new(from + 2), d = new(from + 3);
        Zmm low = new(passing), nextLow = new(passing + 1), high = new(passing + 2), nextHigh = new(passing + 3);
        code.Vpunpckldq(low, a, b);
        code.Vpunpckldq(nextLow, c, d);
        code.Vpunpckhdq(high, a, b);
        code.Vpunpckhdq(nextHigh, c, d);
        code.Vpunpcklqdq(a, low, nextLow);
        code.Vpunpckhqdq(b, low, nextLow);
        code.Vpunpcklqdq(c, high, nextHigh);
        code.Vpunpckhqdq(d, high, nextHigh);
    }

    private static Zmm Weights(int row, int i) => new((8 * row) + i);

    private static Zmm Scales(int row) => new(16 + row);

    private static Zmm Passing(int i) => new(FirstPassing + i);

    private void Write()
    {
        Enter(_code, _windows);
        _code.Vmovups(Mask, Memory.At(_mask));
        _code.Vmovups(Order, Memory.At(_order));
        Label block = new();
        _code.Place(block);
        for (int line = 0; line < 2 * BlockBytes; line += Line)
        {
            _code.Prefetcht1(new(Register.Rdx, line));
        }

        // 16 scales of both rows are one line.
        _code.Prefetcht1(new(Register.R15));
        Unpack(0, Register.R8, Register.R9);
        Unpack(1, Register.Rax, Register.Rcx);
        _code.Mov(Register.R11, Register.R13);
        _code.Mov(Register.R14, Register.R12);
        Label row = new();
        _code.Place(row);
        Row();
        _code.Add(Register.R10, PackedBytes);
        _code.Add(Register.R11, 2 * Line);
        _code.Dec(Register.R14);
        _code.Jnz(row);
        _code.Add(Register.R8, BlockBytes);
        _code.Add(Register.Rax, BlockBytes);
        _code.Add(Register.R9, C * sizeof(ushort));
        _code.Add(Register.Rcx, C * sizeof(ushort));
        _code.Add(Register.Rdx, 2 * BlockBytes);
        _code.Add(Register.R15, 2 * C * sizeof(ushort));
        _code.Dec(Register.Rbx);
        _code.Jnz(block);
        Leave(_code, _windows);
        Constants();
    }

    /// <summary>Keeps what is the caller's, and reads <see cref="DotArguments"/> into the general registers above.</summary>
    internal static void Enter(Assembler code, bool windows)
    {
        foreach (Register register in Kept)
        {
            code.Push(register);
        }

        code.Save(windows);
        Register arguments = windows ? Register.Rcx : Register.Rdi;
        code.Mov(Register.R8, new Memory(arguments));
        code.Mov(Register.R9, new Memory(arguments, 8));
        code.Mov(Register.Rax, new Memory(arguments, 16));
        code.Mov(Register.R10, new Memory(arguments, 32));
        code.Mov(Register.R13, new Memory(arguments, 40));
        code.Mov(Register.Rdx, new Memory(arguments, 48));
        code.Mov(Register.Rbx, new Memory(arguments, 56));
        code.Mov(Register.R12, new Memory(arguments, 64));
        code.Mov(Register.R15, new Memory(arguments, 72));
        code.Mov(Register.Rcx, new Memory(arguments, 24));
    }

    /// <summary>Gives it back, and returns.</summary>
    internal static void Leave(Assembler code, bool windows)
    {
        code.Restore(windows);
        for (int i = Kept.Length - 1; i >= 0; i--)
        {
            code.Pop(Kept[i]);
        }

        code.Vzeroupper();
        code.Ret();
    }

    /// <summary>A block of a weight row and its scales into registers.</summary>
    private void Unpack(int row, Register weights, Register scales)
    {
        if (_nibbles)
        {
            Nibbles(row, weights);
        }
        else
        {
            SignedBytes(row, weights);
        }

        if (_halfs)
        {
            _code.Vcvtph2ps(Scales(row), new(scales));
        }
        else
        {
            _code.Vpmovzxwd(Scales(row), new(scales));
            _code.Vpslld(Scales(row), Scales(row), 16);
        }

        _code.Vpermps(Scales(row), Order, Scales(row));
    }

    /// <summary>256 bytes: low halves are the even columns, high halves the odd ones.</summary>
    private void Nibbles(int row, Register weights)
    {
        for (int i = 0; i < 4; i++)
        {
            _code.Vmovups(Weights(row, i), new Memory(weights, i * Line));
        }

        Transpose(_code, 8 * row, FirstPassing);
        for (int i = 0; i < 4; i++)
        {
            _code.Vpsrlw(Weights(row, 4 + i), Weights(row, i), 4);
            _code.Vpandd(Weights(row, 4 + i), Weights(row, 4 + i), Mask);
            _code.Vpandd(Weights(row, i), Weights(row, i), Mask);
        }
    }

    /// <summary>512 bytes, 128 added to each: first halves of the groups, then second halves.</summary>
    private void SignedBytes(int row, Register weights)
    {
        for (int i = 0; i < 4; i++)
        {
            Zmm first = Passing(0), second = Passing(1), low = Weights(row, i), high = Weights(row, 4 + i);
            _code.Vmovups(first, new Memory(weights, i * 2 * Line));
            _code.Vmovups(second, new Memory(weights, ((i * 2) + 1) * Line));
            _code.Vshufi64x2(low, first, second, 0b10_00_10_00);
            _code.Vshufi64x2(high, first, second, 0b11_01_11_01);
            _code.Vpxord(low, low, Mask);
            _code.Vpxord(high, high, Mask);
        }

        Transpose(_code, 8 * row, FirstPassing);
        Transpose(_code, (8 * row) + 4, FirstPassing);
    }

    /// <summary>A packed row with both weight rows.</summary>
    private void Row()
    {
        // Two chains for each: half the latency.
        Zmm first = Passing(0), next = Passing(1), firstOdd = Passing(2), nextOdd = Passing(3);
        _code.Vmovups(first, new Memory(Register.R10, OffsetAt));
        _code.Vmovups(next, first);
        _code.Vpxord(firstOdd, firstOdd, firstOdd);
        _code.Vpxord(nextOdd, nextOdd, nextOdd);
        for (int i = 0; i < 8; i++)
        {
            Zmm x = Passing(4 + (i % 4));
            _code.Vmovups(x, new Memory(Register.R10, i * Line));
            _code.Vpdpbusd(i % 2 == 0 ? first : firstOdd, Weights(0, Met(i)), x);
            _code.Vpdpbusd(i % 2 == 0 ? next : nextOdd, Weights(1, Met(i)), x);
        }

        Zmm units = Passing(4), factors = Passing(5), nextFactors = Passing(6);
        _code.Vpaddd(first, first, firstOdd);
        _code.Vpaddd(next, next, nextOdd);
        _code.Vmovups(units, new Memory(Register.R10, UnitsAt));
        _code.Vcvtdq2ps(first, first);
        _code.Vcvtdq2ps(next, next);
        _code.Vmulps(factors, Scales(0), units);
        _code.Vmulps(nextFactors, Scales(1), units);
        _code.Vfmadd213ps(first, factors, new Memory(Register.R11));
        _code.Vfmadd213ps(next, nextFactors, new Memory(Register.R11, Line));
        _code.Vmovups(new Memory(Register.R11), first);
        _code.Vmovups(new Memory(Register.R11, Line), next);
    }

    /// <summary>The weights that vector <paramref name="i"/> of a packed row meets: of nibbles even and odd columns take turns.</summary>
    private int Met(int i) => _nibbles ? (i / 2) + (i % 2 * 4) : i;

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
