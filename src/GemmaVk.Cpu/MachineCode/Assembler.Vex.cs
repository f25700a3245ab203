namespace GemmaVk.Cpu.MachineCode;

/// <summary>The instructions of 256 bits (VEX), and those of tiles (AMX), by the names of the manual.</summary>
internal sealed partial class Assembler
{
    private const int PF3 = 2, PF2 = 3;
    private const int Wide = 32;

    public void Vmovups(Ymm to, Memory from) => Vex(new(Map0F, None, 0x10, Bytes: Wide), to.Number, 0, from);

    public void Vmovups(Memory to, Ymm from) => Vex(new(Map0F, None, 0x11, Bytes: Wide), from.Number, 0, to);

    /// <summary>Adds to each lane of 32 bits the dot of four unsigned with four signed bytes (AVX-VNNI).</summary>
    public void Vpdpbusd(Ymm sums, Ymm unsigned, Memory signed) => Vex(new(Map0F38, P66, 0x50, Bytes: Wide), sums.Number, unsigned.Number, signed);

    /// <summary>Adds to each lane of 32 bits the dot of four with four signed bytes (AVX-VNNI-INT8).</summary>
    public void Vpdpbssd(Ymm sums, Ymm a, Memory b) => Vex(new(Map0F38, PF2, 0x50, Bytes: Wide), sums.Number, a.Number, b);

    public void Vpaddd(Ymm to, Ymm a, Ymm b) => Vex(new(Map0F, P66, 0xFE, Bytes: Wide), to.Number, a.Number, b.Number);

    public void Vpaddb(Ymm to, Ymm a, Memory b) => Vex(new(Map0F, P66, 0xFC, Bytes: Wide), to.Number, a.Number, b);

    public void Vpand(Ymm to, Ymm a, Memory b) => Vex(new(Map0F, P66, 0xDB, Bytes: Wide), to.Number, a.Number, b);

    public void Vpxor(Ymm to, Ymm a, Memory b) => Vex(new(Map0F, P66, 0xEF, Bytes: Wide), to.Number, a.Number, b);

    public void Vpxor(Ymm to, Ymm a, Ymm b) => Vex(new(Map0F, P66, 0xEF, Bytes: Wide), to.Number, a.Number, b.Number);

    /// <summary>Shifts words of 16 bits right.</summary>
    public void Vpsrlw(Ymm to, Ymm from, byte bits)
    {
        Vex(new(Map0F, P66, 0x71, Bytes: Wide), 2, to.Number, from.Number);
        Bytes([bits]);
    }

    /// <summary>Shifts words of 32 bits left.</summary>
    public void Vpslld(Ymm to, Ymm from, byte bits)
    {
        Vex(new(Map0F, P66, 0x72, Bytes: Wide), 6, to.Number, from.Number);
        Bytes([bits]);
    }

    public void Vpunpckldq(Ymm to, Ymm a, Ymm b) => Vex(new(Map0F, P66, 0x62, Bytes: Wide), to.Number, a.Number, b.Number);

    public void Vpunpckhdq(Ymm to, Ymm a, Ymm b) => Vex(new(Map0F, P66, 0x6A, Bytes: Wide), to.Number, a.Number, b.Number);

    public void Vpunpcklqdq(Ymm to, Ymm a, Ymm b) => Vex(new(Map0F, P66, 0x6C, Bytes: Wide), to.Number, a.Number, b.Number);

    public void Vpunpckhqdq(Ymm to, Ymm a, Ymm b) => Vex(new(Map0F, P66, 0x6D, Bytes: Wide), to.Number, a.Number, b.Number);

    /// <summary>One half of <paramref name="a"/> and one of <paramref name="b"/>: 0x20 the low ones, 0x31 the high ones.</summary>
    public void Vperm2i128(Ymm to, Ymm a, Memory b, byte choice)
    {
        Vex(new(Map0F3A, P66, 0x46, Bytes: Wide), to.Number, a.Number, b);
        Bytes([choice]);
    }

    /// <summary>Lane i gets lane order[i] of <paramref name="from"/>.</summary>
    public void Vpermps(Ymm to, Ymm order, Ymm from) => Vex(new(Map0F38, P66, 0x16, Bytes: Wide), to.Number, order.Number, from.Number);

    /// <summary>8 words of 16 bits, widened without sign.</summary>
    public void Vpmovzxwd(Ymm to, Memory from) => Vex(new(Map0F38, P66, 0x33, Bytes: Wide), to.Number, 0, from);

    /// <summary>8 halfs as floats.</summary>
    public void Vcvtph2ps(Ymm to, Memory from) => Vex(new(Map0F38, P66, 0x13, Bytes: Wide), to.Number, 0, from);

    public void Vcvtdq2ps(Ymm to, Ymm from) => Vex(new(Map0F, None, 0x5B, Bytes: Wide), to.Number, 0, from.Number);

    public void Vmulps(Ymm to, Ymm a, Memory b) => Vex(new(Map0F, None, 0x59, Bytes: Wide), to.Number, a.Number, b);

    /// <summary>a = a * b + c, rounded once.</summary>
    public void Vfmadd213ps(Ymm a, Ymm b, Memory c) => Vex(new(Map0F38, P66, 0xA8, Bytes: Wide), a.Number, b.Number, c);

    /// <summary>Shapes of the tiles, 64 bytes.</summary>
    public void Ldtilecfg(Memory from) => Vex(new(Map0F38, None, 0x49, Bytes: 16), 0, 0, from);

    /// <summary>Gives the tiles back: a switch of threads saves none.</summary>
    public void Tilerelease() => Vex(new(Map0F38, None, 0x49, Bytes: 16), 0, 0, 0);

    public void Tilezero(Tmm to) => Vex(new(Map0F38, PF2, 0x49, Bytes: 16), to.Number, 0, 0);

    /// <summary>Rows, the index's register apart.</summary>
    public void Tileloadd(Tmm to, Memory from) => Vex(new(Map0F38, PF2, 0x4B, Bytes: 16), to.Number, 0, from);

    /// <inheritdoc cref="Tileloadd"/>
    public void Tilestored(Memory to, Tmm from) => Vex(new(Map0F38, PF3, 0x4B, Bytes: 16), from.Number, 0, to);

    /// <summary>sums[m, n] += the sum over k of the dots of four signed bytes, a[m, k] with b[k, n] (AMX-INT8).</summary>
    public void Tdpbssd(Tmm sums, Tmm a, Tmm b) => Vex(new(Map0F38, PF2, 0x5E, Bytes: 16), sums.Number, b.Number, a.Number);
}
