using System;
using System.Reflection;

namespace GemmaVk.Ilgpu.Launching;

/// <summary>What the doctor asks of a kernel.</summary>
internal interface ICompiledKernel
{
    /// <summary>Name as in IPass.</summary>
    string Name { get; }

    /// <summary>The formats and lanes it is compiled for, by name.</summary>
    string Variant { get; }

    /// <summary>What ILGPU compiles.</summary>
    MethodInfo Method { get; }

    /// <summary>Time ILGPU took, zero before it did.</summary>
    TimeSpan CompileTime { get; }

    /// <summary>Compiles it unless that is done.</summary>
    /// <exception cref="Tensors.GemmaVkException">ILGPU cannot: kernel, device and message.</exception>
    void Compile();
}
