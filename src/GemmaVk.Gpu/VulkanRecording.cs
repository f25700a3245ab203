using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu;

/// <summary>A recorded pass of the Vulkan backend.</summary>
internal sealed class VulkanRecording(KernelSettings owner, Recording commands) : IRecording
{
    /// <summary>The commands.</summary>
    public Recording Commands { get; } = commands;

    public string Name => Commands.Name;

    public void Dispose()
    {
        if (owner.Open)
            Commands.Dispose();
    }
}
