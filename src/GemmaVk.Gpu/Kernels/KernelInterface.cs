using System;
using System.Collections.Generic;

namespace GemmaVk.Gpu.Kernels;

/// <summary>
/// What a host class believes about its shader. Pipelines are made from the shader's own words; a test compares the two
/// for every module.
/// </summary>
/// <param name="Kernel">Kernel name as in IPass; stages of one kernel share it.</param>
/// <param name="Modules">All variants.</param>
/// <param name="Bindings">How each binding is used, by number; a variant may lack some.</param>
/// <param name="Constants">Names of the specialization constants, by id.</param>
/// <param name="Push">The push-constant struct.</param>
internal sealed record KernelInterface(
    string Kernel, IReadOnlyList<string> Modules, IReadOnlyList<Access> Bindings, IReadOnlyList<string> Constants, Type Push);

/// <summary>How a kernel uses a buffer.</summary>
internal enum Access
{
    Read,
    Write,
    ReadWrite,
}
