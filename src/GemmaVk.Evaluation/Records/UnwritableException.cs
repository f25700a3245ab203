using System;
using GemmaVk.Tensors;

namespace GemmaVk.Evaluation.Records;

/// <summary>Records cannot be kept any more: the run ends, whatever question it is at.</summary>
/// <param name="message">The sentence.</param>
/// <param name="inner">What the system said.</param>
internal sealed class UnwritableException(string message, Exception inner) : GemmaVkException(message, inner);
