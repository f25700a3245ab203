using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;

namespace GemmaVk.Kernels.Checks;

/// <summary>
/// Every kernel at shapes that lie on and beside the edges of vectors, tiles and groups, in every format it takes. What a program that
/// judges a device runs; the tests draw their shapes at random and share operands, references and tolerances with these.
/// </summary>
public static class KernelCases
{
    /// <summary>All cases, kernel by kernel.</summary>
    /// <param name="quick">One or two shapes per kernel and format instead of a sweep.</param>
    public static IReadOnlyList<KernelCase> All(bool quick) =>
        [.. MediaCases.All(quick), .. RowCases.All(quick), .. ProductCases.All(quick), .. CacheCases.All(quick), .. FusedCases.All(quick), .. SampleCases.All(quick)];

    /// <summary>The cases of some kernels.</summary>
    public static IReadOnlyList<KernelCase> Of(IReadOnlyCollection<string> kernels, bool quick) => [.. All(quick).Where(each => kernels.Contains(each.Kernel))];

    /// <summary>A case whose reference is computed once, however many devices it runs on.</summary>
    /// <param name="kernel">Kernel name.</param>
    /// <param name="shape">Sizes and formats in words.</param>
    /// <param name="reference">Draws operands and computes what should come of them.</param>
    /// <param name="prepare">Puts the operands on a backend.</param>
    internal static KernelCase Case<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOperands>(
        string kernel, string shape, Func<TOperands> reference, Func<OperandBuffers, TOperands, CheckedCall> prepare)
    {
        Lazy<TOperands> operands = new(reference);
        return new KernelCase(kernel, shape, buffers => prepare(buffers, operands.Value));
    }
}
