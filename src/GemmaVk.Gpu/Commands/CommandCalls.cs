using System.Collections.Generic;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Gpu.Commands;

/// <summary>Which call of a kernel each command of a recording belongs to.</summary>
internal sealed class CommandCalls(CommandRecorder recorder) : IPassObserver
{
    private readonly List<KernelCall> calls = [];

    /// <summary>One per command, in order.</summary>
    public IReadOnlyList<KernelCall> Calls => calls;

    public void Begin(KernelCall call)
    {
        // What a call needs before it, such as nothing at all, is not its own.
    }

    public void End(KernelCall call)
    {
        while (calls.Count < recorder.CommandCount)
            calls.Add(call);
    }
}
