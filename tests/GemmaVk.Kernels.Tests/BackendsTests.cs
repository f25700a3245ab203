using System;
using GemmaVk.Cpu;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class BackendsTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EveryKernelHasAVariant(string backend) =>
        Assert.Equal(
            [.. Array.ConvertAll(typeof(IPass).GetMethods(), method => method.Name)],
            [.. Array.ConvertAll([.. Backends.Get(backend).Variants], variant => variant.Kernel)]);

    /// <summary>A child process that hides instruction sets says what should be left.</summary>
    [Fact]
    public void InstructionSetsAreHiddenWhereAsked()
    {
        string? expected = Environment.GetEnvironmentVariable("GEMMAVK_TEST_EXPECT");
        using CpuBackend backend = new();
        Assert.Equal(expected ?? backend.Instructions.ToString(), backend.Instructions.ToString());
        Assert.Contains($"threads: {backend.Threads}", backend.Device.Details[2]);
    }

    /// <summary>A child process of <see cref="SubgroupSizeTests"/> runs on what it is meant for.</summary>
    [Fact]
    public void TheChildHasTheSizeAskedFor()
    {
        if (Environment.GetEnvironmentVariable(Backends.SubgroupVariable) is { } size)
        {
            Assert.Contains(Backends.Get("vulkan").Device.Details, detail => detail.StartsWith($"subgroups of {size} ", StringComparison.Ordinal));
            Assert.Equal(Environment.GetEnvironmentVariable("LP_NATIVE_VECTOR_WIDTH") == "0", Backends.Get("vulkan").Device.Name.Contains("SwiftShader", StringComparison.Ordinal));
        }
        else
        {
            Assert.NotEmpty(Backends.Get("vulkan").Device.Details);
        }
    }
}
