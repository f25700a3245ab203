using System;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Ilgpu.Launching;

/// <summary>A kernel once per weight format.</summary>
/// <param name="name">Name as in IPass.</param>
/// <param name="make">Who owns what: <see cref="KernelLoader.Rows"/> or <see cref="KernelLoader.Elements"/>.</param>
internal sealed class WeightKernels<TCall>(string name, Func<string, Action<TCall>, IlgpuKernel<TCall>> make)
    where TCall : struct
{
    private readonly IlgpuKernel<TCall>?[] _kernels = new IlgpuKernel<TCall>[(int)DType.Q6K + 1];

    /// <summary>The kernel for Q4.</summary>
    public Action<TCall> Nibbles { init => _kernels[(int)DType.Q4] = make(name, value); }

    /// <summary>The kernel for Q8.</summary>
    public Action<TCall> Bytes { init => _kernels[(int)DType.Q8] = make(name, value); }

    /// <summary>The kernel for Q4F16.</summary>
    public Action<TCall> HalfNibbles { init => _kernels[(int)DType.Q4F16] = make(name, value); }

    /// <summary>The kernel for Q8F16.</summary>
    public Action<TCall> HalfBytes { init => _kernels[(int)DType.Q8F16] = make(name, value); }

    /// <summary>The kernel for Q4K.</summary>
    public Action<TCall> FourBitBlocks { init => _kernels[(int)DType.Q4K] = make(name, value); }

    /// <summary>The kernel for Q5K.</summary>
    public Action<TCall> FiveBitBlocks { init => _kernels[(int)DType.Q5K] = make(name, value); }

    /// <summary>The kernel for Q6K.</summary>
    public Action<TCall> SixBitBlocks { init => _kernels[(int)DType.Q6K] = make(name, value); }

    /// <summary>The kernel for F8E4M3.</summary>
    public Action<TCall> Float8s { init => _kernels[(int)DType.F8E4M3] = make(name, value); }

    /// <summary>The kernel for BF16.</summary>
    public Action<TCall> BFloat16s { init => _kernels[(int)DType.BF16] = make(name, value); }

    /// <summary>The kernel for F32.</summary>
    public Action<TCall> Floats { init => _kernels[(int)DType.F32] = make(name, value); }

    /// <summary>The kernel for a matrix.</summary>
    public IlgpuKernel<TCall> Of(WeightMatrix matrix) =>
        _kernels[(int)matrix.Format] ?? throw new ArgumentException($"{matrix.Data.Name}: no {name} of {matrix.Format} weights with these activations");
}
