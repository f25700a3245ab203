using System;
using System.Collections.Generic;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Gpu;

/// <summary>A recorded pass of the Vulkan backend.</summary>
/// <param name="owner">Settings of the backend that recorded it.</param>
/// <param name="commands">The commands.</param>
/// <param name="calls">The call of each command, where times are taken.</param>
internal sealed class VulkanRecording(KernelSettings owner, Recording commands, IReadOnlyList<KernelCall> calls) : IRecording
{
    /// <summary>The commands.</summary>
    public Recording Commands { get; } = commands;

    public string Name => Commands.Name;

    /// <summary>The dispatches of the last run; without timestamps they take no time.</summary>
    /// <param name="codeOf">First digits of the hash of a module.</param>
    public IReadOnlyList<KernelSpan> Spans(Func<string, string> codeOf)
    {
        IReadOnlyList<CommandSpan> spans = Commands.Spans();
        KernelSpan[] all = new KernelSpan[calls.Count];
        for (int i = 0; i < all.Length; i++)
        {
            string module = Commands.Kernels[i];
            CommandSpan span = spans.Count > i ? spans[i] : default;
            all[i] = new KernelSpan(calls[i], module, codeOf(module), span.Start, span.End);
        }

        return all;
    }

    public void Dispose()
    {
        if (owner.Open)
            Commands.Dispose();
    }
}
