using System;
using System.Collections.Generic;
using GemmaVk.Tensors;

namespace GemmaVk.Media;

/// <summary>
/// The size a picture or video frame is resized to: as large as the token budget allows on a grid of 48-pixel patches, aspect
/// ratio kept, small pictures enlarged. Float64 arithmetic of the published image processor
/// (image_processing_gemma4_unified.py, get_aspect_ratio_preserving_size).
/// </summary>
public static class ImageSizing
{
    /// <summary>Side of the square of pixels that becomes one soft token.</summary>
    public const int PatchSide = 48;

    /// <summary>Budget of a picture, unless asked otherwise.</summary>
    public const int DefaultBudget = 280;

    /// <summary>Budget of a video frame, unless asked otherwise.</summary>
    public const int FrameBudget = 70;

    /// <summary>Budgets the model was trained with.</summary>
    public static IReadOnlyList<int> Budgets { get; } = [70, 140, 280, 560, 1120];

    /// <summary>Target of a picture of <paramref name="height"/> x <paramref name="width"/> pixels.</summary>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="budget">Most soft tokens; one of <see cref="Budgets"/>.</param>
    /// <returns>Sides, multiples of 48, and the number of soft tokens, at most <paramref name="budget"/>.</returns>
    /// <exception cref="GemmaVkException">A side is 0 or negative, or the budget is none of the five.</exception>
    public static (int Height, int Width, int Tokens) Target(int height, int width, int budget)
    {
        CheckBudget(budget);
        if (height < 1 || width < 1)
        {
            throw new GemmaVkException($"A picture must have at least 1 x 1 pixels, but this one is {width} x {height}; use another file.");
        }

        double factor = Math.Sqrt((double)budget * PatchSide * PatchSide / ((double)height * width));
        int rows = (int)Math.Floor(factor * height / PatchSide);
        int columns = (int)Math.Floor(factor * width / PatchSide);

        // At most one of them is 0: the product of the two quotients is the budget, 70 or more. A sliver becomes one row of patches.
        if (rows == 0)
        {
            rows = 1;
            columns = Math.Min(width / height, budget);
        }
        else if (columns == 0)
        {
            columns = 1;
            rows = Math.Min(height / width, budget);
        }

        return (rows * PatchSide, columns * PatchSide, rows * columns);
    }

    /// <summary>Refuses a budget that the model does not know.</summary>
    /// <exception cref="GemmaVkException">It is none of <see cref="Budgets"/>.</exception>
    public static void CheckBudget(int budget)
    {
        if (budget is not (70 or 140 or 280 or 560 or 1120))
        {
            throw new GemmaVkException($"The token budget of a picture must be one of {string.Join(", ", Budgets)}, but is {budget}; choose one of these.");
        }
    }
}
