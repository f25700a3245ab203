using GemmaVk.Kernels.Checks;

namespace GemmaVk.Kernels.Tests;

/// <summary>Buffers and runs of one test on the backend of a name.</summary>
public sealed class KernelSession(string backend) : OperandBuffers(Backends.Get(backend));
