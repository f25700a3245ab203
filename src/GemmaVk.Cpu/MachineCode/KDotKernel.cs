using GemmaVk.Tensors;

namespace GemmaVk.Cpu.MachineCode;

// Letters: C = 16 groups of 32 columns of a block, which are two blocks of KBlocks; r row of the block; g group within a block of KBlocks.

/// <summary>
/// <see cref="DotKernel"/> for the formats of <see cref="KBlocks"/>: two weight rows times any number of packed rows, on AVX512_VNNI. Dots are whole numbers and
/// are scaled in the order of the intrinsics, so that each result has their bits.
/// <code>
/// packed:  activations                            [8, 4C] INT8, four columns of every group per vector, even and odd columns in turns
///          Q4K, Q5K: unit * sum of the columns    [C] F32, which minima are multiplied by
///          Q6K: -32 * sum of the columns          [2, C] INT32, of first and of second halves
///          units                                  [C] F32
/// </code>
/// Registers: zmm0 to 7 and 8 to 15 weights, 16 to 19 what is made of their headers, 20 to 29 what comes and goes, 30 and 31 constants; general ones as there.
/// </summary>
internal sealed partial class KDotKernel
{
    /// <summary>Groups of a block.</summary>
    public const int C = DotKernel.C;

    private const int Line = 64;
    private const int FirstPassing = 20;
    private const int SumsAt = 512;

    private static readonly Zmm Mask = new(30), Order = new(31);

    private readonly Assembler _code;
    private readonly DType _format;
    private readonly bool _windows;

    private KDotKernel(Assembler code, DType format, bool windows) => (_code, _format, _windows) = (code, format, windows);

    private bool IsAffine => _format != DType.Q6K;

    private int UnitsAt => SumsAt + (IsAffine ? Line : 2 * Line);

    private int KBytes => KBlocks.Bytes(_format);

    private int HeaderBytes => KBlocks.HeaderUnits(_format) * sizeof(ushort);

    /// <summary>Bytes of one packed row of one block.</summary>
    public static int PackedBytes(DType format) => format == DType.Q6K ? 704 : 640;

    /// <summary>Writes the function behind what is there.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="format">Q4K, Q5K or Q6K.</param>
    /// <param name="windows">Which calling convention.</param>
    /// <returns>Where it begins.</returns>
    public static int Write(Assembler code, DType format, bool windows)
    {
        code.Align(Line);
        int start = code.Length;
        new KDotKernel(code, format, windows).Write();
        return start;
    }

    private static Zmm Weights(int row, int i) => new((8 * row) + i);

    /// <summary>What a weight row's integers are multiplied by; of Q6K those of first halves.</summary>
    private static Zmm Steps(int row) => new(16 + row);

    /// <summary>What is taken off; of Q6K what the integers of second halves are multiplied by.</summary>
    private static Zmm Others(int row) => new(18 + row);

    private static Zmm Passing(int i) => new(FirstPassing + i);

    private void Write()
    {
        DotKernel.Enter(_code, _windows);
        _code.Vmovups(Mask, Memory.At(_mask));
        _code.Vmovups(Order, Memory.At(_order));
        Label block = new();
        _code.Place(block);
        Ask(Register.Rdx, 4 * KBytes);
        Ask(Register.R15, 4 * HeaderBytes);
        Unpack(0, Register.R8, Register.R9);
        Unpack(1, Register.Rax, Register.Rcx);
        _code.Mov(Register.R11, Register.R13);
        _code.Mov(Register.R14, Register.R12);
        Label row = new();
        _code.Place(row);
        Row();
        _code.Add(Register.R10, PackedBytes(_format));
        _code.Add(Register.R11, 2 * Line);
        _code.Dec(Register.R14);
        _code.Jnz(row);
        _code.Add(Register.R8, 2 * KBytes);
        _code.Add(Register.Rax, 2 * KBytes);
        _code.Add(Register.R9, 2 * HeaderBytes);
        _code.Add(Register.Rcx, 2 * HeaderBytes);
        _code.Add(Register.Rdx, 4 * KBytes);
        _code.Add(Register.R15, 4 * HeaderBytes);
        _code.Dec(Register.Rbx);
        _code.Jnz(block);
        DotKernel.Leave(_code, _windows);
        Constants();
    }

