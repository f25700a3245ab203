using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>The formats of weights that share a scale in groups of 32 or less, as rows of a theory.</summary>
public sealed class GroupedFormats : TheoryData<DType>
{
    public GroupedFormats()
    {
        AddRange(DType.Q4, DType.Q8, DType.Q4F16, DType.Q8F16, DType.Q4K, DType.Q5K, DType.Q6K);
    }
}
