namespace GemmaVk.Cpu.MachineCode;

/// <summary>The instructions, by the names of the manual: the first operand receives.</summary>
internal sealed partial class Assembler
{
    private const int None = 0, P66 = 1;
    private const int Map0F = 1, Map0F38 = 2, Map0F3A = 3;

    public void Mov(Register to, Memory from) => Legacy(true, [0x8B], (int)to, from);

    public void Mov(Register to, Register from) => Legacy(true, [0x89], (int)from, to);

    /// <summary>32 bits.</summary>
    public void MovLow(Memory to, Register from) => Legacy(false, [0x89], (int)from, to);

    public void Mov(Register to, int value)
    {
        Legacy(true, [0xC7], 0, to);
        Int32(value);
    }

    public void Push(Register register)
    {
        Rex(false, 0, (int)register);
        Bytes([(byte)(0x50 | ((int)register & 7))]);
    }

    public void Pop(Register register)
    {
        Rex(false, 0, (int)register);
        Bytes([(byte)(0x58 | ((int)register & 7))]);
    }

    public void Add(Register to, int value)
    {
        Legacy(true, [0x81], 0, to);
        Int32(value);
    }

    public void Add(Register to, Register value) => Legacy(true, [0x01], (int)value, to);

    public void Sub(Register to, int value)
    {
        Legacy(true, [0x81], 5, to);
        Int32(value);
    }

    public void Dec(Register register) => Legacy(true, [0xFF], 1, register);

    /// <summary>Jumps where the last result was not zero.</summary>
    public void Jnz(Label target)
    {
        Bytes([0x0F, 0x85]);
        _jumps.Add((Length, target));
        Int32(0);
    }

    public void Ret() => Bytes([0xC3]);

    /// <summary>Asks for a cache line, into the second level: the first has few places for what is on its way, and while they are taken it serves little else.</summary>
    public void Prefetcht1(Memory line) => Legacy(false, [0x0F, 0x18], 2, line);

    /// <summary>The control register that rcx names, into edx:eax.</summary>
    public void Xgetbv() => Bytes([0x0F, 0x01, 0xD0]);

    public void Vzeroupper() => Bytes([0xC5, 0xF8, 0x77]);

    public void Vmovups(Zmm to, Memory from) => Evex(new(Map0F, None, 0x10), to.Number, 0, from);

    public void Vmovups(Memory to, Zmm from) => Evex(new(Map0F, None, 0x11), from.Number, 0, to);

    public void Vmovups(Zmm to, Zmm from) => Evex(new(Map0F, None, 0x10), to.Number, 0, from);

    /// <summary>The low 16 bytes of a register.</summary>
    public void VmovupsLow(Zmm to, Memory from) => Evex(new(Map0F, None, 0x10, Bytes: 16), to.Number, 0, from);

    /// <inheritdoc cref="VmovupsLow(Zmm, Memory)"/>
    public void VmovupsLow(Memory to, Zmm from) => Evex(new(Map0F, None, 0x11, Bytes: 16), from.Number, 0, to);

    /// <summary>The low 32 bytes of a register; the rest becomes zero.</summary>
    public void VmovupsHalf(Zmm to, Memory from) => Evex(new(Map0F, None, 0x10, Bytes: 32), to.Number, 0, from);

    /// <summary><paramref name="a"/> with 16 bytes of memory for one of its quarters.</summary>
    public void Vinserti32x4(Zmm to, Zmm a, Memory b, byte quarter)
    {
        Evex(new(Map0F3A, P66, 0x38), to.Number, a.Number, b, read: 16);
        Bytes([quarter]);
    }

    /// <summary><paramref name="a"/> with 32 bytes of memory for one of its halves.</summary>
    public void Vinserti64x4(Zmm to, Zmm a, Memory b, byte half)
    {
        Evex(new(Map0F3A, P66, 0x3A, W: true), to.Number, a.Number, b, read: 32);
        Bytes([half]);
    }

    /// <summary>Adds to each lane of 32 bits the dot of four unsigned with four signed bytes (AVX512_VNNI).</summary>
    public void Vpdpbusd(Zmm sums, Zmm unsigned, Memory signed) => Evex(new(Map0F38, P66, 0x50), sums.Number, unsigned.Number, signed);

    /// <inheritdoc cref="Vpdpbusd(Zmm, Zmm, Memory)"/>
    public void Vpdpbusd(Zmm sums, Zmm unsigned, Zmm signed) => Evex(new(Map0F38, P66, 0x50), sums.Number, unsigned.Number, signed);

    /// <summary>Adds to each lane of 32 bits the dot of two with two signed words of 16 bits (AVX512_VNNI).</summary>
    public void Vpdpwssd(Zmm sums, Zmm a, Zmm b) => Evex(new(Map0F38, P66, 0x52), sums.Number, a.Number, b);

    /// <summary>The same, where <paramref name="b"/> is one pair of words for every lane.</summary>
    public void VpdpwssdOne(Zmm sums, Zmm a, Memory b) => Evex(new(Map0F38, P66, 0x52), sums.Number, a.Number, b, read: 4, broadcast: true);

    /// <summary>One word of 32 bits of memory in every lane.</summary>
    public void Vpbroadcastd(Zmm to, Memory from) => Evex(new(Map0F38, P66, 0x58), to.Number, 0, from, read: 4);

    /// <summary>32 bytes, widened with their sign to words of 16 bits.</summary>
    public void Vpmovsxbw(Zmm to, Memory from) => Evex(new(Map0F38, P66, 0x20), to.Number, 0, from, read: 32);

    public void Vpaddd(Zmm to, Zmm a, Zmm b) => Evex(new(Map0F, P66, 0xFE), to.Number, a.Number, b);

