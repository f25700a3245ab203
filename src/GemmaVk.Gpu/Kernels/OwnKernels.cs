using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using GemmaVk.Gpu.Pipelines;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Kernels that a user brings instead of embedded ones: they must have the interface that the host was written for.</summary>
internal static class OwnKernels
{
    // Numbers of SPIR-V capabilities whose features no device is opened with.
    private static readonly (uint Capability, string Type)[] NotEnabled = [(10, "floats of 64 bits"), (11, "whole numbers of 64 bits"), (12, "atomics of 64 bits")];

    /// <summary>Compiles and checks every file that the device's options name.</summary>
    /// <exception cref="GemmaVkException">A file does not compile, or its interface is another one: a sentence for each difference.</exception>
    public static void Check(GpuDevice device, GpuKernels kernels)
    {
        foreach ((string module, string path) in device.Options.OwnKernels)
        {
            if (kernels.All.FirstOrDefault(kernel => kernel.Interface.Modules.Contains(module)) is not { } host || PeakGpu.IsYardstick(module))
                throw new GemmaVkException($"--kernel {module}={path}: expected a module that a kernel of the model is made of, but there is no {module}; shaders/variants.txt lists them.");
            string[] faults = [.. Mismatches(host.Interface, ShaderModule.Load(module, null).Interface, device.Pipelines.Module(module).Interface, device.Features)];
            if (faults.Length > 0)
            {
                StringBuilder all = new();
                foreach (string fault in faults)
                    all.Append(' ').Append(fault);
                throw new GemmaVkException($"--kernel {module}={path}: its interface is not that of {module}.{all} Mend the shader; src/GemmaVk.Gpu/Kernels/{host.GetType().Name}.cs is its host.");
            }
        }

        if (device.Options.OwnKernels.Count > 0)
        {
            device.Options.Log?.Invoke("indices into buffers are checked " + device.Features.OwnKernelBounds switch
            {
                BoundsChecks.StrictPipelines => "in the kernels of --kernel, and in those that they stand for: what is written beside a buffer is dropped.",
                BoundsChecks.Pipelines => "in the kernels of --kernel, and in those that they stand for: what is written beside a buffer reaches its neighbours at most.",
                BoundsChecks.WholeDevice => "in every kernel because of --kernel, since this driver has no narrower way: all are as slow as that makes them.",
                _ => "in no kernel, since this driver has no way: one of --kernel with a wrong index may lose the device.",
            });
        }
    }

    /// <summary>A sentence for each way in which a shader differs from what the host gives it.</summary>
    /// <param name="host">What the host class believes.</param>
    /// <param name="embedded">The module that comes with the program.</param>
    /// <param name="own">The user's.</param>
    /// <param name="device">What the device allows.</param>
    public static IEnumerable<string> Mismatches(KernelInterface host, SpirvInterface embedded, SpirvInterface own, GpuFeatures device)
    {
        if (own.MinorVersion > NewestMinor(device))
            yield return $"It is SPIR-V 1.{own.MinorVersion}, and Vulkan {device.ApiVersion} takes 1.{NewestMinor(device)} at most: compile it with --target-env=vulkan1.2.";
        foreach ((_, string type) in NotEnabled.Where(each => own.Capabilities.Contains(each.Capability)))
            yield return $"It computes with {type}, which the host does not turn on.";
        foreach (ShaderBinding binding in own.Bindings)
        {
            if (binding.Set != 0 || binding.Count != 1)
                yield return $"Binding {binding.Number} is in set {binding.Set} with {binding.Count} buffers, and the host binds one buffer in set 0.";
            else if (binding.Number >= host.Bindings.Count)
                yield return $"Binding {binding.Number} does not exist: the host binds 0 to {host.Bindings.Count - 1}.";
            else if (Use(binding) is var use && use != host.Bindings[(int)binding.Number])
                yield return $"Binding {binding.Number} is {InWords(use)}, and the host takes it for {InWords(host.Bindings[(int)binding.Number])}: barriers follow from that.";
        }

        foreach (IGrouping<uint, ShaderBinding> twice in own.Bindings.GroupBy(binding => binding.Number).Where(same => same.Count() > 1))
            yield return $"Binding {twice.Key} is declared {twice.Count()} times.";
        foreach (ShaderBinding missing in embedded.Bindings.Where(binding => host.Bindings[(int)binding.Number] != Access.Read && own.Bindings.All(each => each.Number != binding.Number)))
            yield return $"Binding {missing.Number}, which the kernel writes, is not declared or not used.";
        if (own.PushBytes != embedded.PushBytes)
            yield return $"Its push constants take {own.PushBytes} bytes, and the host gives {embedded.PushBytes}.";
        else if (!own.PushMembers.Select(member => (member.Offset, member.Size)).SequenceEqual(embedded.PushMembers.Select(member => (member.Offset, member.Size))))
            yield return $"Its push constants lie at {Layout(own)}, and the host puts them at {Layout(embedded)} (offset:bytes).";
        foreach (SpecializationConstant extra in own.Constants.Where(constant => constant.Id >= host.Constants.Count))
            yield return $"Specialization constant {extra.Id} does not exist: the host gives {Names(host)}.";
        for (int id = 0; id < host.Constants.Count; id++)
        {
            if (own.Constants.All(constant => constant.Id != id))
                yield return $"Specialization constant {id}, {host.Constants[id]}, is not declared.";
        }

        if (own.LocalSizeIds != embedded.LocalSizeIds)
            yield return $"Its workgroup takes its size from {Ids(own)}, and the host gives it by {Ids(embedded)}.";
        else if (embedded.LocalSizeIds == (null, null, null) && own.LocalSize != embedded.LocalSize)
            yield return $"Its workgroup is {own.LocalSize}, and the host counts workgroups of {embedded.LocalSize}.";
        long invocations = (long)own.LocalSize.X * own.LocalSize.Y * own.LocalSize.Z;
        if (invocations < 1 || invocations > device.MaxWorkgroupInvocations)
            yield return $"Its workgroup has {invocations} invocations, and the device allows {device.MaxWorkgroupInvocations}.";
    }

    // Vulkan 1.2 takes SPIR-V up to 1.5, and Vulkan 1.3 up to 1.6.
    private static uint NewestMinor(GpuFeatures device) => device.ApiVersion >= new Version(1, 3) ? 6u : 5u;

    private static Access Use(ShaderBinding binding) => binding switch
    {
        { ReadOnly: true } => Access.Read,
        { WriteOnly: true } => Access.Write,
        _ => Access.ReadWrite,
    };

    private static string InWords(Access access) => access switch
    {
        Access.Read => "readonly",
        Access.Write => "writeonly",
        _ => "read and written",
    };

    private static string Layout(SpirvInterface shader) => string.Join(", ", shader.PushMembers.Select(member => $"{member.Offset}:{member.Size}"));

    private static string Names(KernelInterface host) =>
        host.Constants.Count == 0 ? "none" : string.Join(", ", host.Constants.Select((name, id) => $"{id} {name}"));

    private static string Ids(SpirvInterface shader)
    {
        (uint? x, uint? y, uint? z) = shader.LocalSizeIds;
        return (x, y, z) == (null, null, null) ? "its own numbers" : $"specialization constants ({x?.ToString() ?? "-"}, {y?.ToString() ?? "-"}, {z?.ToString() ?? "-"})";
    }
}
