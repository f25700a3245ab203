using GemmaVk.Kernels;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Runtime.Prefixes;

/// <summary>
/// When rows of one prompt are, bit for bit, those that another prompt with the same beginning would give. A row's bits do not depend on
/// the rows beside it, but a pass of up to eight rows (<see cref="MatVec.MaxRows"/>) sums in another order than a wide one; which passes
/// are wide follows from where chunks and pictures end.
/// </summary>
internal static class PassRule
{
    /// <summary>Whether a pass of so many rows is a wide one.</summary>
    public static bool IsWide(int rows) => rows > MatVec.MaxRows;

    /// <summary>
    /// Whether a prompt can go on from <paramref name="row"/>, where another with the same rows before it was left: alone, it would have
    /// made the row before in the same kind of pass, and what is left of that pass is of that kind too.
    /// </summary>
    /// <param name="prompt">The whole conversation.</param>
    /// <param name="row">More than 0 and less than its length.</param>
    /// <param name="wide">How the row before was made.</param>
    /// <param name="chunk">Rows of a pass.</param>
    public static bool GoesOn(PromptRows prompt, int row, bool wide, int chunk)
    {
        (int start, int end) = prompt.PassAround(row - 1, chunk);
        return IsWide(end - start) == wide && (end == row || IsWide(end - row) == wide);
    }
}
