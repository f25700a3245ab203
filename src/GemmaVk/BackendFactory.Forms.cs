using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Cpu;
using GemmaVk.Gpu;
using GemmaVk.Ilgpu;
using GemmaVk.Ilgpu.Devices;
using GemmaVk.Kernels;
using Microsoft.Extensions.Logging;

namespace GemmaVk;

// Every form in which the kernels can run on a device: what a verifier goes through.
public static partial class BackendFactory
{
    /// <summary>Names of all shader modules that kernels are made of, such as <c>mat_vec_q4_dot4</c>.</summary>
    public static IReadOnlyList<string> Modules => VulkanBackend.Modules;

    /// <summary>What compiles a user's shaders here, and why not another.</summary>
    public static string ShaderCompiler => VulkanBackend.ShaderCompiler;

    /// <summary>The forms of a device, first the one that it would be given. Each takes times, so that it tells which modules ran.</summary>
    /// <param name="device">As for <see cref="Create"/>.</param>
    /// <param name="log">Receives what is not worth an error.</param>
    /// <param name="kernels">Files that stand for shader modules, by module; for Vulkan devices only.</param>
    /// <exception cref="Tensors.GemmaVkException">The device is not there.</exception>
    public static DeviceForms Forms(string device, ILogger log, IReadOnlyDictionary<string, string>? kernels = null)
    {
        string asked = device;
        string? why = Survey(ref device);
        if (IsIlgpu(device))
        {
            if (!Parts.Ilgpu)
            {
                throw Parts.LeftOut($"--device {asked}", nameof(Parts.Ilgpu));
            }

            IlgpuDeviceInfo info = IlgpuDevices.Choose(device, out string chosen);
            RefuseOwn(kernels, asked, info.Id);
            return new DeviceForms(why ?? chosen, [], [new BackendForm("as chosen", () => IlgpuBackend.Open(info, new IlgpuOptions { Timing = true }))]);
        }

        (bool cpu, int? index, string reason) = Choose(device, why);
        if (cpu)
        {
            RefuseOwn(kernels, asked, "the CPU");
            using CpuBackend best = new(new CpuOptions(Threads: 1));
            return new DeviceForms(
                reason,
                [],
                [.. Enum.GetValues<InstructionSet>().Where(set => set <= best.Instructions).OrderDescending().Select(set =>
                    new BackendForm($"vectors: {set}", () => new CpuBackend(new CpuOptions(Instructions: set) { Timing = true })))]);
        }

        GpuOptions options = Options(log, null, timing: true, kernels);
        (bool software, bool matrices) = Vulkan(index, () =>
        {
            using GpuInstance instance = GpuInstance.Create();
            using VulkanBackend backend = VulkanBackend.Open(instance, index);
            return (instance.Devices[instance.Choose(index)].Type == GpuDeviceType.Software, backend.HasMatrixUnits);
        });
        BackendForm Form(string name, GpuOptions form) => new(name, () => Vulkan(index, () => VulkanBackend.Create(form, index)));
        return new DeviceForms(
            reason,
            // What is for matrix units cannot run where there are none, and no case has a cache so large that it lies in pieces.
            [.. VulkanBackend.Modules.Where(module => module != "attention_prefill_join" && (matrices || !module.Contains("_matrix", StringComparison.Ordinal)))],
            [
                Form("as chosen", options),
                // Software drivers have it expanded, so that it is not what they would be given.
                Form($"with{(software ? "" : "out")} the integer dot product", options with { IntegerDot = software, Matrices = false }) with
                {
                    Kernels = [nameof(MatVec), nameof(MatVecQkv), nameof(MatVecGeGlu), nameof(MatMul)],
                },
                Form(software ? "with the tiles of a GPU" : "with the tiles of a software driver", options with { AsSoftware = !software }),
                Form($"with the tiles of a GPU, with{(software ? "" : "out")} the integer dot product", options with { AsSoftware = false, IntegerDot = software, Matrices = false }) with { Kernels = [nameof(MatMul)] },
                .. matrices
                    ? (BackendForm[])[Form("with the tiles of a GPU, without matrix units", options with { AsSoftware = false, Matrices = false }) with { Kernels = [nameof(MatMul), nameof(AttentionPrefill)] }]
                    : [],
            ])
        {
            SideBySide = software,
        };
    }
}

/// <summary>The forms in which kernels run on a device.</summary>
/// <param name="Reason">Why this device.</param>
/// <param name="Modules">Names of all shader modules; empty where there are none.</param>
/// <param name="Forms">The forms; the first is what the device would be given.</param>
public sealed record DeviceForms(string Reason, IReadOnlyList<string> Modules, IReadOnlyList<BackendForm> Forms)
{
    /// <summary>Whether the forms may run at the same time: they are no more than threads of this machine.</summary>
    public bool SideBySide { get; init; }
}

/// <summary>One form.</summary>
/// <param name="Name">In words.</param>
/// <param name="Open">Opens the device in it; the caller disposes of it.</param>
public sealed record BackendForm(string Name, Func<IBackend> Open)
{
    /// <summary>Kernels that differ from the first form's; empty where all may.</summary>
    public IReadOnlyList<string> Kernels { get; init; } = [];
}
