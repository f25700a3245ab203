using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>A test on matrix units.</summary>
internal sealed class MatrixFactAttribute : FactAttribute
{
    public MatrixFactAttribute()
    {
        Skip = MatrixUnitsNeeded.Missing();
    }
}
