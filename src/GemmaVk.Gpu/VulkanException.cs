using System;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu;

/// <summary>The driver refused a call, or there is no driver to call.</summary>
public sealed class VulkanException : Exception
{
    internal VulkanException(string message, Result? result, string call, string? device, string? hint)
        : base(message)
    {
        Result = result;
        Call = call;
        Device = device;
        Hint = hint;
    }

    /// <summary>What the driver answered; null when no driver was reached.</summary>
    internal Result? Result { get; }

    /// <summary>What was being done, in the words given to <c>Check</c>.</summary>
    public string Call { get; }

    /// <summary>Name of the device, where one was involved.</summary>
    public string? Device { get; }

    /// <summary>What usually helps, for the results where that is known.</summary>
    public string? Hint { get; }
}
