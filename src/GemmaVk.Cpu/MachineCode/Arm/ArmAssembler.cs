using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace GemmaVk.Cpu.MachineCode.Arm;

/// <summary>
/// Writes A64 machine code, one method per instruction, as far as the microkernels need it.
/// Source: Arm Architecture Reference Manual for A-profile, chapters C6 (general) and C7 (vectors).
/// </summary>
internal sealed class ArmAssembler
{
    private readonly List<uint> _code = [];
    private readonly List<(int Place, Label Target)> _jumps = [];

    /// <summary>Bytes until here.</summary>
    public int Length => _code.Count * sizeof(uint);

    /// <summary>The finished code; every label that is jumped to has its place.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[Length];
        for (int i = 0; i < _code.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * sizeof(uint)), _code[i]);
        }

        foreach ((int place, Label target) in _jumps)
        {
            int distance = ((target.Place ?? throw new InvalidOperationException("a label without a place")) - place) / sizeof(uint);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(place), _code[place / sizeof(uint)] | ((uint)distance & 0x7FFFF) << 5);
        }

        return bytes;
    }

    /// <summary>Gives a label the place that the code has reached.</summary>
    public void Place(Label label) => label.Place = Length;

    /// <summary>Fills with zeros up to a multiple of <paramref name="bytes"/>.</summary>
    public void Align(int bytes)
    {
        while (Length % bytes != 0)
        {
            _code.Add(0);
        }
    }

    public void Ldr(X to, X from, int offset) => Word(0xF9400000, Scaled(offset, 8), from.Number, to.Number);

    public void Ldr(V to, X from, int offset) => Word(0x3DC00000, Scaled(offset, 16), from.Number, to.Number);

    /// <summary>The low 8 bytes of a register; the others become zero.</summary>
    public void LdrLow(V to, X from, int offset) => Word(0xFD400000, Scaled(offset, 8), from.Number, to.Number);

    public void Str(V from, X to, int offset) => Word(0x3D800000, Scaled(offset, 16), to.Number, from.Number);

    public void Mov(X to, X from) => Word(0xAA0003E0, (uint)from.Number << 16, 0, to.Number);

    public void Add(X to, X from, int value) => Word(0x91000000, Immediate(value), from.Number, to.Number);

    /// <summary>Also says whether the result is zero.</summary>
    public void Subs(X to, X from, int value) => Word(0xF1000000, Immediate(value), from.Number, to.Number);

    /// <summary>Half of an unsigned number.</summary>
    public void LsrOne(X to, X from) => Word(0xD341FC00, 0, from.Number, to.Number);

    /// <summary>Jumps where the last result was not zero.</summary>
    public void Bne(Label target)
    {
        _jumps.Add((Length, target));
        _code.Add(0x54000001);
    }

    public void Ret() => _code.Add(0xD65F03C0);

    /// <summary>Asks for a cache line, into all levels.</summary>
    public void Prfm(X at, int offset) => Word(0xF9800000, Scaled(offset, 8), at.Number, 0);

    /// <summary>The same byte in all 16.</summary>
    public void Movi(V to, byte value) => Word(0x4F00E400, (uint)(value >> 5) << 16, value & 31, to.Number);

    /// <summary>Words of 32 bits of the low halves, in turns.</summary>
    public void Zip1Words(V to, V a, V b) => Three(0x4E803800, to, a, b);

    /// <summary>The same of the high halves.</summary>
    public void Zip2Words(V to, V a, V b) => Three(0x4E807800, to, a, b);

    /// <summary>The low halves.</summary>
    public void Zip1Halves(V to, V a, V b) => Three(0x4EC03800, to, a, b);

    /// <summary>The high halves.</summary>
    public void Zip2Halves(V to, V a, V b) => Three(0x4EC07800, to, a, b);

    public void And(V to, V a, V b) => Three(0x4E201C00, to, a, b);

    /// <summary>Bytes.</summary>
    public void Sub(V to, V a, V b) => Three(0x6E208400, to, a, b);

    /// <summary>Bytes without sign shifted right by four.</summary>
    public void UshrFour(V to, V from) => Word(0x6F0C0400, 0, from.Number, to.Number);

    /// <summary>Adds to each lane of 32 bits the dot of four with four signed bytes (FEAT_DotProd).</summary>
    public void Sdot(V sums, V a, V b) => Three(0x4E809400, sums, a, b);

    /// <summary>sums[i, j] += the dot of half i of <paramref name="a"/> with half j of <paramref name="b"/>, signed bytes (FEAT_I8MM).</summary>
    public void Smmla(V sums, V a, V b) => Three(0x4E80A400, sums, a, b);

    /// <summary>Whole numbers of 32 bits as floats.</summary>
    public void Scvtf(V to, V from) => Word(0x4E21D800, 0, from.Number, to.Number);

    /// <summary>Four BF16 values as floats: their bits moved up.</summary>
    public void ShllSixteen(V to, V from) => Word(0x2E613800, 0, from.Number, to.Number);

    /// <summary>Four halfs as floats.</summary>
    public void Fcvtl(V to, V from) => Word(0x0E217800, 0, from.Number, to.Number);

    public void Fmul(V to, V a, V b) => Three(0x6E20DC00, to, a, b);

    /// <summary>sums += a * b, rounded once.</summary>
    public void Fmla(V sums, V a, V b) => Three(0x4E20CC00, sums, a, b);

    private static uint Scaled(int offset, int unit) => offset >= 0 && offset % unit == 0 && offset / unit < 4096
        ? (uint)(offset / unit) << 10
        : throw new ArgumentOutOfRangeException(nameof(offset));

    private static uint Immediate(int value) => value is >= 0 and < 4096 ? (uint)value << 10 : throw new ArgumentOutOfRangeException(nameof(value));

    private void Three(uint op, V d, V n, V m) => Word(op, (uint)m.Number << 16, n.Number, d.Number);

    /// <summary>An instruction with its two low registers.</summary>
    private void Word(uint op, uint rest, int n, int d) => _code.Add(op | rest | (uint)n << 5 | (uint)d);
}
