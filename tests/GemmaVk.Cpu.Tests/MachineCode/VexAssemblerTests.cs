using System;
using System.Collections.Generic;
using GemmaVk.Cpu.MachineCode;
using Xunit;

namespace GemmaVk.Cpu.Tests.MachineCode;

/// <summary>Instructions of 256 bits and of tiles against the bytes that GNU's assembler gives them.</summary>
public class VexAssemblerTests
{
    private static readonly Dictionary<string, Action<Assembler>> Written = new()
    {
        ["vmovups ymm13, [rsp+224]"] = code => code.Vmovups(new Ymm(13), new Memory(Register.Rsp, 224)),
        ["vmovups [r11+32], ymm9"] = code => code.Vmovups(new Memory(Register.R11, 32), new Ymm(9)),
        ["vmovups ymm1, [rax]"] = code => code.Vmovups(new Ymm(1), new Memory(Register.Rax)),
        ["{vex} vpdpbusd ymm9, ymm0, [r10]"] = code => code.Vpdpbusd(new Ymm(9), new Ymm(0), new Memory(Register.R10)),
        ["{vex} vpdpbusd ymm10, ymm15, [rax+224]"] = code => code.Vpdpbusd(new Ymm(10), new Ymm(15), new Memory(Register.Rax, 224)),
        ["vpdpbssd ymm9, ymm3, [r10+32]"] = code => code.Vpdpbssd(new Ymm(9), new Ymm(3), new Memory(Register.R10, 32)),
        ["vpdpbssd ymm1, ymm12, [rdx+rcx+8]"] = code => code.Vpdpbssd(new Ymm(1), new Ymm(12), new Memory(Register.Rdx, 8, Index: Register.Rcx)),
        ["vpaddd ymm9, ymm9, ymm2"] = code => code.Vpaddd(new Ymm(9), new Ymm(9), new Ymm(2)),
        ["vpaddd ymm3, ymm11, ymm12"] = code => code.Vpaddd(new Ymm(3), new Ymm(11), new Ymm(12)),
        ["vpaddb ymm7, ymm7, [rax+32]"] = code => code.Vpaddb(new Ymm(7), new Ymm(7), new Memory(Register.Rax, 32)),
        ["vpand ymm4, ymm4, [r9]"] = code => code.Vpand(new Ymm(4), new Ymm(4), new Memory(Register.R9)),
        ["vpxor ymm9, ymm9, ymm1"] = code => code.Vpxor(new Ymm(9), new Ymm(9), new Ymm(1)),
        ["vpxor ymm6, ymm8, [rcx+64]"] = code => code.Vpxor(new Ymm(6), new Ymm(8), new Memory(Register.Rcx, 64)),
        ["vpsrlw ymm5, ymm1, 4"] = code => code.Vpsrlw(new Ymm(5), new Ymm(1), 4),
        ["vpsrlw ymm12, ymm9, 7"] = code => code.Vpsrlw(new Ymm(12), new Ymm(9), 7),
        ["vpslld ymm8, ymm8, 16"] = code => code.Vpslld(new Ymm(8), new Ymm(8), 16),
        ["vpunpckldq ymm9, ymm0, ymm1"] = code => code.Vpunpckldq(new Ymm(9), new Ymm(0), new Ymm(1)),
        ["vpunpckhdq ymm11, ymm8, ymm15"] = code => code.Vpunpckhdq(new Ymm(11), new Ymm(8), new Ymm(15)),
        ["vpunpcklqdq ymm2, ymm11, ymm14"] = code => code.Vpunpcklqdq(new Ymm(2), new Ymm(11), new Ymm(14)),
        ["vpunpckhqdq ymm3, ymm11, ymm4"] = code => code.Vpunpckhqdq(new Ymm(3), new Ymm(11), new Ymm(4)),
        ["vperm2i128 ymm4, ymm9, [r8+96], 0x31"] = code => code.Vperm2i128(new Ymm(4), new Ymm(9), new Memory(Register.R8, 96), 0x31),
        ["vpermps ymm8, ymm13, ymm8"] = code => code.Vpermps(new Ymm(8), new Ymm(13), new Ymm(8)),
        ["vpmovzxwd ymm8, [r9]"] = code => code.Vpmovzxwd(new Ymm(8), new Memory(Register.R9)),
        ["vpmovzxwd ymm2, [rax+16]"] = code => code.Vpmovzxwd(new Ymm(2), new Memory(Register.Rax, 16)),
        ["vcvtph2ps ymm8, [r9]"] = code => code.Vcvtph2ps(new Ymm(8), new Memory(Register.R9)),
        ["vcvtdq2ps ymm9, ymm9"] = code => code.Vcvtdq2ps(new Ymm(9), new Ymm(9)),
        ["vmulps ymm11, ymm8, [r10+288]"] = code => code.Vmulps(new Ymm(11), new Ymm(8), new Memory(Register.R10, 288)),
        ["vfmadd213ps ymm9, ymm11, [r11+32]"] = code => code.Vfmadd213ps(new Ymm(9), new Ymm(11), new Memory(Register.R11, 32)),
        ["ldtilecfg [rax]"] = code => code.Ldtilecfg(new Memory(Register.Rax)),
        ["ldtilecfg [r12+64]"] = code => code.Ldtilecfg(new Memory(Register.R12, 64)),
        ["tilerelease"] = code => code.Tilerelease(),
        ["tilezero tmm0"] = code => code.Tilezero(new Tmm(0)),
        ["tilezero tmm7"] = code => code.Tilezero(new Tmm(7)),
        ["tileloadd tmm1, [r8+r12]"] = code => code.Tileloadd(new Tmm(1), new Memory(Register.R8, Index: Register.R12)),
        ["tileloadd tmm6, [rax+rcx+64]"] = code => code.Tileloadd(new Tmm(6), new Memory(Register.Rax, 64, Index: Register.Rcx)),
        ["tilestored [rcx+rax], tmm0"] = code => code.Tilestored(new Memory(Register.Rcx, Index: Register.Rax), new Tmm(0)),
        ["tilestored [r10+r12], tmm5"] = code => code.Tilestored(new Memory(Register.R10, Index: Register.R12), new Tmm(5)),
        ["tdpbssd tmm0, tmm1, tmm2"] = code => code.Tdpbssd(new Tmm(0), new Tmm(1), new Tmm(2)),
        ["tdpbssd tmm7, tmm4, tmm5"] = code => code.Tdpbssd(new Tmm(7), new Tmm(4), new Tmm(5)),
    };

