using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace GemmaVk.Cpu.MachineCode;

/// <summary>
/// Writes x86-64 machine code, one method per instruction (Assembler.Instructions.cs), as far as the microkernels need it.
/// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, sections 2.1 (REX, ModRM) 2.3 (VEX) and 2.7 (EVEX).
/// </summary>
internal sealed partial class Assembler
{
    private readonly List<byte> _code = [];
    private readonly List<(int Place, Label Target)> _jumps = [];

    /// <summary>How far the code has come.</summary>
    public int Length => _code.Count;

    /// <summary>The finished code; every label that is jumped to or read from has its place.</summary>
    public byte[] ToArray()
    {
        byte[] code = [.. _code];
        foreach ((int place, Label target) in _jumps)
        {
            int distance = (target.Place ?? throw new InvalidOperationException("a label without a place")) - (place + sizeof(int));
            BinaryPrimitives.WriteInt32LittleEndian(code.AsSpan(place), distance);
        }

        return code;
    }

    /// <summary>Gives a label the place that the code has reached.</summary>
    public void Place(Label label) => label.Place = _code.Count;

    /// <summary>Fills with zeros up to a multiple of <paramref name="bytes"/>.</summary>
    public void Align(int bytes)
    {
        while (_code.Count % bytes != 0)
        {
            _code.Add(0);
        }
    }

    /// <summary>Constants among the code.</summary>
    public void Bytes(ReadOnlySpan<byte> values) => _code.AddRange(values);

    /// <summary>An instruction of general registers: REX, opcode, ModRM.</summary>
    private void Legacy(bool wide, ReadOnlySpan<byte> opcode, int reg, in Memory memory)
    {
        Rex(wide, reg, (int)memory.Base, (int)(memory.Index ?? 0));
        Bytes(opcode);
        Operand(reg, memory, unit: 1);
    }

    private void Legacy(bool wide, ReadOnlySpan<byte> opcode, int reg, Register register)
    {
        Rex(wide, reg, (int)register);
        Bytes(opcode);
        _code.Add((byte)(0xC0 | (reg & 7) << 3 | ((int)register & 7)));
    }

    private void Rex(bool wide, int reg, int rm, int index = 0)
    {
        int rex = 0x40 | (wide ? 8 : 0) | (reg >> 3 & 1) << 2 | (index >> 3 & 1) << 1 | (rm >> 3 & 1);
        if (rex != 0x40)
        {
            _code.Add((byte)rex);
        }
    }

    /// <summary>An instruction of vectors with a memory operand.</summary>
    /// <param name="op">Which.</param>
    /// <param name="reg">The register that ModRM names.</param>
    /// <param name="vvvv">The register that the prefix names.</param>
    /// <param name="memory">The operand.</param>
    /// <param name="read">Bytes of the operand, where they are fewer than the vector's.</param>
    /// <param name="broadcast">Whether these bytes are repeated over the vector.</param>
    private void Evex(in Opcode op, int reg, int vvvv, in Memory memory, int? read = null, bool broadcast = false)
    {
        Prefix(op, reg, vvvv, bit3: (int)memory.Base >> 3 & 1, bit4: (int)(memory.Index ?? 0) >> 3 & 1, broadcast);
        Operand(reg, memory, read ?? op.Bytes);
    }

    /// <summary>An instruction of vectors alone.</summary>
    private void Evex(in Opcode op, int reg, int vvvv, Zmm rm)
    {
        Prefix(op, reg, vvvv, bit3: rm.Number >> 3 & 1, bit4: rm.Number >> 4 & 1);
        _code.Add((byte)(0xC0 | (reg & 7) << 3 | (rm.Number & 7)));
    }

