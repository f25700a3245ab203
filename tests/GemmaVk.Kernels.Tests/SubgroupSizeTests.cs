using System;
using System.Diagnostics;
using Xunit;

namespace GemmaVk.Kernels.Tests;

/// <summary>
/// Shaders must be right for every subgroup size. Lavapipe's follows its vector width, which it reads when it is loaded, so
/// each size is a process of its own that runs all kernel tests on a Vulkan backend.
/// </summary>
public class SubgroupSizeTests
{
    [Theory]
    [InlineData(128, 4, "vulkan")]
    [InlineData(128, 4, "vulkan-as-gpu")]
    [InlineData(512, 16, "vulkan")]
    public void AllKernelsOnAnotherSize(int width, int subgroup, string backend)
    {
        if (Environment.GetEnvironmentVariable(Backends.OnlyVariable) is not null)
        {
            // This is the child.
            return;
        }

        ProcessStartInfo start = new("dotnet", ["vstest", typeof(SubgroupSizeTests).Assembly.Location])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Backends.OnlyVariable] = backend;
        start.Environment[Backends.SubgroupVariable] = $"{subgroup}";
        start.Environment["LP_NATIVE_VECTOR_WIDTH"] = $"{width}";
        // Tiny shapes: handing them to threads costs more than computing them.
        start.Environment["LP_NUM_THREADS"] = "0";
        // Old versions of Mesa keep one cache for all widths and load the wrong code.
        start.Environment["MESA_SHADER_CACHE_DISABLE"] = "true";
        using Process child = Process.Start(start)!;
        string errors = "";
        child.ErrorDataReceived += (_, line) => errors += line.Data + "\n";
        child.BeginErrorReadLine();
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Assert.True(child.ExitCode == 0, $"at {width} bits:\n{output}\n{errors}");
        Assert.Contains("Passed!", output, StringComparison.Ordinal);
    }

    [Fact]
    public void TheChildHasTheSizeAskedFor()
    {
        if (Environment.GetEnvironmentVariable(Backends.SubgroupVariable) is { } size)
        {
            Assert.Contains(Backends.Get("vulkan").Device.Details, detail => detail.StartsWith($"subgroups of {size} ", StringComparison.Ordinal));
        }
        else
        {
            Assert.NotEmpty(Backends.Get("vulkan").Device.Details);
        }
    }
}
