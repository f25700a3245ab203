using System;

namespace GemmaVk.Media;

/// <summary>
/// How a camera held the picture: the value of the EXIF tag Orientation, 1 to 8. Says where the stored first row and first column are seen:
/// 1 top left, 2 top right, 3 bottom right, 4 bottom left, 5 left top, 6 right top, 7 right bottom, 8 left bottom.
/// </summary>
internal static class Orientation
{
    /// <summary>The picture as it is to be seen. Upright ones are returned as they are.</summary>
    public static Picture Apply(Picture stored, int orientation)
    {
        if (orientation is < 2 or > 8)
        {
            return stored;
        }

        bool turned = orientation >= 5;
        int height = turned ? stored.Width : stored.Height, width = turned ? stored.Height : stored.Width;
        byte[] rgb = new byte[stored.Rgb.Length];

        // From the seen pixel (y, x) to the stored one: mirrored along either side, exchanged where the picture lies on its side.
        bool mirrorX = orientation is 2 or 3 or 7 or 8, mirrorY = orientation is 3 or 4 or 6 or 7;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (int row, int column) = turned ? (x, y) : (y, x);
                row = mirrorY ? stored.Height - 1 - row : row;
                column = mirrorX ? stored.Width - 1 - column : column;
                stored.Rgb.AsSpan(((row * stored.Width) + column) * 3, 3).CopyTo(rgb.AsSpan(((y * width) + x) * 3));
            }
        }

        return new Picture(height, width, rgb) { Note = stored.Note };
    }
}
