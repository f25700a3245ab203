namespace GemmaVk.Gpu.Matrices;

// Letters: T activation rows, N weight rows, of a workgroup.

/// <summary>How shaders/include/mat_matrix.glsl cuts a product: blocks of a shape, some of them per subgroup, subgroups side by side.</summary>
/// <param name="Shape">The device's.</param>
/// <param name="Rows">Blocks of weight rows of a subgroup.</param>
/// <param name="Cols">Blocks of activation rows of a subgroup.</param>
/// <param name="Across">Subgroups along weight rows.</param>
/// <param name="Along">Subgroups along activation rows.</param>
/// <param name="Deep">Groups of 32 columns between two barriers.</param>
/// <param name="SharedBytes">Shared memory that it takes.</param>
internal sealed record MatrixTile(MatrixShape Shape, uint Rows, uint Cols, uint Across, uint Along, uint Deep, uint SharedBytes)
{
    /// <summary>Activation rows of a workgroup.</summary>
    public uint T => Shape.T * Cols * Along;

    /// <summary>Weight rows of a workgroup.</summary>
    public uint N => Shape.N * Rows * Across;

    /// <summary>Values of the specialization constants, by id.</summary>
    /// <param name="subgroupSize">The device's.</param>
    public uint[] Constants(uint subgroupSize) => [Across * Along * subgroupSize, Rows, Cols, Across, Along, Shape.T, Shape.N, Shape.K, Deep];
}
