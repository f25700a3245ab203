using System;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Xunit;

namespace GemmaVk.Cpu.Tests;

/// <summary>
/// Runs the kernel tests in child processes whose runtime hides instruction sets, so that the narrower variants are
/// shown to work where the wider instructions do not exist. The parent's own kernel tests run them by choice only.
/// </summary>
public class InstructionSetTests
{
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
        string assembly = KernelTests();
        // The portable variant without any intrinsics is a hundred times slower: there, the products stand for the rest.
        string filter = left is null
            ? "FullyQualifiedName~MatVec|FullyQualifiedName~MatMul|FullyQualifiedName~InstructionSetsAreHidden"
            : variable == "DOTNET_EnableHWIntrinsic"
            ? "FullyQualifiedName~LargestValues|FullyQualifiedName~FirstSkips|FullyQualifiedName~OneHot|FullyQualifiedName~SoftCap|FullyQualifiedName~KvAppend|FullyQualifiedName~InstructionSetsAreHidden"
            : "FullyQualifiedName!~ReferenceGives";
        ProcessStartInfo start = new(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "vstest", assembly, $"--TestCaseFilter:{filter}" },
            Environment = { [variable] = "0", ["GEMMAVK_TEST_BACKEND"] = "cpu", ["GEMMAVK_TEST_EXPECT"] = expected.ToString() },
        };
        using Process child = Process.Start(start)!;
        Task<string> error = child.StandardError.ReadToEndAsync();
        string output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        Assert.True(child.ExitCode == 0, $"with {variable}=0: exit code {child.ExitCode}\n{output}\n{await error}");
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
