using System;
using System.Collections.Generic;

namespace GemmaVk.Kernels;

/// <summary>
/// The device stopped answering: what it held is gone, and everything it is asked fails with this until <see cref="IBackend.Reopen"/>.
/// </summary>
/// <param name="message">What happened and what to do.</param>
/// <param name="recording">Name of the recording that was running.</param>
/// <param name="kernels">Names of its last recorded kernels, in order. Which of them was running is not known.</param>
/// <param name="inner">What the driver said.</param>
public sealed class DeviceLostException(string message, string recording, IReadOnlyList<string> kernels, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Name of the recording that was running.</summary>
    public string Recording { get; } = recording;

    /// <summary>Names of its last recorded kernels, in order. Which of them was running is not known.</summary>
    public IReadOnlyList<string> Kernels { get; } = kernels;
}
