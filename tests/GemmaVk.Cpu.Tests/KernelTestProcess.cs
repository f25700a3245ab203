using System;
using System.Diagnostics;
using System.IO;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Xunit;

namespace GemmaVk.Cpu.Tests;

/// <summary>The kernel tests in a process of their own.</summary>
internal static class KernelTestProcess
{
    /// <summary>A filter for the tests of products.</summary>
    public const string Products = "FullyQualifiedName~MatVec|FullyQualifiedName~MatMul|FullyQualifiedName~InstructionSetsAreHidden";

    /// <summary>Holds that they pass, on the CPU alone, with a variable set and another instruction set hidden.</summary>
    public static async Task Passes(string variable, string value, string filter, InstructionSet expected, string? hidden = null)
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
