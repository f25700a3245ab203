using System;
using System.Threading.Tasks;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Cpu.Tests;

/// <summary>Runs the tests of products in child processes that are told which machine code to use.</summary>
public class MachineCodeWordTests
{
    /// <summary>A word of machine code that cannot run is an error, so that a child that passes has run what it names.</summary>
    [Theory]
    [InlineData("off")]
    [InlineData("amx")]
    [InlineData("vnni")]
    [InlineData("vnni", true)]
    [InlineData("avx-vnni-int8", true)]
    [InlineData("avx-vnni", true)]
    [InlineData("i8mm")]
    [InlineData("dotprod")]
    public async Task ProductsPassWithMachineCodeOf(string word, bool narrow = false)
    {
        // Code that goes with narrower vectors takes wider ones to be hidden.
        narrow &= CpuDescription.Best == InstructionSet.Avx512;
        InstructionSet width = narrow ? InstructionSet.Avx2 : CpuDescription.Best;
        try
        {
            ProductCode.Choose(width, word, ProductCode.Of, out _);
        }
        catch (GemmaVkException refusal)
        {
            Assert.Contains($"GEMMAVK_MACHINE_CODE is '{word}', but that cannot run: ", refusal.Message, StringComparison.Ordinal);
            return;
        }

        // Of attention over INT8 caches there is code on AVX512-VNNI; beside narrower vectors it stays with floats.
        string filter = word is "off" or "vnni" or "amx" ? $"{KernelTestProcess.Products}|FullyQualifiedName~AttentionDecodeTests" : KernelTestProcess.Products;
        await KernelTestProcess.Passes(ProductCode.Variable, word, filter, width, narrow ? "DOTNET_EnableAVX512" : null);
    }
}
