namespace GemmaVk.Model;

/// <summary>What a tensor is for, which decides how it may be stored and converted.</summary>
public enum TensorRole : byte
{
    /// <summary>A matrix of the decoder stack: plain, or quantised on disk.</summary>
    Linear,

    /// <summary>The token embedding, which is also the head.</summary>
    Embedding,

    /// <summary>A matrix of the picture or sound embedder: plain on disk in every release.</summary>
    MediaLinear,

    /// <summary>Norm weights, biases, scalars and tables that are used as float32.</summary>
    Vector,

    /// <summary>A second copy of a tensor: allowed, checked, not read.</summary>
    Duplicate,
}
