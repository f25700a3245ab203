using System;
using System.Collections.Generic;

namespace GemmaVk.Gpu;

/// <summary>The device stopped answering. Everything made from it is lost; only a new process is sure to get it back.</summary>
public sealed class DeviceLostException : Exception
{
    internal DeviceLostException(string device, string recording, IReadOnlyList<string> kernels, Exception inner)
        : base(
            $"{device} stopped answering while running '{recording}' (its last kernels: {string.Join(", ", kernels)}). "
            + "A kernel ran too long or touched memory outside its buffers, or the driver was reset: look into the system's log, "
            + "and run once with GEMMAVK_VALIDATION=1.",
            inner)
    {
        Recording = recording;
        Kernels = kernels;
    }

    /// <summary>Name of the recording that was running.</summary>
    public string Recording { get; }

    /// <summary>Names of its last recorded kernels, in order. Which of them was running is not known.</summary>
    public IReadOnlyList<string> Kernels { get; }
}
