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
}
