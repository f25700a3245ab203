using System;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Cpu.Tests;

/// <summary>
/// Runs the kernel tests in child processes whose runtime hides instruction sets, so that the narrower variants are
/// shown to work where the wider instructions do not exist. The parent's own kernel tests run them by choice only.
/// </summary>
public class InstructionSetTests
{
    private const string Products = "FullyQualifiedName~MatVec|FullyQualifiedName~MatMul|FullyQualifiedName~InstructionSetsAreHidden";

    [Theory]
    [InlineData("DOTNET_EnableAVX512", InstructionSet.Avx2)]
    [InlineData("DOTNET_EnableAVXVNNI", null)]
    [InlineData("DOTNET_EnableAVX2", InstructionSet.Vector128)]
    [InlineData("DOTNET_EnableHWIntrinsic", InstructionSet.Vector128)]
    public async Task KernelTestsPassWithout(string variable, InstructionSet? left)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            // Elsewhere there is one variant, and the parent's kernel tests run it.
            Assert.Equal(InstructionSet.Vector128, new CpuBackend().Instructions);
            return;
        }

        // Dots of four bytes change products only, and no width.
        InstructionSet expected = left ?? CpuDescription.Best;
        // The portable variant without any intrinsics is a hundred times slower: there, the products stand for the rest.
        string filter = left is null
            ? Products
            : variable == "DOTNET_EnableHWIntrinsic"
            ? "FullyQualifiedName~LargestValues|FullyQualifiedName~FirstSkips|FullyQualifiedName~OneHot|FullyQualifiedName~SoftCap|FullyQualifiedName~KvAppend|FullyQualifiedName~InstructionSetsAreHidden"
            : "FullyQualifiedName!~ReferenceGives";
        await KernelTestsPass(variable, "0", filter, expected);
    }

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
        string filter = word is "off" or "vnni" or "amx" ? $"{Products}|FullyQualifiedName~AttentionDecodeTests" : Products;
        await KernelTestsPass(ProductCode.Variable, word, filter, width, narrow ? "DOTNET_EnableAVX512" : null);
    }

    private static async Task KernelTestsPass(string variable, string value, string filter, InstructionSet expected, string? hidden = null)
    {
        string assembly = KernelTests();
        ProcessStartInfo start = new(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "vstest", assembly, $"--TestCaseFilter:{filter}" },
            Environment = { [variable] = value, ["GEMMAVK_TEST_BACKEND"] = "cpu", ["GEMMAVK_TEST_EXPECT"] = expected.ToString() },
        };
        if (hidden is not null)
        {
            start.Environment[hidden] = "0";
        }

        using Process child = Process.Start(start)!;
        Task<string> error = child.StandardError.ReadToEndAsync();
        string output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        Assert.True(child.ExitCode == 0, $"with {variable}={value}: exit code {child.ExitCode}\n{output}\n{await error}");
        Match passed = Regex.Match(output, @"Passed: (\d+)|Passed:\s+(\d+)");
        Assert.True(passed.Success && int.Parse(passed.Groups[1].Value + passed.Groups[2].Value) >= 9, output);
    }

    private static string KernelTests()
    {
        // .../tests/GemmaVk.Cpu.Tests/bin/<configuration>/<framework>/
        DirectoryInfo framework = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        string tests = framework.Parent!.Parent!.Parent!.Parent!.FullName;
        string assembly = Path.Combine(tests, "GemmaVk.Kernels.Tests", "bin", framework.Parent.Name, framework.Name, "GemmaVk.Kernels.Tests.dll");
        Assert.True(File.Exists(assembly), $"{assembly} is not built");
        return assembly;
    }
}
