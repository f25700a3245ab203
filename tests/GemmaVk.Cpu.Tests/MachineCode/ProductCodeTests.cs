using System;
using System.Linq;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.Simd;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Cpu.Tests.MachineCode;

public class ProductCodeTests
{
    [Theory]
    [InlineData(InstructionSet.Avx512, null, CodePath.Amx)]
    [InlineData(InstructionSet.Avx512, "vnni", CodePath.Avx512Vnni)]
    [InlineData(InstructionSet.Avx2, "on", CodePath.AvxVnniInt8)]
    [InlineData(InstructionSet.Avx2, "avx-vnni", CodePath.AvxVnni)]
    [InlineData(InstructionSet.Vector128, "", CodePath.I8mm)]
    [InlineData(InstructionSet.Vector128, "dotprod", CodePath.DotProd)]
    public void TheBestPathOfAWidthRunsOrTheNamedOne(InstructionSet width, string? word, object path)
    {
        Assert.Equal((CodePath)path, ProductCode.Choose(width, word, Everything, out string[] notes)!.Path);
        Assert.Empty(notes);
    }

    [Theory]
    [InlineData(InstructionSet.Avx2, true, null, CodePath.Avx512Vnni)]
    [InlineData(InstructionSet.Avx2, true, "avx-vnni", CodePath.AvxVnni)]
    [InlineData(InstructionSet.Avx2, false, "vnni", CodePath.Avx512Vnni)]
    [InlineData(InstructionSet.Avx2, false, null, CodePath.AvxVnniInt8)]
    [InlineData(InstructionSet.Avx512, true, null, CodePath.Amx)]
    [InlineData(InstructionSet.Vector128, true, null, CodePath.I8mm)]
    public void CodeWiderThanTheVectorsRunsWhereTheyWereChosenByACompilerOrWhereItIsNamed(InstructionSet width, bool wider, string? word, object path) =>
        Assert.Equal((CodePath)path, ProductCode.Choose(width, word, Everything, out _, wider)!.Path);

    [Fact]
    public void WhereWiderCodeCannotRunThatOfTheVectorsDoes()
    {
        Assert.Equal(
            CodePath.AvxVnniInt8,
            ProductCode.Choose(InstructionSet.Avx2, "on", path => path == CodePath.Avx512Vnni ? (null, "none here") : Everything(path), out string[] notes, wider: true)!.Path);
        Assert.Equal(["none here"], notes);
    }

    [Fact]
    public void TheSystemSaysWhichRegistersItKeeps()
    {
        if (!Lanes256.IsSupported)
        {
            return;
        }

        // A runtime that has AVX2 found those of SSE and AVX there, and one that has AVX-512 the others.
        Assert.Equal(6u, StateKernel.Kept() & 6);
        Assert.True(!Lanes512.IsSupported || (StateKernel.Kept() & 0xE6) == 0xE6);
    }

    [Fact]
    public void AWrongWordIsAnErrorThatListsTheRightOnes()
    {
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => ProductCode.Choose(InstructionSet.Avx512, "VNNI", Everything, out _));
        Assert.Equal(
            "GEMMAVK_MACHINE_CODE: expected one of on, off, amx, vnni, avx-vnni-int8, avx-vnni, i8mm, dotprod, but it is 'VNNI'; unset it for on", error.Message);
    }

    [Fact]
    public void ANamedPathThatCannotRunIsAnErrorThatSaysWhy()
    {
        Assert.Contains(
            "'amx', but that cannot run: no tiles", Assert.Throws<GemmaVkException>(() => ProductCode.Choose(InstructionSet.Avx512, "amx", _ => (null, "no tiles"), out _)).Message);
        Assert.Contains(
            "'amx', but that cannot run: AMX-INT8 goes with vectors of another width",
            Assert.Throws<GemmaVkException>(() => ProductCode.Choose(InstructionSet.Avx2, "amx", Everything, out _)).Message);
    }

    [Fact]
    public void WhereTilesAreRefusedTheNextPathRunsAndTheDescriptionSaysSo()
    {
        if (CpuDescription.Best != InstructionSet.Avx512)
        {
            return;
        }

        string? refusal = CodeSupport.AmxObstacle(present: true, () => "arch_prctl failed: Operation not permitted");
        using CpuBackend backend = new(new CpuOptions(Threads: 1, MachineCode: true) { CodeSource = path => path == CodePath.Amx ? (null, refusal) : Everything(path) });
        Assert.Contains(
            "machine code of its own: products of INT8 rows, AVX512-VNNI (the system does not give permission to use AMX tiles: arch_prctl failed: Operation not permitted)",
            backend.Device.Details);
        Assert.Equal("this processor has no AMX-INT8", CodeSupport.AmxObstacle(present: false, () => throw new InvalidOperationException("asked")));
        Assert.Null(CodeSupport.AmxObstacle(present: true, () => null));
    }

    [Theory]
    [InlineData(InstructionSet.Avx512, CodePath.Avx512Vnni, true)]
    [InlineData(InstructionSet.Avx2, CodePath.AvxVnni, false)]
    public void TheDescriptionSaysWhatKQuantsRunOn(InstructionSet width, object path, bool code)
    {
        if (CpuDescription.Best < width)
        {
            return;
        }

        using CpuBackend backend = new(new CpuOptions(Threads: 1, Instructions: width, MachineCode: true) { CodeSource = asked => asked == (CodePath)path ? Everything(asked) : (null, "not asked") });
        string reason = backend.Variants.First(variant => variant.Kernel == "MatVec").Reason;
        Assert.Contains("in machine code of its own", reason, StringComparison.Ordinal);
        Assert.Equal(code, !reason.Contains("Q4K, Q5K and Q6K", StringComparison.Ordinal));
    }

    [Fact]
    public void WithoutExecutablePagesTheIntrinsicsRunAndTheDescriptionSaysSo()
    {
        using CpuBackend backend = new(new CpuOptions(Threads: 1, MachineCode: true) { CodeSource = _ => (null, "the system does not allow executable pages: mprotect failed") });
        Assert.False(backend.MachineCode);
        Assert.Contains(backend.Device.Details, line => line.StartsWith("machine code of its own: none: the system does not allow executable pages: mprotect failed", StringComparison.Ordinal));
        Assert.Contains("no machine code: the system does not allow executable pages", backend.Variants.First(variant => variant.Kernel == "MatVec").Reason, StringComparison.Ordinal);
    }

    private static (ProductCode? Code, string? Refusal) Everything(CodePath path) => (new ProductCode(path, []), null);
}
