using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Cli.Steps;

/// <summary>One run of a model, kernel by kernel.</summary>
/// <param name="Name">A step, or the pass of a prompt.</param>
/// <param name="Depth">Tokens in the cache before the prompt or step.</param>
/// <param name="Calls">In order.</param>
internal sealed record StepTrace(string Name, int Depth, IReadOnlyList<StepCall> Calls)
{
    /// <summary>From the run's start to its last end.</summary>
    public TimeSpan Length => Calls.Count == 0 ? TimeSpan.Zero : Calls[^1].Dispatches[^1] is var last ? last.Start + last.Time : default;

    /// <summary>Dispatches.</summary>
    public int Dispatches => Calls.Sum(call => call.Dispatches.Count);

    /// <summary>Seconds in which the device did nothing.</summary>
    public double GapSeconds => Calls.Sum(call => call.GapSeconds);

    /// <summary>Builds it from a run.</summary>
    /// <param name="name">What it was.</param>
    /// <param name="depth">Tokens before the prompt or step.</param>
    /// <param name="position">Where the pass began.</param>
    /// <param name="spans">Dispatches in order; those of one call share it.</param>
    public static StepTrace Of(string name, int depth, int position, IReadOnlyList<KernelSpan> spans)
    {
        List<StepCall> calls = [];
        List<StepDispatch> dispatches = [];
        TimeSpan end = TimeSpan.Zero;
        for (int i = 0; i < spans.Count; i++)
        {
            KernelSpan span = spans[i];
            dispatches.Add(new StepDispatch(span.Module, span.Code, span.Start, span.Time, span.Start - end));
            end = span.End;
            if (i + 1 == spans.Count || !ReferenceEquals(spans[i + 1].Call, span.Call))
            {
                calls.Add(new StepCall(span.Call.Kernel, span.Call.Shape, span.Call.Cost(position).On(dispatches.Select(dispatch => dispatch.Module)), [.. dispatches]));
                dispatches.Clear();
            }
        }

        return new StepTrace(name, depth, calls);
    }

    /// <summary>Calls of the same kernel at the same shape together, the longest first.</summary>
    public IReadOnlyList<StepGroup> Groups() =>
    [
        .. Calls.GroupBy(call => (call.Kernel, call.Shape)).Select(group => new StepGroup(
            group.Key.Kernel, group.Key.Shape, group.First().Modules, group.Count(), group.First().Dispatches.Count, group.First().Cost, group.Sum(call => call.Seconds), group.Sum(call => call.GapSeconds)))
            .OrderByDescending(group => group.Seconds),
    ];
}

/// <summary>Calls of one kernel at one shape.</summary>
/// <param name="Kernel">Kernel name.</param>
/// <param name="Shape">Sizes and formats in words.</param>
/// <param name="Modules">What ran.</param>
/// <param name="Count">Calls.</param>
/// <param name="Dispatches">Of one call.</param>
/// <param name="Cost">Bytes and operations of one.</param>
/// <param name="Seconds">Of all.</param>
/// <param name="GapSeconds">Gaps before all.</param>
internal sealed record StepGroup(string Kernel, string Shape, string Modules, int Count, int Dispatches, KernelCost Cost, double Seconds, double GapSeconds)
{
    /// <summary>Seconds of one call.</summary>
    public double Each => Seconds / Count;
}
