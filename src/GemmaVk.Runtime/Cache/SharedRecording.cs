using System;
using GemmaVk.Kernels;

namespace GemmaVk.Runtime.Cache;

/// <summary>A recorded pass over several caches. It ends with the first of them.</summary>
internal sealed class SharedRecording(IRecording recording) : IDisposable
{
    /// <summary>The pass, or null once one of its caches has gone.</summary>
    public IRecording? Recording { get; private set; } = recording;

    /// <inheritdoc/>
    public void Dispose()
    {
        Recording?.Dispose();
        Recording = null;
    }
}