    /// <summary>As many lines as begin there; of a length that is no multiple of a line the last one is asked for with the next block at the latest.</summary>
    private void Ask(Register from, int bytes)
    {
        for (int line = 0; line < bytes; line += Line)
        {
            _code.Prefetcht1(new(from, line));
        }
    }

    /// <summary>A packed row with both weight rows.</summary>
    private void Row()
    {
        // Two chains for each: half the latency. Of Q6K they are the halves of a group.
        Zmm first = Passing(0), next = Passing(1), firstOther = Passing(2), nextOther = Passing(3);
        if (IsAffine)
        {
            foreach (Zmm zero in new[] { first, next, firstOther, nextOther })
            {
                _code.Vpxord(zero, zero, zero);
            }
        }
        else
        {
            _code.Vmovups(first, new Memory(Register.R10, SumsAt));
            _code.Vmovups(next, first);
            _code.Vmovups(firstOther, new Memory(Register.R10, SumsAt + Line));
            _code.Vmovups(nextOther, firstOther);
        }

        for (int step = 0; step < 8; step++)
        {
            int i = (step / 2) + (step % 2 * 4);
            Zmm x = Passing(4 + (step % 4));
            _code.Vmovups(x, new Memory(Register.R10, i * Line));
            _code.Vpdpbusd(i < 4 ? first : firstOther, Weights(0, Met(i)), x);
            _code.Vpdpbusd(i < 4 ? next : nextOther, Weights(1, Met(i)), x);
        }

        if (IsAffine)
        {
            Affine(first, next, firstOther, nextOther);
        }
        else
        {
            Halved(first, next, firstOther, nextOther);
        }
    }

    private void Affine(Zmm first, Zmm next, Zmm firstOther, Zmm nextOther)
    {
        Zmm units = Passing(4), factors = Passing(5), nextFactors = Passing(6), sums = Passing(7), nextSums = Passing(8), columns = Passing(9);
        _code.Vmovups(units, new Memory(Register.R10, UnitsAt));
        _code.Vmovups(columns, new Memory(Register.R10, SumsAt));
        _code.Vmovups(sums, new Memory(Register.R11));
        _code.Vmovups(nextSums, new Memory(Register.R11, Line));
        _code.Vpaddd(first, first, firstOther);
        _code.Vpaddd(next, next, nextOther);
        _code.Vfnmadd231ps(sums, Others(0), columns);
        _code.Vfnmadd231ps(nextSums, Others(1), columns);
        _code.Vmulps(factors, Steps(0), units);
        _code.Vmulps(nextFactors, Steps(1), units);
        _code.Vcvtdq2ps(first, first);
        _code.Vcvtdq2ps(next, next);
        _code.Vfmadd231ps(sums, first, factors);
        _code.Vfmadd231ps(nextSums, next, nextFactors);
        _code.Vmovups(new Memory(Register.R11), sums);
        _code.Vmovups(new Memory(Register.R11, Line), nextSums);
    }

    private void Halved(Zmm first, Zmm next, Zmm firstOther, Zmm nextOther)
    {
        Zmm units = Passing(4), factors = Passing(5), nextFactors = Passing(6), otherFactors = Passing(7), nextOtherFactors = Passing(8);
        _code.Vmovups(units, new Memory(Register.R10, UnitsAt));
        _code.Vcvtdq2ps(first, first);
        _code.Vcvtdq2ps(next, next);
        _code.Vcvtdq2ps(firstOther, firstOther);
        _code.Vcvtdq2ps(nextOther, nextOther);
        _code.Vmulps(factors, Steps(0), units);
        _code.Vmulps(nextFactors, Steps(1), units);
        _code.Vmulps(otherFactors, Others(0), units);
        _code.Vmulps(nextOtherFactors, Others(1), units);
        _code.Vfmadd213ps(first, factors, new Memory(Register.R11));
        _code.Vfmadd213ps(next, nextFactors, new Memory(Register.R11, Line));
        _code.Vfmadd231ps(first, firstOther, otherFactors);
        _code.Vfmadd231ps(next, nextOther, nextOtherFactors);
        _code.Vmovups(new Memory(Register.R11), first);
        _code.Vmovups(new Memory(Register.R11, Line), next);
    }

    /// <summary>The weights that vector <paramref name="i"/> of a packed row meets: even and odd columns take turns.</summary>
    private static int Met(int i) => (i / 2) + (i % 2 * 4);
}
