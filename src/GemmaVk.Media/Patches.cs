using System;

namespace GemmaVk.Media;

/// <summary>
/// What a resized picture is to the model: squares of 48 x 48 pixels, row by row, and their places. The runtime uploads bytes
/// and does this on the device; here it serves tests and whoever wants to look.
/// </summary>
public static class Patches
{
    /// <summary>Values of one patch: 48 rows of 48 columns of 3 channels.</summary>
    public const int Length = ImageSizing.PatchSide * ImageSizing.PatchSide * 3;

    /// <summary>Patches of a picture: level x float32(1/255).</summary>
    /// <param name="picture">Resized: sides are multiples of 48.</param>
    /// <returns>[tokens, 6912]; inside a patch row, column, channel.</returns>
    public static float[] OfPicture(Picture picture) => Cut(picture, Levels(level => level * (float)(1.0 / 255)));

    /// <summary>Patches of a video frame: level / 255, which differs from a picture's value in the last bit for 126 levels.</summary>
    /// <param name="frame">Resized: sides are multiples of 48.</param>
    /// <returns>[tokens, 6912]; inside a patch row, column, channel.</returns>
    public static float[] OfFrame(Picture frame) => Cut(frame, Levels(level => level / 255f));

    /// <summary>Places of a picture's patches in the grid.</summary>
    /// <param name="height">Rows of pixels, a multiple of 48.</param>
    /// <param name="width">Columns of pixels, a multiple of 48.</param>
    /// <returns>[tokens, 2]: column, then row.</returns>
    public static int[] Positions(int height, int width)
    {
        CheckGrid(height, width);
        int columns = width / ImageSizing.PatchSide;
        int[] positions = new int[height / ImageSizing.PatchSide * columns * 2];
        for (int p = 0; p < positions.Length / 2; p++)
        {
            positions[2 * p] = p % columns;
            positions[(2 * p) + 1] = p / columns;
        }

        return positions;
    }

    private static float[] Levels(Func<int, float> value)
    {
        float[] levels = new float[256];
        for (int level = 0; level < levels.Length; level++)
        {
            levels[level] = value(level);
        }

        return levels;
    }

    private static float[] Cut(Picture picture, float[] levels)
    {
        const int Side = ImageSizing.PatchSide;
        ArgumentNullException.ThrowIfNull(picture);
        CheckGrid(picture.Height, picture.Width);
        float[] values = new float[picture.Rgb.Length];
        int at = 0;
        for (int top = 0; top < picture.Height; top += Side)
        {
            for (int left = 0; left < picture.Width; left += Side)
            {
                for (int y = top; y < top + Side; y++)
                {
                    foreach (byte level in picture.Rgb.AsSpan(((y * picture.Width) + left) * 3, Side * 3))
                    {
                        values[at++] = levels[level];
                    }
                }
            }
        }

        return values;
    }

    private static void CheckGrid(int height, int width)
    {
        if (height < 1 || width < 1 || height % ImageSizing.PatchSide != 0 || width % ImageSizing.PatchSide != 0)
        {
            throw new ArgumentException($"A picture of {width} x {height} pixels has no whole patches of {ImageSizing.PatchSide} x {ImageSizing.PatchSide}: resize it first.");
        }
    }
}
