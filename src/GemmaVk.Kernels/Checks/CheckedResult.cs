using System;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Checks;

/// <summary>A buffer that a call writes, and how to judge it.</summary>
/// <param name="Name">As in the kernel's specification.</param>
/// <param name="Buffer">Written by the call.</param>
/// <param name="Judge">Compares its content with the reference's.</param>
public sealed record CheckedResult(string Name, BufferHandle Buffer, Func<OperandBuffers, Discrepancy> Judge)
{
    /// <summary>Floats, or halves as floats, within a tolerance.</summary>
    public static CheckedResult Close(string name, BufferHandle buffer, float[] expected, Tolerance tolerance, params float[] scale) =>
        new(name, buffer, buffers => Discrepancy.Of(expected, buffers.Read(buffer), tolerance, scale));

    /// <summary>INT8 rows of values that are known within a tolerance; sizes per value, or none.</summary>
    public static CheckedResult Rounded(string name, Activations rows, float[] expected, DType forFormat, Tolerance tolerance, params float[] sizes) =>
        new(name, rows.Data, buffers => Steps.Rounded(
            expected, tolerance, sizes, forFormat, buffers.Read<sbyte>(rows.Data), buffers.Read(rows.Scale!), buffers.Read(rows.Sum!)));
}

/// <summary>A call that is ready to be recorded on a backend.</summary>
/// <param name="Body">Calls the kernel.</param>
/// <param name="Results">What it writes.</param>
public sealed record CheckedCall(Action<IPass> Body, params CheckedResult[] Results);

/// <summary>Operands of one call of a kernel at one shape.</summary>
/// <param name="Kernel">Kernel name as in <see cref="IPass"/>.</param>
/// <param name="Shape">Sizes and formats in words.</param>
/// <param name="Prepare">Makes the operands on a backend.</param>
public sealed record KernelCase(string Kernel, string Shape, Func<OperandBuffers, CheckedCall> Prepare);