    /// <summary>What `as` (binutils 2.40, Intel syntax) makes of them.</summary>
    public static TheoryData<string, string> Known => new()
    {
        { "vmovups ymm13, [rsp+224]", "c5 7c 10 ac 24 e0 00 00 00" },
        { "vmovups [r11+32], ymm9", "c4 41 7c 11 4b 20" },
        { "vmovups ymm1, [rax]", "c5 fc 10 08" },
        { "{vex} vpdpbusd ymm9, ymm0, [r10]", "c4 42 7d 50 0a" },
        { "{vex} vpdpbusd ymm10, ymm15, [rax+224]", "c4 62 05 50 90 e0 00 00 00" },
        { "vpdpbssd ymm9, ymm3, [r10+32]", "c4 42 67 50 4a 20" },
        { "vpdpbssd ymm1, ymm12, [rdx+rcx+8]", "c4 e2 1f 50 4c 0a 08" },
        { "vpaddd ymm9, ymm9, ymm2", "c5 35 fe ca" },
        { "vpaddd ymm3, ymm11, ymm12", "c4 c1 25 fe dc" },
        { "vpaddb ymm7, ymm7, [rax+32]", "c5 c5 fc 78 20" },
        { "vpand ymm4, ymm4, [r9]", "c4 c1 5d db 21" },
        { "vpxor ymm9, ymm9, ymm1", "c5 35 ef c9" },
        { "vpxor ymm6, ymm8, [rcx+64]", "c5 bd ef 71 40" },
        { "vpsrlw ymm5, ymm1, 4", "c5 d5 71 d1 04" },
        { "vpsrlw ymm12, ymm9, 7", "c4 c1 1d 71 d1 07" },
        { "vpslld ymm8, ymm8, 16", "c4 c1 3d 72 f0 10" },
        { "vpunpckldq ymm9, ymm0, ymm1", "c5 7d 62 c9" },
        { "vpunpckhdq ymm11, ymm8, ymm15", "c4 41 3d 6a df" },
        { "vpunpcklqdq ymm2, ymm11, ymm14", "c4 c1 25 6c d6" },
        { "vpunpckhqdq ymm3, ymm11, ymm4", "c5 a5 6d dc" },
        { "vperm2i128 ymm4, ymm9, [r8+96], 0x31", "c4 c3 35 46 60 60 31" },
        { "vpermps ymm8, ymm13, ymm8", "c4 42 15 16 c0" },
        { "vpmovzxwd ymm8, [r9]", "c4 42 7d 33 01" },
        { "vpmovzxwd ymm2, [rax+16]", "c4 e2 7d 33 50 10" },
        { "vcvtph2ps ymm8, [r9]", "c4 42 7d 13 01" },
        { "vcvtdq2ps ymm9, ymm9", "c4 41 7c 5b c9" },
        { "vmulps ymm11, ymm8, [r10+288]", "c4 41 3c 59 9a 20 01 00 00" },
        { "vfmadd213ps ymm9, ymm11, [r11+32]", "c4 42 25 a8 4b 20" },
        { "ldtilecfg [rax]", "c4 e2 78 49 00" },
        { "ldtilecfg [r12+64]", "c4 c2 78 49 44 24 40" },
        { "tilerelease", "c4 e2 78 49 c0" },
        { "tilezero tmm0", "c4 e2 7b 49 c0" },
        { "tilezero tmm7", "c4 e2 7b 49 f8" },
        { "tileloadd tmm1, [r8+r12]", "c4 82 7b 4b 0c 20" },
        { "tileloadd tmm6, [rax+rcx+64]", "c4 e2 7b 4b 74 08 40" },
        { "tilestored [rcx+rax], tmm0", "c4 e2 7a 4b 04 01" },
        { "tilestored [r10+r12], tmm5", "c4 82 7a 4b 2c 22" },
        { "tdpbssd tmm0, tmm1, tmm2", "c4 e2 6b 5e c1" },
        { "tdpbssd tmm7, tmm4, tmm5", "c4 e2 53 5e fc" },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void An_instruction_is_written_as_known(string instruction, string bytes)
    {
        Assembler code = new();
        Written[instruction](code);
        Assert.Equal(bytes, BitConverter.ToString(code.ToArray()).Replace('-', ' ').ToLowerInvariant());
    }
}
