using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Cpu.MachineCode;
using Xunit;

namespace GemmaVk.Cpu.Tests.MachineCode;

/// <summary>Each instruction against the bytes that GNU's assembler gives it, over low and high registers and near and far memory.</summary>
public class AssemblerTests
{
    private static readonly Dictionary<string, Action<Assembler>> Written = new()
    {
        ["mov r8, [rdi]"] = code => code.Mov(Register.R8, new Memory(Register.Rdi)),
        ["mov rax, [rcx+40]"] = code => code.Mov(Register.Rax, new Memory(Register.Rcx, 40)),
        ["mov rdx, [r12+0x1234]"] = code => code.Mov(Register.Rdx, new Memory(Register.R12, 0x1234)),
        ["add rdx, 256"] = code => code.Add(Register.Rdx, 256),
        ["add r10, 10240"] = code => code.Add(Register.R10, 10240),
        ["sub rsp, 160"] = code => code.Sub(Register.Rsp, 160),
        ["dec rax"] = code => code.Dec(Register.Rax),
        ["mov rbx, [rbp]"] = code => code.Mov(Register.Rbx, new Memory(Register.Rbp)),
        ["mov r15, [r13+8]"] = code => code.Mov(Register.R15, new Memory(Register.R13, 8)),
        ["vmovups zmm1, [rsp]"] = code => code.Vmovups(new Zmm(1), new Memory(Register.Rsp)),
        ["vmovups zmm1, [r13-64]"] = code => code.Vmovups(new Zmm(1), new Memory(Register.R13, -64)),
        ["dec r9"] = code => code.Dec(Register.R9),
        ["ret"] = code => code.Ret(),
        ["vzeroupper"] = code => code.Vzeroupper(),
        ["xgetbv"] = code => code.Xgetbv(),
        ["mov [r8], eax"] = code => code.MovLow(new Memory(Register.R8), Register.Rax),
        ["mov [rcx+64], r10d"] = code => code.MovLow(new Memory(Register.Rcx, 64), Register.R10),
        ["mov rcx, 0"] = code => code.Mov(Register.Rcx, 0),
        ["prefetcht1 [rdx+64]"] = code => code.Prefetcht1(new Memory(Register.Rdx, 64)),
        ["prefetcht1 [r9+448]"] = code => code.Prefetcht1(new Memory(Register.R9, 448)),
        ["vmovups zmm0, [r8]"] = code => code.Vmovups(new Zmm(0), new Memory(Register.R8)),
        ["vmovups zmm31, [rax+8128]"] = code => code.Vmovups(new Zmm(31), new Memory(Register.Rax, 8128)),
        ["vmovups zmm9, [r10+8192]"] = code => code.Vmovups(new Zmm(9), new Memory(Register.R10, 8192)),
        ["vmovups zmm17, [rsp+100]"] = code => code.Vmovups(new Zmm(17), new Memory(Register.Rsp, 100)),
        ["vmovups [r11+960], zmm31"] = code => code.Vmovups(new Memory(Register.R11, 960), new Zmm(31)),
        ["{evex} vmovups [rsp+16], xmm7"] = code => code.VmovupsLow(new Memory(Register.Rsp, 16), new Zmm(7)),
        ["{evex} vmovups xmm15, [rsp+144]"] = code => code.VmovupsLow(new Zmm(15), new Memory(Register.Rsp, 144)),
        ["vpdpbusd zmm9, zmm0, [r10]"] = code => code.Vpdpbusd(new Zmm(9), new Zmm(0), new Memory(Register.R10)),
        ["vpdpbusd zmm30, zmm21, [r10+9984]"] = code => code.Vpdpbusd(new Zmm(30), new Zmm(21), new Memory(Register.R10, 9984)),
        ["vpaddd zmm9, zmm9, zmm10"] = code => code.Vpaddd(new Zmm(9), new Zmm(9), new Zmm(10)),
        ["vpaddd zmm25, zmm1, zmm31"] = code => code.Vpaddd(new Zmm(25), new Zmm(1), new Zmm(31)),
        ["vpandd zmm4, zmm4, zmm12"] = code => code.Vpandd(new Zmm(4), new Zmm(4), new Zmm(12)),
        ["vpxord zmm16, zmm24, zmm8"] = code => code.Vpxord(new Zmm(16), new Zmm(24), new Zmm(8)),
        ["vpsrlw zmm5, zmm1, 4"] = code => code.Vpsrlw(new Zmm(5), new Zmm(1), 4),
        ["vpsrlw zmm29, zmm19, 7"] = code => code.Vpsrlw(new Zmm(29), new Zmm(19), 7),
        ["vpslld zmm8, zmm8, 16"] = code => code.Vpslld(new Zmm(8), new Zmm(8), 16),
        ["vpunpckldq zmm9, zmm0, zmm1"] = code => code.Vpunpckldq(new Zmm(9), new Zmm(0), new Zmm(1)),
        ["vpunpckhdq zmm11, zmm20, zmm31"] = code => code.Vpunpckhdq(new Zmm(11), new Zmm(20), new Zmm(31)),
        ["vpunpcklqdq zmm2, zmm11, zmm14"] = code => code.Vpunpcklqdq(new Zmm(2), new Zmm(11), new Zmm(14)),
        ["vpunpckhqdq zmm3, zmm11, zmm14"] = code => code.Vpunpckhqdq(new Zmm(3), new Zmm(11), new Zmm(14)),
        ["vshufi64x2 zmm4, zmm9, zmm10, 0xdd"] = code => code.Vshufi64x2(new Zmm(4), new Zmm(9), new Zmm(10), 0xDD),
        ["vpermps zmm8, zmm13, zmm8"] = code => code.Vpermps(new Zmm(8), new Zmm(13), new Zmm(8)),
        ["vpmovzxwd zmm8, [r9]"] = code => code.Vpmovzxwd(new Zmm(8), new Memory(Register.R9)),
        ["vpmovzxwd zmm24, [rax+96]"] = code => code.Vpmovzxwd(new Zmm(24), new Memory(Register.Rax, 96)),
        ["vcvtph2ps zmm8, [r9]"] = code => code.Vcvtph2ps(new Zmm(8), new Memory(Register.R9)),
        ["vcvtph2ps zmm24, [rax+96]"] = code => code.Vcvtph2ps(new Zmm(24), new Memory(Register.Rax, 96)),
        ["vcvtdq2ps zmm9, zmm9"] = code => code.Vcvtdq2ps(new Zmm(9), new Zmm(9)),
        ["vmulps zmm11, zmm8, [r10+576]"] = code => code.Vmulps(new Zmm(11), new Zmm(8), new Memory(Register.R10, 576)),
        ["vfmadd231ps zmm16, zmm9, zmm11"] = code => code.Vfmadd231ps(new Zmm(16), new Zmm(9), new Zmm(11)),
        ["vfmadd231ps zmm31, zmm28, zmm3"] = code => code.Vfmadd231ps(new Zmm(31), new Zmm(28), new Zmm(3)),
        ["mov r12, rdx"] = code => code.Mov(Register.R12, Register.Rdx),
        ["mov rcx, r15"] = code => code.Mov(Register.Rcx, Register.R15),
        ["push rbx"] = code => code.Push(Register.Rbx),
        ["push r14"] = code => code.Push(Register.R14),
        ["pop r13"] = code => code.Pop(Register.R13),
        ["pop rbp"] = code => code.Pop(Register.Rbp),
        ["mov rax, 64"] = code => code.Mov(Register.Rax, 64),
        ["mov r13, 16"] = code => code.Mov(Register.R13, 16),
        ["prefetcht1 [rax+rdx+192]"] = code => code.Prefetcht1(new Memory(Register.Rax, 192, Index: Register.Rdx)),
        ["prefetcht1 [r8+rdx]"] = code => code.Prefetcht1(new Memory(Register.R8, Index: Register.Rdx)),
        ["prefetcht1 [r13+r12+64]"] = code => code.Prefetcht1(new Memory(Register.R13, 64, Index: Register.R12)),
        ["vmovups zmm19, zmm18"] = code => code.Vmovups(new Zmm(19), new Zmm(18)),
        ["vmovups zmm3, [r9+r14+128]"] = code => code.Vmovups(new Zmm(3), new Memory(Register.R9, 128, Index: Register.R14)),
        ["vpdpbusd zmm18, zmm12, zmm22"] = code => code.Vpdpbusd(new Zmm(18), new Zmm(12), new Zmm(22)),
        ["vpdpbusd zmm2, zmm31, zmm9"] = code => code.Vpdpbusd(new Zmm(2), new Zmm(31), new Zmm(9)),
        ["vmulps zmm23, zmm16, zmm22"] = code => code.Vmulps(new Zmm(23), new Zmm(16), new Zmm(22)),
        ["vmulps zmm2, zmm0, dword ptr [r9+60]{1to16}"] = code => code.VmulpsOne(new Zmm(2), new Zmm(0), new Memory(Register.R9, 60)),
        ["vmulps zmm29, zmm17, dword ptr [rax+1024]{1to16}"] = code => code.VmulpsOne(new Zmm(29), new Zmm(17), new Memory(Register.Rax, 1024)),
        ["vcvtdq2ps zmm1, [rcx+960]"] = code => code.Vcvtdq2ps(new Zmm(1), new Memory(Register.Rcx, 960)),
        ["vfmadd213ps zmm18, zmm23, [r11+64]"] = code => code.Vfmadd213ps(new Zmm(18), new Zmm(23), new Memory(Register.R11, 64)),
        ["vfmadd213ps zmm1, zmm2, [r12]"] = code => code.Vfmadd213ps(new Zmm(1), new Zmm(2), new Memory(Register.R12)),
        ["add rax, r8"] = code => code.Add(Register.Rax, Register.R8),
        ["add r12, rdx"] = code => code.Add(Register.R12, Register.Rdx),
        ["vpdpwssd zmm15, zmm17, zmm21"] = code => code.Vpdpwssd(new Zmm(15), new Zmm(17), new Zmm(21)),
        ["vpdpwssd zmm0, zmm16, zmm18"] = code => code.Vpdpwssd(new Zmm(0), new Zmm(16), new Zmm(18)),
        ["vpdpwssd zmm15, zmm25, dword ptr [r8+60]{1to16}"] = code => code.VpdpwssdOne(new Zmm(15), new Zmm(25), new Memory(Register.R8, 60)),
        ["vpdpwssd zmm8, zmm24, dword ptr [r8+7676]{1to16}"] = code => code.VpdpwssdOne(new Zmm(8), new Zmm(24), new Memory(Register.R8, 7676)),
        ["vpbroadcastd zmm26, dword ptr [r8+4060]"] = code => code.Vpbroadcastd(new Zmm(26), new Memory(Register.R8, 4060)),
        ["vpbroadcastd zmm18, dword ptr [r9+60]"] = code => code.Vpbroadcastd(new Zmm(18), new Memory(Register.R9, 60)),
        ["vpmovsxbw zmm16, [r8]"] = code => code.Vpmovsxbw(new Zmm(16), new Memory(Register.R8)),
        ["vpmovsxbw zmm17, [r8+32]"] = code => code.Vpmovsxbw(new Zmm(17), new Memory(Register.R8, 32)),
        ["vfmadd231ps zmm7, zmm23, dword ptr [r10+448]{1to16}"] = code => code.Vfmadd231psOne(new Zmm(7), new Zmm(23), new Memory(Register.R10, 448)),
        ["vfmadd231ps zmm17, zmm0, dword ptr [r11+1000]{1to16}"] = code => code.Vfmadd231psOne(new Zmm(17), new Zmm(0), new Memory(Register.R11, 1000)),
        ["vmovups ymm20, [r8+128]"] = code => code.VmovupsHalf(new Zmm(20), new Memory(Register.R8, 128)),
        ["vinserti32x4 zmm20, zmm20, [r9+18], 1"] = code => code.Vinserti32x4(new Zmm(20), new Zmm(20), new Memory(Register.R9, 18), 1),
        ["vinserti64x4 zmm25, zmm25, [rax+288], 1"] = code => code.Vinserti64x4(new Zmm(25), new Zmm(25), new Memory(Register.Rax, 288), 1),
        ["vpandd zmm21, zmm22, [r10+64]"] = code => code.Vpandd(new Zmm(21), new Zmm(22), new Memory(Register.R10, 64)),
        ["vpternlogd zmm3, zmm20, zmm24, 0x78"] = code => code.Vpternlogd(new Zmm(3), new Zmm(20), new Zmm(24), 0x78),
        ["vpsrad zmm22, zmm22, 24"] = code => code.Vpsrad(new Zmm(22), new Zmm(22), 24),
        ["vpsrlvd zmm21, zmm21, [r10+64]"] = code => code.Vpsrlvd(new Zmm(21), new Zmm(21), new Memory(Register.R10, 64)),
        ["vpsllvd zmm22, zmm29, [r11]"] = code => code.Vpsllvd(new Zmm(22), new Zmm(29), new Memory(Register.R11)),
        ["vfnmadd231ps zmm27, zmm18, zmm29"] = code => code.Vfnmadd231ps(new Zmm(27), new Zmm(18), new Zmm(29)),
    };

