using System;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Kernels.Measuring;

/// <summary>
/// What a call cannot do without: the bytes that its operands and results take, each counted once, and the additions and multiplications of
/// its formula. Each kernel's cost stands beside its specification.
/// </summary>
/// <param name="Bytes">Bytes read and written.</param>
/// <param name="Operations">Additions and multiplications, a fused pair counted as two.</param>
/// <param name="Arithmetic">Which units do them.</param>
public readonly record struct KernelCost(double Bytes, double Operations, Arithmetic Arithmetic = Arithmetic.F32)
{
    /// <summary>The same cost where the modules that ran are for matrix units, as their names tell.</summary>
    public KernelCost On(IEnumerable<string> modules) => modules.Any(module => module.Contains("_matrix", StringComparison.Ordinal))
        ? this with { Arithmetic = modules.Any(module => module.EndsWith("_matrix_i8", StringComparison.Ordinal)) ? Arithmetic.MatrixInt8 : Arithmetic.MatrixF16 }
        : this;
}

/// <summary>Units of a device that do a kernel's arithmetic.</summary>
public enum Arithmetic
{
    /// <summary>Floats of 32 bits.</summary>
    F32,

    /// <summary>Products of bytes, added in integers.</summary>
    Int8,

    /// <summary>Matrix units that multiply halves. Where an operand is split into two halves, its products take two.</summary>
    MatrixF16,

    /// <summary>Matrix units that multiply bytes.</summary>
    MatrixInt8,
}
