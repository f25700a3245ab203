using System;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: N rows, K columns, w a row of the matrix, c the same row of the copy, x a row of activations as the products take it.

/// <summary>
/// A smaller copy of a matrix, with the proof of how far its products are from those of the matrix itself: where only the largest results of
/// a row matter, the copy says which rows of the matrix can be among them, and those alone are read.
/// <code>
/// |computed(w x) - computed(c x)|  &lt;=  |x| bound[n] + 1e-30,     bound = |w - c| + e (2 |w| + |w - c|),     e = (K + 64) 2^-24
/// </code>
/// Both products take the same x, rounded to INT8 or not, so that only two things part them: the weights, whose part is at most |w - c| |x|
/// (Cauchy-Schwarz), and roundings of F32. A product is a sum of at most K products, in whatever order, each term of which meets at most K + 16
/// roundings of 2^-24: its computed value is within (K + 32) 2^-24 |w| |x| of the exact one (Higham, Accuracy and Stability, section 3.1); |c| is
/// at most |w| + |w - c|; what is left of e is for the sums and products that use the bound. 1e-30 is for what is lost below the normal
/// numbers. Where |x| times the largest row could leave the range of F32 nothing is proven, and the whole matrix is read.
/// </summary>
/// <param name="coarse">The copy, [N, K].</param>
/// <param name="bounds">[N] F32, rounded up (<see cref="Bound"/>).</param>
/// <param name="largest">No norm of a row, and no scale times 128, is above it.</param>
/// <param name="room">Memory in which some rows of the matrix are multiplied.</param>
public sealed class RowOutline(WeightMatrix coarse, BufferHandle bounds, float largest, OutlineRoom room) : IDisposable
{
    /// <summary>More rows of activations than this read the whole matrix: what one of them leaves out, another needs.</summary>
    public const int MostRows = 4;

    /// <summary>Most results that may matter: the least of them is found among the maxima of blocks.</summary>
    public const int MostWanted = 256;

    // Passes that leave the outline alone after it has proven nothing: twice as many each time.
    private const int FirstPause = 8;
    private const int LongestPause = 4096;

    private int _pause;
    private int _nextPause = FirstPause;

    /// <summary>The copy.</summary>
    public WeightMatrix Coarse => coarse;

    /// <summary>Bounds, [N].</summary>
    public BufferHandle Bounds => bounds;

    /// <summary>Largest norm of a row, or scale times 128.</summary>
    public float Largest => largest;

    /// <summary>Memory for rows that are multiplied.</summary>
    public OutlineRoom Room => room;

    /// <summary>Products that it has served, and those that had to read the whole matrix after it.</summary>
    public (long Proven, long Unproven) Counts { get; private set; }

    /// <summary>Rows of the matrix that were read beside the copy, over all products it has served.</summary>
    public long RowsRead { get; private set; }

    /// <summary>The bound of a row.</summary>
    /// <param name="row">Norm of the row.</param>
    /// <param name="difference">Norm of its difference to the copy's.</param>
    /// <param name="K">Columns.</param>
    public static float Bound(double row, double difference, int K)
    {
        double e = (K + 64.0) / (1 << 24);
        return MathF.BitIncrement((float)(difference + (e * ((2 * row) + difference))));
    }

    /// <summary>The copy's format for a matrix of a format; null where a copy is no smaller, or cannot be told apart from the matrix by norms.</summary>
    public static DType? FormatFor(DType exact) => exact switch
    {
        DType.F32 or DType.BF16 => DType.Q8,
        DType.Q8 => DType.Q4,
        _ => null,
    };

    /// <summary>Whether it is worth another look; where it has proven nothing, it is left alone for a while.</summary>
    public bool Look()
    {
        if (_pause == 0)
        {
            return true;
        }

        _pause--;
        return false;
    }

    /// <summary>Notes that a product was served, and what it took.</summary>
    public void Proved(int rows)
    {
        _nextPause = FirstPause;
        Counts = (Counts.Proven + 1, Counts.Unproven);
        RowsRead += rows;
    }

    /// <summary>Notes that the whole matrix had to be read.</summary>
    public void Failed()
    {
        _pause = _nextPause;
        _nextPause = Math.Min(2 * _nextPause, LongestPause);
        Counts = (Counts.Proven, Counts.Unproven + 1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        coarse.Dispose();
        bounds.Dispose();
        room.Dispose();
    }
}
