using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>A test on matrix units, once per row of data.</summary>
internal sealed class MatrixTheoryAttribute : TheoryAttribute
{
    public MatrixTheoryAttribute()
    {
        Skip = MatrixUnitsNeeded.Missing();
    }
}
