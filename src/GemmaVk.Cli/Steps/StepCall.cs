using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Cli.Steps;

/// <summary>One call of a kernel in a run, with its dispatches.</summary>
/// <param name="Kernel">Kernel name.</param>
/// <param name="Shape">Sizes and formats in words.</param>
/// <param name="Cost">Bytes and operations where the pass began.</param>
/// <param name="Dispatches">In order; each with the gap before it.</param>
internal sealed record StepCall(string Kernel, string Shape, KernelCost Cost, IReadOnlyList<StepDispatch> Dispatches)
{
    /// <summary>Seconds of its dispatches, without gaps.</summary>
    public double Seconds => Dispatches.Sum(dispatch => dispatch.Time.TotalSeconds);

    /// <summary>Seconds before its dispatches in which the device did nothing.</summary>
    public double GapSeconds => Dispatches.Sum(dispatch => dispatch.Gap.TotalSeconds);

    /// <summary>What ran.</summary>
    public string Modules => string.Join(" ", Dispatches.Select(dispatch => dispatch.Module).Distinct());
}

/// <summary>One dispatch.</summary>
/// <param name="Module">What ran.</param>
/// <param name="Code">First digits of its code's hash.</param>
/// <param name="Start">Since the run began.</param>
/// <param name="Time">How long it took.</param>
/// <param name="Gap">From the end of the one before it, or from the run's start.</param>
internal sealed record StepDispatch(string Module, string Code, TimeSpan Start, TimeSpan Time, TimeSpan Gap);