    /// <summary>
    /// The four bytes of EVEX and the opcode. Bits of register numbers are stored turned round; <paramref name="bit4"/> is the fifth bit of a register or the fourth of an index.
    /// </summary>
    private void Prefix(in Opcode op, int reg, int vvvv, int bit3, int bit4, bool broadcast = false)
    {
        int notR = ~reg >> 3 & 1, notR2 = ~reg >> 4 & 1, notV2 = ~vvvv >> 4 & 1;
        _code.Add(0x62);
        _code.Add((byte)(notR << 7 | (~bit4 & 1) << 6 | (~bit3 & 1) << 5 | notR2 << 4 | op.Map));
        _code.Add((byte)((op.W ? 0x80 : 0) | (~vvvv & 15) << 3 | 4 | op.Prefix));
        _code.Add((byte)((op.Bytes == 64 ? 2 : op.Bytes == 32 ? 1 : 0) << 5 | (broadcast ? 0x10 : 0) | notV2 << 3));
        _code.Add(op.Code);
    }

    /// <summary>An instruction of 256 bits or of tiles, with a memory operand.</summary>
    /// <param name="op">Which.</param>
    /// <param name="reg">The register that ModRM names, or a part of the opcode.</param>
    /// <param name="vvvv">The register that the prefix names.</param>
    /// <param name="memory">The operand.</param>
    private void Vex(in Opcode op, int reg, int vvvv, in Memory memory)
    {
        VexPrefix(op, reg, vvvv, (int)memory.Base, (int)(memory.Index ?? 0));
        Operand(reg, memory, unit: 1);
    }

    /// <summary>The same of registers alone.</summary>
    private void Vex(in Opcode op, int reg, int vvvv, int rm)
    {
        VexPrefix(op, reg, vvvv, rm, 0);
        _code.Add((byte)(0xC0 | (reg & 7) << 3 | (rm & 7)));
    }

    /// <summary>Two bytes where they say enough, else three, and the opcode.</summary>
    private void VexPrefix(in Opcode op, int reg, int vvvv, int rm, int index)
    {
        int notR = ~reg >> 3 & 1, last = (~vvvv & 15) << 3 | (op.Bytes == 32 ? 4 : 0) | op.Prefix;
        if (op.Map == Map0F && !op.W && rm < 8 && index < 8)
        {
            _code.Add(0xC5);
            _code.Add((byte)(notR << 7 | last));
        }
        else
        {
            _code.Add(0xC4);
            _code.Add((byte)(notR << 7 | (~index >> 3 & 1) << 6 | (~rm >> 3 & 1) << 5 | op.Map));
            _code.Add((byte)((op.W ? 0x80 : 0) | last));
        }

        _code.Add(op.Code);
    }

    /// <summary>ModRM, SIB and displacement; a displacement of one byte counts in <paramref name="unit"/>s.</summary>
    private void Operand(int reg, in Memory memory, int unit)
    {
        if (memory.Label is { } label)
        {
            _code.Add((byte)((reg & 7) << 3 | 5));
            _jumps.Add((_code.Count, label));
            Int32(0);
            return;
        }

        int displacement = memory.Displacement;
        bool small = displacement % unit == 0 && displacement / unit is >= sbyte.MinValue and <= sbyte.MaxValue;
        int low = (int)memory.Base & 7;
        // Only rbp and r13 cannot go without a displacement. The number of rsp says that a second byte follows, and in that one that there is no index.
        bool none = displacement == 0 && low != ((int)Register.Rbp & 7);
        int rsp = (int)Register.Rsp & 7;
        bool second = memory.Index is not null || low == rsp;
        _code.Add((byte)((none ? 0 : small ? 0x40 : 0x80) | (reg & 7) << 3 | (second ? rsp : low)));
        if (second)
        {
            _code.Add((byte)(((int)(memory.Index ?? Register.Rsp) & 7) << 3 | low));
        }

        if (none)
        {
            return;
        }

        if (small)
        {
            _code.Add((byte)(displacement / unit));
        }
        else
        {
            Int32(displacement);
        }
    }

    private void Int32(int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        Bytes(bytes);
    }

    /// <summary>What tells one vector instruction from another.</summary>
    /// <param name="Map">1 for 0F, 2 for 0F38, 3 for 0F3A.</param>
    /// <param name="Prefix">0 for none, 1 for 66, 2 for F3, 3 for F2.</param>
    /// <param name="Code">The opcode's last byte.</param>
    /// <param name="W">The bit of that name.</param>
    /// <param name="Bytes">Length of the vectors.</param>
    private readonly record struct Opcode(int Map, int Prefix, byte Code, bool W = false, int Bytes = 64);
}
