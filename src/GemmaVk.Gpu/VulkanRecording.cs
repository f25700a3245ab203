using System;
using System.Collections.Generic;
using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Gpu;

/// <summary>
/// A recorded pass of the Vulkan backend. It is recorded anew where the device was lost, or where its submissions should be cut elsewhere; once with
/// embedded kernels and once with the user's, where both take turns.
/// </summary>
/// <param name="backend">Who recorded it.</param>
/// <param name="name">Name for timings and messages.</param>
/// <param name="body">What it does.</param>
internal sealed class VulkanRecording(VulkanBackend backend, string name, Action<IPass> body) : IRecording
{
    private readonly Taken?[] taken = new Taken?[2];
    private bool disposed;

    public string Name => name;

    /// <summary>The commands for the kernels that the backend takes, or null where they have to be recorded.</summary>
    public Recording? Commands => Current?.Commands;

    /// <summary>What it does.</summary>
    public Action<IPass> Body => body;

    /// <summary>Takes commands that were recorded from the body.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="cuts">How they were cut into submissions.</param>
    /// <param name="recorded">The call of each command, where times are taken.</param>
    public void Take(Recording commands, SubmissionCuts cuts, IReadOnlyList<KernelCall> recorded)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Current?.Commands.Dispose();
        Current = new Taken(commands, recorded, cuts.Largest, cuts.Single);
    }

    /// <summary>Whether its submissions have become too long or too short.</summary>
    public bool IsOff(SubmissionPace pace) => Current is { } current && pace.IsOff(current.Commands.Work, current.Largest, current.Single, current.Commands.Parts);

    /// <summary>Gives the commands up: their device goes.</summary>
    public void Forget()
    {
        foreach (Taken? each in taken)
            each?.Commands.Dispose();
        Array.Clear(taken);
    }

    /// <summary>The dispatches of the last run; without timestamps they take no time.</summary>
    /// <param name="codeOf">First digits of the hash of a module.</param>
    public IReadOnlyList<KernelSpan> Spans(Func<string, string> codeOf)
    {
        IReadOnlyList<CommandSpan> spans = Commands?.Spans() ?? [];
        IReadOnlyList<KernelCall> calls = Current?.Calls ?? [];
        KernelSpan[] all = new KernelSpan[calls.Count];
        for (int i = 0; i < all.Length; i++)
        {
            string module = Commands!.Kernels[i];
            CommandSpan span = spans.Count > i ? spans[i] : default;
            all[i] = new KernelSpan(calls[i], module, codeOf(module), span.Start, span.End);
        }

        return all;
    }

    public void Dispose()
    {
        disposed = true;
        if (backend.Drops(this))
            Forget();
        Array.Clear(taken);
    }

    private Taken? Current
    {
        get => taken[backend.TakesOwnKernels ? 1 : 0];
        set => taken[backend.TakesOwnKernels ? 1 : 0] = value;
    }

    /// <summary>Commands, the call of each, and what they cost at most in one submission and in one call.</summary>
    private sealed record Taken(Recording Commands, IReadOnlyList<KernelCall> Calls, double Largest, double Single);
}