    /// <summary>What `as` (binutils 2.40, Intel syntax) makes of them.</summary>
    public static TheoryData<string, string> Known => new()
    {
        { "mov r8, [rdi]", "4c 8b 07" },
        { "mov rax, [rcx+40]", "48 8b 41 28" },
        { "mov rdx, [r12+0x1234]", "49 8b 94 24 34 12 00 00" },
        { "add rdx, 256", "48 81 c2 00 01 00 00" },
        { "add r10, 10240", "49 81 c2 00 28 00 00" },
        { "sub rsp, 160", "48 81 ec a0 00 00 00" },
        { "dec rax", "48 ff c8" },
        { "mov rbx, [rbp]", "48 8b 5d 00" },
        { "mov r15, [r13+8]", "4d 8b 7d 08" },
        { "vmovups zmm1, [rsp]", "62 f1 7c 48 10 0c 24" },
        { "vmovups zmm1, [r13-64]", "62 d1 7c 48 10 4d ff" },
        { "dec r9", "49 ff c9" },
        { "ret", "c3" },
        { "vzeroupper", "c5 f8 77" },
        { "xgetbv", "0f 01 d0" },
        { "mov [r8], eax", "41 89 00" },
        { "mov [rcx+64], r10d", "44 89 51 40" },
        { "mov rcx, 0", "48 c7 c1 00 00 00 00" },
        { "prefetcht1 [rdx+64]", "0f 18 52 40" },
        { "prefetcht1 [r9+448]", "41 0f 18 91 c0 01 00 00" },
        { "vmovups zmm0, [r8]", "62 d1 7c 48 10 00" },
        { "vmovups zmm31, [rax+8128]", "62 61 7c 48 10 78 7f" },
        { "vmovups zmm9, [r10+8192]", "62 51 7c 48 10 8a 00 20 00 00" },
        { "vmovups zmm17, [rsp+100]", "62 e1 7c 48 10 8c 24 64 00 00 00" },
        { "vmovups [r11+960], zmm31", "62 41 7c 48 11 7b 0f" },
        { "{evex} vmovups [rsp+16], xmm7", "62 f1 7c 08 11 7c 24 01" },
        { "{evex} vmovups xmm15, [rsp+144]", "62 71 7c 08 10 7c 24 09" },
        { "vpdpbusd zmm9, zmm0, [r10]", "62 52 7d 48 50 0a" },
        { "vpdpbusd zmm30, zmm21, [r10+9984]", "62 42 55 40 50 b2 00 27 00 00" },
        { "vpaddd zmm9, zmm9, zmm10", "62 51 35 48 fe ca" },
        { "vpaddd zmm25, zmm1, zmm31", "62 01 75 48 fe cf" },
        { "vpandd zmm4, zmm4, zmm12", "62 d1 5d 48 db e4" },
        { "vpxord zmm16, zmm24, zmm8", "62 c1 3d 40 ef c0" },
        { "vpsrlw zmm5, zmm1, 4", "62 f1 55 48 71 d1 04" },
        { "vpsrlw zmm29, zmm19, 7", "62 b1 15 40 71 d3 07" },
        { "vpslld zmm8, zmm8, 16", "62 d1 3d 48 72 f0 10" },
        { "vpunpckldq zmm9, zmm0, zmm1", "62 71 7d 48 62 c9" },
        { "vpunpckhdq zmm11, zmm20, zmm31", "62 11 5d 40 6a df" },
        { "vpunpcklqdq zmm2, zmm11, zmm14", "62 d1 a5 48 6c d6" },
        { "vpunpckhqdq zmm3, zmm11, zmm14", "62 d1 a5 48 6d de" },
        { "vshufi64x2 zmm4, zmm9, zmm10, 0xdd", "62 d3 b5 48 43 e2 dd" },
        { "vpermps zmm8, zmm13, zmm8", "62 52 15 48 16 c0" },
        { "vpmovzxwd zmm8, [r9]", "62 52 7d 48 33 01" },
        { "vpmovzxwd zmm24, [rax+96]", "62 62 7d 48 33 40 03" },
        { "vcvtph2ps zmm8, [r9]", "62 52 7d 48 13 01" },
        { "vcvtph2ps zmm24, [rax+96]", "62 62 7d 48 13 40 03" },
        { "vcvtdq2ps zmm9, zmm9", "62 51 7c 48 5b c9" },
        { "vmulps zmm11, zmm8, [r10+576]", "62 51 3c 48 59 5a 09" },
        { "vfmadd231ps zmm16, zmm9, zmm11", "62 c2 35 48 b8 c3" },
        { "vfmadd231ps zmm31, zmm28, zmm3", "62 62 1d 40 b8 fb" },
        { "mov r12, rdx", "49 89 d4" },
        { "mov rcx, r15", "4c 89 f9" },
        { "push rbx", "53" },
        { "push r14", "41 56" },
        { "pop r13", "41 5d" },
        { "pop rbp", "5d" },
        { "mov rax, 64", "48 c7 c0 40 00 00 00" },
        { "mov r13, 16", "49 c7 c5 10 00 00 00" },
        { "prefetcht1 [rax+rdx+192]", "0f 18 94 10 c0 00 00 00" },
        { "prefetcht1 [r8+rdx]", "41 0f 18 14 10" },
        { "prefetcht1 [r13+r12+64]", "43 0f 18 54 25 40" },
        { "vmovups zmm19, zmm18", "62 a1 7c 48 10 da" },
        { "vmovups zmm3, [r9+r14+128]", "62 91 7c 48 10 5c 31 02" },
        { "vpdpbusd zmm18, zmm12, zmm22", "62 a2 1d 48 50 d6" },
        { "vpdpbusd zmm2, zmm31, zmm9", "62 d2 05 40 50 d1" },
        { "vmulps zmm23, zmm16, zmm22", "62 a1 7c 40 59 fe" },
        { "vmulps zmm2, zmm0, dword ptr [r9+60]{1to16}", "62 d1 7c 58 59 51 0f" },
        { "vmulps zmm29, zmm17, dword ptr [rax+1024]{1to16}", "62 61 74 50 59 a8 00 04 00 00" },
        { "vcvtdq2ps zmm1, [rcx+960]", "62 f1 7c 48 5b 49 0f" },
        { "vfmadd213ps zmm18, zmm23, [r11+64]", "62 c2 45 40 a8 53 01" },
        { "vfmadd213ps zmm1, zmm2, [r12]", "62 d2 6d 48 a8 0c 24" },
        { "add rax, r8", "4c 01 c0" },
        { "add r12, rdx", "49 01 d4" },
        { "vpdpwssd zmm15, zmm17, zmm21", "62 32 75 40 52 fd" },
        { "vpdpwssd zmm0, zmm16, zmm18", "62 b2 7d 40 52 c2" },
        { "vpdpwssd zmm15, zmm25, dword ptr [r8+60]{1to16}", "62 52 35 50 52 78 0f" },
        { "vpdpwssd zmm8, zmm24, dword ptr [r8+7676]{1to16}", "62 52 3d 50 52 80 fc 1d 00 00" },
        { "vpbroadcastd zmm26, dword ptr [r8+4060]", "62 42 7d 48 58 90 dc 0f 00 00" },
        { "vpbroadcastd zmm18, dword ptr [r9+60]", "62 c2 7d 48 58 51 0f" },
        { "vpmovsxbw zmm16, [r8]", "62 c2 7d 48 20 00" },
        { "vpmovsxbw zmm17, [r8+32]", "62 c2 7d 48 20 48 01" },
        { "vfmadd231ps zmm7, zmm23, dword ptr [r10+448]{1to16}", "62 d2 45 50 b8 7a 70" },
        { "vfmadd231ps zmm17, zmm0, dword ptr [r11+1000]{1to16}", "62 c2 7d 58 b8 8b e8 03 00 00" },
        { "vmovups ymm20, [r8+128]", "62 c1 7c 28 10 60 04" },
        { "vinserti32x4 zmm20, zmm20, [r9+18], 1", "62 c3 5d 40 38 a1 12 00 00 00 01" },
        { "vinserti64x4 zmm25, zmm25, [rax+288], 1", "62 63 b5 40 3a 48 09 01" },
        { "vpandd zmm21, zmm22, [r10+64]", "62 c1 4d 40 db 6a 01" },
        { "vpternlogd zmm3, zmm20, zmm24, 0x78", "62 93 5d 40 25 d8 78" },
        { "vpsrad zmm22, zmm22, 24", "62 b1 4d 40 72 e6 18" },
        { "vpsrlvd zmm21, zmm21, [r10+64]", "62 c2 55 40 45 6a 01" },
        { "vpsllvd zmm22, zmm29, [r11]", "62 c2 15 40 47 33" },
        { "vfnmadd231ps zmm27, zmm18, zmm29", "62 02 6d 40 bc dd" },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void An_instruction_is_written_as_known(string instruction, string bytes)
    {
        Assembler code = new();
        Written[instruction](code);
        Assert.Equal(bytes, Convert.ToHexStringLower(code.ToArray()).Chunk(2).Select(pair => new string(pair)).Aggregate((a, b) => $"{a} {b}"));
    }

    [Fact]
    public void Jumps_and_constants_are_found_forwards_and_backwards()
    {
        Assembler code = new();
        Label loop = new(), constant = new();
        code.Place(loop);
        code.Vmovups(new Zmm(12), Memory.At(constant));
        code.Jnz(loop);
        code.Align(16);
        code.Place(constant);
        code.Bytes([1, 2, 3, 4]);
        // vmovups zmm12, [rip+6]: behind it are 6 bytes of the jump; the jump goes back over its own 6 and the 10 before.
        Assert.Equal("62717c48102506000000" + "0f85f0ffffff" + "01020304", Convert.ToHexStringLower(code.ToArray()));
    }

    [Fact]
    public void A_label_without_a_place_is_an_error()
    {
        Assembler code = new();
        code.Jnz(new Label());
        Assert.Throws<InvalidOperationException>(() => code.ToArray());
    }
}
