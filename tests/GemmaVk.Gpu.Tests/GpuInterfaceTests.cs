using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Gpu.Pipelines;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>What host classes believe about their shaders is what the SPIR-V says.</summary>
public sealed class GpuInterfaceTests
{
    // SPIR-V capability numbers: Shader, GroupNonUniform, GroupNonUniformArithmetic; and the integer dot product.
    private static readonly uint[] Portable = [1, 61, 63];
    // A yardstick is run only where the device computes in halves.
    private const uint Float16 = 9;
    private static readonly uint[] IntegerDot = [6018, 6019];
    // CooperativeMatrixKHR and VulkanMemoryModel; with them Int8 or Float16 for what is multiplied.
    private static readonly uint[] Matrices = [6022, 5345];
    private const uint Int8 = 39;
    // Attention on matrix units weighs rows in clusters of a subgroup, and is not run where there are none.
    private const uint Clustered = 67;

    [Fact]
    public void EveryModuleHasOneHost()
    {
        string[] declared = [.. Interfaces().SelectMany(i => i.Modules).Order(StringComparer.Ordinal)];
        Assert.Equal(ShaderModule.Embedded, declared);
    }

    [Fact]
    public void BindingsAreUsedAsDeclared() => ForEachModule((host, shader) =>
    {
        foreach (ShaderBinding binding in shader.Bindings)
        {
            Assert.Equal((0u, 1u), (binding.Set, binding.Count));
            Assert.True(binding.Number < host.Bindings.Count, $"binding {binding.Number} of {host.Bindings.Count}");
            Access access = binding switch
            {
                { ReadOnly: true } => Access.Read,
                { WriteOnly: true } => Access.Write,
                _ => Access.ReadWrite,
            };
            Assert.Equal((binding.Number, host.Bindings[(int)binding.Number]), (binding.Number, access));
        }
    });

    [Fact]
    public void EveryDeclaredBindingIsInSomeVariant()
    {
        foreach (KernelInterface host in Interfaces())
        {
            uint[] used = [.. host.Modules.SelectMany(m => ShaderModule.Load(m, null).Interface.Bindings.Select(b => b.Number)).Distinct().Order()];
            Assert.Equal(Enumerable.Range(0, host.Bindings.Count).Select(i => (uint)i), used);
        }
    }

    [Fact]
    public void PushConstantsLieWhereTheShaderReadsThem() => ForEachModule((host, shader) =>
    {
        FieldInfo[] fields = host.Push.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public);
        // SPIR-V is stripped of names: offsets and sizes have to agree in order.
        Assert.Equal(
            fields.Select(f => ((int)Marshal.OffsetOf(host.Push, f.Name), Marshal.SizeOf(f.FieldType))),
            shader.PushMembers.Select(m => (m.Offset, m.Size)));
        Assert.Equal(Marshal.SizeOf(host.Push), shader.PushBytes);
        Assert.InRange(shader.PushBytes, 4, 128);
    });

    [Fact]
    public void SpecializationConstantsHaveTheDeclaredIds() => ForEachModule((host, shader) =>
        Assert.Equal(Enumerable.Range(0, host.Constants.Count).Select(i => (uint)i), shader.Constants.Select(c => c.Id)));

    [Fact]
    public void WorkgroupsAreWithinTheFloor() => ForEachModule((host, shader) =>
    {
        uint? sized = host.Constants.Contains("LocalSize") ? 0u : null;
        Assert.Equal((sized, (uint?)null, (uint?)null), shader.LocalSizeIds);
        Assert.InRange(shader.LocalSize.X * shader.LocalSize.Y * shader.LocalSize.Z, 1u, 256u);
    });

    [Fact]
    public void NothingBeyondTheFloorIsAskedFor() => ForEachModule((host, shader) =>
        Assert.Empty(shader.Capabilities.Except(host.Modules.Contains("peak_f16") ? [.. Portable, Float16] : Portable)));

    [Fact]
    public void OnlyModulesForMatrixUnitsUseThem()
    {
        foreach (string module in ShaderModule.Embedded)
        {
            IReadOnlySet<uint> uses = ShaderModule.Load(module, null).Interface.Capabilities;
            Assert.True(Matrices.All(uses.Contains) == IsForMatrices(module), module);
            Assert.True(!IsForMatrices(module) || uses.Contains(Int8) == MultipliesBytes(module), module);
        }
    }

    private static bool IsForMatrices(string module) => module.Contains("_matrix", StringComparison.Ordinal);

    private static bool MultipliesBytes(string module) => module.EndsWith("_matrix_i8", StringComparison.Ordinal);

    private static bool IsExpected(string module, uint capability) =>
        (module.EndsWith("_dot4", StringComparison.Ordinal) && IntegerDot.Contains(capability))
        || (IsForMatrices(module) && (Matrices.Contains(capability) || capability == (MultipliesBytes(module) ? Int8 : Float16)))
        || (IsForMatrices(module) && module.StartsWith("attention", StringComparison.Ordinal) && capability == Clustered);

    [Fact]
    public void OnlyDot4ModulesUseTheIntegerDotProduct()
    {
        foreach (string module in ShaderModule.Embedded)
        {
            bool uses = IntegerDot.Any(ShaderModule.Load(module, null).Interface.Capabilities.Contains);
            Assert.True(uses == module.EndsWith("_dot4", StringComparison.Ordinal), module);
        }
    }

    private static void ForEachModule(Action<KernelInterface, SpirvInterface> check)
    {
        foreach (KernelInterface host in Interfaces())
        {
            foreach (string module in host.Modules)
            {
                SpirvInterface shader = ShaderModule.Load(module, null).Interface;
                try
                {
                    check(host, shader with { Capabilities = shader.Capabilities.Where(capability => !IsExpected(module, capability)).ToHashSet() });
                }
                catch (Exception e)
                {
                    Assert.Fail($"{module}: {e.Message}");
                }
            }
        }
    }

    private static List<KernelInterface> Interfaces()
    {
        using TestDevice test = new();
        using GpuKernels kernels = new(new KernelSettings(test.Device));
        return [.. kernels.All.Select(k => k.Interface)];
    }
}
