using GemmaVk.Tensors;

namespace GemmaVk.Model;

/// <summary>What the configuration says about one tensor.</summary>
/// <param name="Name">Its released name.</param>
/// <param name="Shape">Its logical shape: of the unpacked matrix where it is stored quantised.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Required">False if a checkpoint may leave it out.</param>
public sealed record TensorSpec(string Name, Shape Shape, TensorRole Role, bool Required = true);
