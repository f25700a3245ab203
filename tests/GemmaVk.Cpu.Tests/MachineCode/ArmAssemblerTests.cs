using System;
using System.Collections.Generic;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.MachineCode.Arm;
using Xunit;

namespace GemmaVk.Cpu.Tests.MachineCode;

/// <summary>Each instruction of Arm against the bytes that GNU's assembler gives it, over low and high registers.</summary>
public class ArmAssemblerTests
{
    private static readonly Dictionary<string, Action<ArmAssembler>> Written = new()
    {
        ["ldr x1, [x0]"] = code => code.Ldr(new X(1), new X(0), 0),
        ["ldr x9, [x0, #64]"] = code => code.Ldr(new X(9), new X(0), 64),
        ["ldr q3, [x5, #2032]"] = code => code.Ldr(new V(3), new X(5), 2032),
        ["ldr q31, [x10]"] = code => code.Ldr(new V(31), new X(10), 0),
        ["ldr d24, [x2]"] = code => code.LdrLow(new V(24), new X(2), 0),
        ["ldr d5, [x30, #16]"] = code => code.LdrLow(new V(5), new X(30), 16),
        ["str q29, [x10, #48]"] = code => code.Str(new V(29), new X(10), 48),
        ["mov x10, x6"] = code => code.Mov(new X(10), new X(6)),
        ["add x5, x5, #160"] = code => code.Add(new X(5), new X(5), 160),
        ["add x12, x3, #64"] = code => code.Add(new X(12), new X(3), 64),
        ["subs x11, x11, #1"] = code => code.Subs(new X(11), new X(11), 1),
        ["lsr x9, x9, #1"] = code => code.LsrOne(new X(9), new X(9)),
        ["ret"] = code => code.Ret(),
        ["prfm pldl1keep, [x12]"] = code => code.Prfm(new X(12), 0),
        ["prfm pldl1keep, [x7, #192]"] = code => code.Prfm(new X(7), 192),
        ["movi v30.16b, #15"] = code => code.Movi(new V(30), 15),
        ["movi v31.16b, #8"] = code => code.Movi(new V(31), 8),
        ["movi v28.16b, #0"] = code => code.Movi(new V(28), 0),
        ["movi v1.16b, #201"] = code => code.Movi(new V(1), 201),
        ["zip1 v26.4s, v0.4s, v17.4s"] = code => code.Zip1Words(new V(26), new V(0), new V(17)),
        ["zip2 v27.4s, v16.4s, v1.4s"] = code => code.Zip2Words(new V(27), new V(16), new V(1)),
        ["zip1 v2.2d, v26.2d, v27.2d"] = code => code.Zip1Halves(new V(2), new V(26), new V(27)),
        ["zip2 v19.2d, v28.2d, v29.2d"] = code => code.Zip2Halves(new V(19), new V(28), new V(29)),
        ["and v4.16b, v5.16b, v30.16b"] = code => code.And(new V(4), new V(5), new V(30)),
        ["sub v20.16b, v4.16b, v31.16b"] = code => code.Sub(new V(20), new V(4), new V(31)),
        ["ushr v7.16b, v19.16b, #4"] = code => code.UshrFour(new V(7), new V(19)),
        ["sdot v26.4s, v23.16b, v31.16b"] = code => code.Sdot(new V(26), new V(23), new V(31)),
        ["smmla v28.4s, v16.16b, v29.16b"] = code => code.Smmla(new V(28), new V(16), new V(29)),
        ["scvtf v26.4s, v27.4s"] = code => code.Scvtf(new V(26), new V(27)),
        ["shll v24.4s, v25.4h, #16"] = code => code.ShllSixteen(new V(24), new V(25)),
        ["fcvtl v24.4s, v25.4h"] = code => code.Fcvtl(new V(24), new V(25)),
        ["fmul v31.4s, v24.4s, v30.4s"] = code => code.Fmul(new V(31), new V(24), new V(30)),
        ["fmla v29.4s, v26.4s, v28.4s"] = code => code.Fmla(new V(29), new V(26), new V(28)),
    };

