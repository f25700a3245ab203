using System;

namespace GemmaVk.Kernels.Measuring;

/// <summary>One dispatch of a run, or on the CPU one call.</summary>
/// <param name="Call">The call that it belongs to; several dispatches may share one.</param>
/// <param name="Module">What ran: a shader module, or the CPU's variant.</param>
/// <param name="Code">First digits of the SHA-256 of the module's code; empty where there is none.</param>
/// <param name="Start">Since the run began, on the device's clock.</param>
/// <param name="End">Likewise.</param>
public sealed record KernelSpan(KernelCall Call, string Module, string Code, TimeSpan Start, TimeSpan End)
{
    /// <summary>How long it took.</summary>
    public TimeSpan Time => End - Start;
}
