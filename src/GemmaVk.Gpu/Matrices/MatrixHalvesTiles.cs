using GemmaVk.Gpu.Tuning;

namespace GemmaVk.Gpu.Matrices;

// Letters: T rows in this pass, N outputs.

/// <summary>Tiles of products in halves, as shaders/include/mat_matrix_f16.glsl makes them: which ones to try, and which fit a device.</summary>
internal static class MatrixHalvesTiles
{
    // Rows of the largest tile along each side, and how many such tiles keep a large device busy, or half of it.
    private const uint Side = 128;
    private const long Many = 256;
    private const long Some = 96;

    private const uint MostBlocks = 4;
    private const uint MostSums = 128;

    // Bytes of a vector in shared memory, and vectors of 32 columns.
    private const uint VectorBytes = 16;
    private const uint Vectors = 4;

    /// <summary>Class of a product, for which one form is taken: 1, 2, 4 for up to sixteen times as many rows; above 8, 7 or 6 for many, some or few tiles.</summary>
    public static uint Size(int T, int N)
    {
        if (T <= Side / 2)
            return T <= Side / 8 ? 1u : T <= Side / 4 ? 2u : 4u;
        long tiles = ((T + Side - 1) / Side) * ((N + Side - 1) / Side);
        return tiles >= Many ? 8u : tiles >= Some ? 7u : 6u;
    }

    /// <summary>
    /// Tiles to try for a class, the usual one first: rows T and N, subgroups, those along T, groups between barriers. Large tiles read each operand the
    /// fewest times; where there are too few of them for all of a device, smaller ones end sooner. Few rows wait for memory, and read
    /// further ahead.
    /// </summary>
    /// <param name="size">As <see cref="Size"/> gives it.</param>
    public static (uint T, uint N, uint Subgroups, uint Along, uint Deep)[] Candidates(uint size) => size switch
    {
        1 => [(16, 64, 4, 1, 4), (16, 64, 4, 1, 2), (16, 32, 2, 1, 4), (16, 128, 4, 1, 2), (16, 64, 2, 1, 4)],
        2 => [(32, 64, 4, 1, 4), (32, 64, 4, 1, 2), (32, 64, 4, 2, 4), (32, 128, 4, 1, 2), (32, 64, 2, 1, 4)],
        4 => [(64, 64, 4, 2, 4), (64, 64, 4, 2, 2), (64, 128, 4, 2, 2), (64, 64, 2, 1, 4)],
        8 => [(128, 128, 4, 2, 2), (128, 128, 4, 2, 1), (128, 128, 8, 2, 2), (128, 128, 8, 2, 1), (128, 128, 8, 4, 2), (64, 128, 4, 2, 2), (64, 64, 4, 2, 2)],
        7 => [(64, 128, 4, 2, 2), (128, 128, 8, 2, 2), (128, 128, 8, 2, 1), (128, 128, 8, 4, 2), (64, 128, 8, 2, 2), (64, 64, 4, 2, 2)],
        _ => [(64, 64, 4, 2, 4), (64, 64, 4, 2, 2), (64, 64, 4, 2, 1), (64, 128, 4, 2, 2), (64, 128, 8, 2, 2), (64, 64, 2, 1, 4)],
    };

    /// <summary>The tile of a form, or null where it is none for this device.</summary>
    /// <param name="shape">A shape of the device, F16 x F16 -> F32.</param>
    /// <param name="quantised">Whether rows are INT8: float rows are two halves each.</param>
    /// <param name="form">The form.</param>
    /// <param name="subgroupSize">The device's.</param>
    /// <param name="sharedBytes">What the device has.</param>
    public static MatrixTile? Of(MatrixShape shape, bool quantised, ProductForm form, uint subgroupSize, int sharedBytes)
    {
        uint subgroups = form.LocalSize / subgroupSize;
        if (form.Along == 0 || subgroups % form.Along != 0 || form.Rows is 0 or > MostBlocks || form.Cols is 0 or > MostBlocks || form.Deep is not (1 or 2 or 4))
            return null;
        if (form.Rows * form.Cols * shape.T * shape.N > MostSums * subgroupSize)
            return null;
        MatrixTile tile = new(shape, form.Rows, form.Cols, subgroups / form.Along, form.Along, form.Deep, 0);
        uint tiles = form.Deep == 1 ? 2u : 1u;
        uint vectors = (tile.N * ((Vectors * form.Deep) + 1)) + (tile.T * ((Vectors * form.Deep * (quantised ? 1u : 2u)) + 1));
        uint bytes = (tiles * vectors * VectorBytes) + (2 * sizeof(float) * tile.T) + (subgroups * shape.T * shape.N * sizeof(float));
        return bytes <= sharedBytes ? tile with { SharedBytes = bytes } : null;
    }

    /// <summary>The form of a candidate, or null where blocks of the shape do not make it up.</summary>
    public static ProductForm? Form(MatrixShape shape, (uint T, uint N, uint Subgroups, uint Along, uint Deep) candidate, uint subgroupSize)
    {
        (uint T, uint N, uint subgroups, uint along, uint deep) = candidate;
        uint across = subgroups / along;
        return T % (shape.T * along) == 0 && N % (shape.N * across) == 0
            ? new ProductForm(N / (shape.N * across), subgroups * subgroupSize, Matrix: true, Cols: T / (shape.T * along), Along: along, Deep: deep)
            : null;
    }
}