    /// <summary>What `aarch64-linux-gnu-as` (binutils 2.40) makes of them.</summary>
    public static TheoryData<string, string> Known => new()
    {
        { "ldr x1, [x0]", "01 00 40 f9" },
        { "ldr x9, [x0, #64]", "09 20 40 f9" },
        { "ldr q3, [x5, #2032]", "a3 fc c1 3d" },
        { "ldr q31, [x10]", "5f 01 c0 3d" },
        { "ldr d24, [x2]", "58 00 40 fd" },
        { "ldr d5, [x30, #16]", "c5 0b 40 fd" },
        { "str q29, [x10, #48]", "5d 0d 80 3d" },
        { "mov x10, x6", "ea 03 06 aa" },
        { "add x5, x5, #160", "a5 80 02 91" },
        { "add x12, x3, #64", "6c 00 01 91" },
        { "subs x11, x11, #1", "6b 05 00 f1" },
        { "lsr x9, x9, #1", "29 fd 41 d3" },
        { "ret", "c0 03 5f d6" },
        { "prfm pldl1keep, [x12]", "80 01 80 f9" },
        { "prfm pldl1keep, [x7, #192]", "e0 60 80 f9" },
        { "movi v30.16b, #15", "fe e5 00 4f" },
        { "movi v31.16b, #8", "1f e5 00 4f" },
        { "movi v28.16b, #0", "1c e4 00 4f" },
        { "movi v1.16b, #201", "21 e5 06 4f" },
        { "zip1 v26.4s, v0.4s, v17.4s", "1a 38 91 4e" },
        { "zip2 v27.4s, v16.4s, v1.4s", "1b 7a 81 4e" },
        { "zip1 v2.2d, v26.2d, v27.2d", "42 3b db 4e" },
        { "zip2 v19.2d, v28.2d, v29.2d", "93 7b dd 4e" },
        { "and v4.16b, v5.16b, v30.16b", "a4 1c 3e 4e" },
        { "sub v20.16b, v4.16b, v31.16b", "94 84 3f 6e" },
        { "ushr v7.16b, v19.16b, #4", "67 06 0c 6f" },
        { "sdot v26.4s, v23.16b, v31.16b", "fa 96 9f 4e" },
        { "smmla v28.4s, v16.16b, v29.16b", "1c a6 9d 4e" },
        { "scvtf v26.4s, v27.4s", "7a db 21 4e" },
        { "shll v24.4s, v25.4h, #16", "38 3b 61 2e" },
        { "fcvtl v24.4s, v25.4h", "38 7b 21 0e" },
        { "fmul v31.4s, v24.4s, v30.4s", "1f df 3e 6e" },
        { "fmla v29.4s, v26.4s, v28.4s", "5d cf 3c 4e" },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void An_instruction_is_written_as_known(string instruction, string bytes)
    {
        ArmAssembler code = new();
        Written[instruction](code);
        Assert.Equal(bytes, BitConverter.ToString(code.ToArray()).Replace('-', ' ').ToLowerInvariant());
    }

    [Fact]
    public void Jumps_are_found_forwards_and_backwards_and_offsets_have_bounds()
    {
        ArmAssembler code = new();
        Label loop = new(), end = new();
        code.Place(loop);
        code.Bne(end);
        code.Bne(loop);
        code.Place(end);
        // b.ne .+8; b.ne .-4
        Assert.Equal("41000054" + "e1ffff54", Convert.ToHexStringLower(code.ToArray()));
        Assert.Throws<ArgumentOutOfRangeException>(() => code.Ldr(new V(0), new X(1), 24));
        Assert.Throws<ArgumentOutOfRangeException>(() => code.Add(new X(0), new X(1), 4096));
        code.Bne(new Label());
        Assert.Throws<InvalidOperationException>(() => code.ToArray());
    }
}
