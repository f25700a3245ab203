using System;
using System.IO;
using System.Runtime.InteropServices;
using FsCheck.Xunit;
using GemmaVk.Gpu.Pipelines;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>What is read from Shaders/probe.comp, once stripped as kernels are, once with names.</summary>
public sealed class SpirvReflectionTests
{
    [Theory]
    [InlineData("probe", false)]
    [InlineData("probe_named", true)]
    public void InterfaceOfTheProbe(string module, bool named)
    {
        SpirvInterface shader = TestDevice.Shader(module).Interface;
        Assert.Equal(
            [
                new ShaderBinding(0, 0, 1, named ? "First" : "", ReadOnly: true, WriteOnly: false),
                new ShaderBinding(0, 1, 1, named ? "Second" : "", ReadOnly: false, WriteOnly: false),
                new ShaderBinding(0, 4, 1, named ? "Result" : "", ReadOnly: false, WriteOnly: true),
            ],
            shader.Bindings);
        Assert.Equal(48, shader.PushBytes);
        Assert.Equal(
            [
                new PushMember(named ? "count" : "", 0, 4),
                new PushMember(named ? "scale" : "", 4, 4),
                new PushMember(named ? "spare" : "", 16, 16),
                new PushMember(named ? "more" : "", 32, 12),
                new PushMember(named ? "offset" : "", 44, 4),
            ],
            shader.PushMembers);
        Assert.Equal(
            [
                new SpecializationConstant(0, "", 1),
                new SpecializationConstant(1, named ? "factor" : "", 3),
                new SpecializationConstant(2, named ? "negate" : "", 0),
            ],
            shader.Constants);
        Assert.Equal((1u, 1u, 1u), shader.LocalSize);
        Assert.Equal((0u, null, null), shader.LocalSizeIds);
        Assert.Contains(1u, shader.Capabilities); // Shader
    }

    [Fact]
    public void FixedLocalSize()
    {
        SpirvInterface shader = TestDevice.Shader("step").Interface;
        Assert.Equal((64u, 1u, 1u), shader.LocalSize);
        Assert.Equal((null, null, null), shader.LocalSizeIds);
        Assert.Empty(shader.Constants);
    }

    [Property(MaxTest = 200)]
    public void DamagedModulesAreReadOrRefusedCleanly(Damages damages)
    {
        byte[] bad = damages.Apply(TestDevice.Spirv("probe_named"));
        try
        {
            SpirvReflection.Read("damaged", MemoryMarshal.Cast<byte, uint>(bad));
        }
        catch (InvalidDataException)
        {
            // Refused with a sentence.
        }
    }

    [Fact]
    public void AModuleThatIsCutAnywhereIsRefusedBeforeADriverSeesIt()
    {
        ReadOnlySpan<uint> good = MemoryMarshal.Cast<byte, uint>(TestDevice.Spirv("probe_named"));
        for (int words = 0; words < good.Length; words++)
        {
            try
            {
                SpirvReflection.Read("cut", good[..words]);
            }
            catch (InvalidDataException)
            {
                continue;
            }

            Assert.Fail($"{words} of {good.Length} words were taken");
        }
    }

    [Theory]
    [InlineData(0, 0x03022307u, "its bytes are in the other order")]
    [InlineData(1, 0x00090900u, "its version is 9.9, and those from 1.0 to 1.6 are known")]
    [InlineData(3, 3u, "is not below 3, which its header gives")]
    [InlineData(-1, 0u, "there is no compute shader 'main' in it to start at")]
    public void WhatADriverWouldBelieveIsRefusedWithTheReason(int word, uint value, string reason)
    {
        uint[] bad = MemoryMarshal.Cast<byte, uint>(TestDevice.Spirv("probe_named")).ToArray();
        // OpEntryPoint is made that of a vertex shader.
        bad[word >= 0 ? word : Array.FindIndex(bad, 5, each => (each & 0xFFFF) == 15 && each >> 16 > 3) + 1] = value;
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => SpirvReflection.Read("bad", bad)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ModulesThatAreCutOrNoneAreRefused()
    {
        byte[] good = TestDevice.Spirv("probe_named");
        foreach (int length in new[] { 4, 16, 24 })
            Assert.Throws<InvalidDataException>(() => SpirvReflection.Read("damaged", MemoryMarshal.Cast<byte, uint>(good.AsSpan(0, length))));
        Assert.Throws<InvalidDataException>(() => new ShaderModule("odd", new byte[7]));
        Assert.Throws<InvalidDataException>(() => new ShaderModule("zeros", new byte[400]));
    }
}