    public void Vpandd(Zmm to, Zmm a, Zmm b) => Evex(new(Map0F, P66, 0xDB), to.Number, a.Number, b);

    public void Vpandd(Zmm to, Zmm a, Memory b) => Evex(new(Map0F, P66, 0xDB), to.Number, a.Number, b);

    /// <summary>Bit by bit what <paramref name="table"/> has at the place that the bits of <paramref name="a"/> (the highest), b and c say.</summary>
    public void Vpternlogd(Zmm a, Zmm b, Zmm c, byte table)
    {
        Evex(new(Map0F3A, P66, 0x25), a.Number, b.Number, c);
        Bytes([table]);
    }

    public void Vpxord(Zmm to, Zmm a, Zmm b) => Evex(new(Map0F, P66, 0xEF), to.Number, a.Number, b);

    /// <summary>Shifts words of 16 bits right.</summary>
    public void Vpsrlw(Zmm to, Zmm from, byte bits)
    {
        Evex(new(Map0F, P66, 0x71), 2, to.Number, from);
        Bytes([bits]);
    }

    /// <summary>Shifts words of 32 bits left.</summary>
    public void Vpslld(Zmm to, Zmm from, byte bits)
    {
        Evex(new(Map0F, P66, 0x72), 6, to.Number, from);
        Bytes([bits]);
    }

    /// <summary>Shifts words of 32 bits right, with their sign.</summary>
    public void Vpsrad(Zmm to, Zmm from, byte bits)
    {
        Evex(new(Map0F, P66, 0x72), 4, to.Number, from);
        Bytes([bits]);
    }

    /// <summary>Shifts words of 32 bits right, each by its own word of <paramref name="bits"/>.</summary>
    public void Vpsrlvd(Zmm to, Zmm from, Memory bits) => Evex(new(Map0F38, P66, 0x45), to.Number, from.Number, bits);

    /// <summary>The same to the left.</summary>
    public void Vpsllvd(Zmm to, Zmm from, Memory bits) => Evex(new(Map0F38, P66, 0x47), to.Number, from.Number, bits);

    public void Vpunpckldq(Zmm to, Zmm a, Zmm b) => Evex(new(Map0F, P66, 0x62), to.Number, a.Number, b);

    public void Vpunpckhdq(Zmm to, Zmm a, Zmm b) => Evex(new(Map0F, P66, 0x6A), to.Number, a.Number, b);

    public void Vpunpcklqdq(Zmm to, Zmm a, Zmm b) => Evex(new(Map0F, P66, 0x6C, W: true), to.Number, a.Number, b);

    public void Vpunpckhqdq(Zmm to, Zmm a, Zmm b) => Evex(new(Map0F, P66, 0x6D, W: true), to.Number, a.Number, b);

    /// <summary>Two quarters of <paramref name="a"/>, then two of <paramref name="b"/>, two bits of <paramref name="choice"/> each.</summary>
    public void Vshufi64x2(Zmm to, Zmm a, Zmm b, byte choice)
    {
        Evex(new(Map0F3A, P66, 0x43, W: true), to.Number, a.Number, b);
        Bytes([choice]);
    }

    /// <summary>Lane i gets lane order[i] of <paramref name="from"/>.</summary>
    public void Vpermps(Zmm to, Zmm order, Zmm from) => Evex(new(Map0F38, P66, 0x16), to.Number, order.Number, from);

    /// <summary>16 words of 16 bits, widened without sign.</summary>
    public void Vpmovzxwd(Zmm to, Memory from) => Evex(new(Map0F38, P66, 0x33), to.Number, 0, from, read: 32);

    /// <summary>16 halfs as floats.</summary>
    public void Vcvtph2ps(Zmm to, Memory from) => Evex(new(Map0F38, P66, 0x13), to.Number, 0, from, read: 32);

    public void Vcvtdq2ps(Zmm to, Zmm from) => Evex(new(Map0F, None, 0x5B), to.Number, 0, from);

    public void Vcvtdq2ps(Zmm to, Memory from) => Evex(new(Map0F, None, 0x5B), to.Number, 0, from);

    public void Vmulps(Zmm to, Zmm a, Memory b) => Evex(new(Map0F, None, 0x59), to.Number, a.Number, b);

    public void Vmulps(Zmm to, Zmm a, Zmm b) => Evex(new(Map0F, None, 0x59), to.Number, a.Number, b);

    /// <summary>One float of memory with all of <paramref name="a"/>.</summary>
    public void VmulpsOne(Zmm to, Zmm a, Memory b) => Evex(new(Map0F, None, 0x59), to.Number, a.Number, b, read: 4, broadcast: true);

    /// <summary>a = a * b + c, rounded once.</summary>
    public void Vfmadd213ps(Zmm a, Zmm b, Memory c) => Evex(new(Map0F38, P66, 0xA8), a.Number, b.Number, c);

    /// <summary>sums += a * b, rounded once.</summary>
    public void Vfmadd231ps(Zmm sums, Zmm a, Zmm b) => Evex(new(Map0F38, P66, 0xB8), sums.Number, a.Number, b);

    /// <summary>sums -= a * b, rounded once.</summary>
    public void Vfnmadd231ps(Zmm sums, Zmm a, Zmm b) => Evex(new(Map0F38, P66, 0xBC), sums.Number, a.Number, b);

    /// <summary>sums += a * b with one float of memory for all of <paramref name="a"/>.</summary>
    public void Vfmadd231psOne(Zmm sums, Zmm a, Memory b) => Evex(new(Map0F38, P66, 0xB8), sums.Number, a.Number, b, read: 4, broadcast: true);
}
