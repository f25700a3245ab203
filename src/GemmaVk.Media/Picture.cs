using System;

namespace GemmaVk.Media;

/// <summary>An upright picture in 8-bit RGB.</summary>
public sealed class Picture
{
    /// <summary>Takes pixels that are there already.</summary>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="rgb">[height, width, 3], row-major.</param>
    public Picture(int height, int width, byte[] rgb)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgb.LongLength, 3L * height * width);
        Height = height;
        Width = width;
        Rgb = rgb;
    }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>[Height, Width, 3], row-major.</summary>
    public byte[] Rgb { get; }

    /// <summary>What was odd about its file although all of it came: a complaint of ffmpeg's, or null.</summary>
    public string? Note { get; init; }
}
