using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using GemmaVk.Tensors;

namespace GemmaVk.Media.Heif;

/// <summary>The picture of a file of the HEIF family: its tiles decoded by ffmpeg, put together, cut, turned and mirrored as the file says, on white.</summary>
/// <param name="file">The items.</param>
/// <param name="path">Named in messages.</param>
/// <param name="limits">Pixels.</param>
/// <param name="decode">Decodes streams of one codec to as many pictures of one size: the stream, its format, a filter or null, and how many.</param>
internal sealed class HeifPicture(HeifFile file, string path, MediaLimits limits, Func<byte[], MediaKind, string?, int, IReadOnlyList<Picture>> decode)
{
    // A grid has at most 256 rows and columns; a derived picture of derived pictures ends somewhere.
    private const int MostDerived = 4;

    /// <summary>Reads it.</summary>
    /// <exception cref="GemmaVkException">It is damaged, too large, or of a kind that is not read.</exception>
    public Picture Read()
    {
        HeifItem item = file.Find(file.Primary);
        Picture picture = Decode(item, 0);
        if (file.AlphaOf(file.Primary) is { } alpha)
        {
            Picture mask = Decode(alpha, 0);
            if ((mask.Height, mask.Width) != (picture.Height, picture.Width))
            {
                throw BoxReader.Bad(path, $"transparency of {mask.Width} x {mask.Height} pixels for a picture of {picture.Width} x {picture.Height}");
            }

            for (int i = 0; i < picture.Rgb.Length; i++)
            {
                picture.Rgb[i] = Png.PngColors.OnWhite(picture.Rgb[i], mask.Rgb[i]);
            }
        }

        foreach ((uint name, byte[] content) in file.Properties(item))
        {
            picture = Shown(picture, name, content);
        }

        return picture;
    }

    private Picture Decode(HeifItem item, int depth)
    {
        (long width, long height) = file.SizeOf(item);
        PictureFile.CheckPixels(width, height, path, limits);
        if (item.Type == BoxReader.Letters("grid"u8))
        {
            return Grid(item);
        }

        if (item.Type == BoxReader.Letters("iden"u8) && item.MadeOf is [uint one] && depth < MostDerived)
        {
            return Decode(file.Find(one), depth + 1);
        }

        return Coded([item])[0];
    }

    // version, flags, rows - 1, columns - 1, then width and height of 2 or 4 bytes.
    private Picture Grid(HeifItem item)
    {
        BoxReader grid = new(file.BytesOf(item), path);
        grid.Number(1);
        int wide = (grid.Number(1) & 1) != 0 ? 4 : 2;
        int rows = (int)grid.Number(1) + 1, columns = (int)grid.Number(1) + 1;
        long width = grid.Number(wide), height = grid.Number(wide);
        PictureFile.CheckPixels(width, height, path, limits);
        if (item.MadeOf.Count != rows * columns || width == 0 || height == 0)
        {
            throw BoxReader.Bad(path, $"a grid of {rows} x {columns} tiles with {item.MadeOf.Count} in it");
        }

        List<HeifItem> tiles = [];
        foreach (uint id in item.MadeOf)
        {
            tiles.Add(file.Find(id));
        }

        (long tileWidth, long tileHeight) = file.SizeOf(tiles[0]);
        if (tileWidth * columns < width || tileHeight * rows < height || tileWidth > width || tileHeight > height)
        {
            throw BoxReader.Bad(path, $"{rows} x {columns} tiles of {tileWidth} x {tileHeight} pixels for a picture of {width} x {height}");
        }

        byte[] rgb = new byte[3 * width * height];
        IReadOnlyList<Picture> pictures = Coded(tiles);
        for (int i = 0; i < pictures.Count; i++)
        {
            Picture tile = pictures[i];
            int left = i % columns * tile.Width, top = i / columns * tile.Height;
            int shown = (int)Math.Min(tile.Width, width - left);
            for (int y = 0; y < tile.Height && top + y < height && shown > 0; y++)
            {
                tile.Rgb.AsSpan(3 * y * tile.Width, 3 * shown).CopyTo(rgb.AsSpan((int)(3 * (((top + y) * width) + left))));
            }
        }

        return new Picture((int)height, (int)width, rgb);
    }

    private IReadOnlyList<Picture> Coded(IReadOnlyList<HeifItem> items)
    {
        uint type = items[0].Type;
        (long width, long height) = file.SizeOf(items[0]);
        PictureFile.CheckPixels(width * items.Count, 1, path, limits with { Side = int.MaxValue });
        foreach (HeifItem item in items)
        {
            if (item.Type != type || file.SizeOf(item) != (width, height))
            {
                throw BoxReader.Bad(path, "tiles of several kinds or sizes");
            }
        }

        (byte[] stream, MediaKind kind) = Stream(items, type);
        IReadOnlyList<Picture> pictures = decode(stream, kind, Colors(items[0]), items.Count);
        foreach (Picture picture in pictures)
        {
            if ((picture.Width, picture.Height) != (width, height))
            {
                throw BoxReader.Bad(path, $"a picture of {picture.Width} x {picture.Height} pixels where {width} x {height} are said");
            }
        }

        return pictures;
    }

    private (byte[] Stream, MediaKind Kind) Stream(IReadOnlyList<HeifItem> items, uint type)
    {
        using MemoryStream stream = new();
        if (type == BoxReader.Letters("av01"u8))
        {
            IvfStream.Head(stream);
            for (int i = 0; i < items.Count; i++)
            {
                IvfStream.Frame(stream, file.BytesOf(items[i]), i);
            }

            return (stream.ToArray(), MediaKind.Av1Frames);
        }

        if (type == BoxReader.Letters("hvc1"u8) || type == BoxReader.Letters("hev1"u8))
        {
            foreach (HeifItem item in items)
            {
                HevcStream.Append(stream, file.Property(item, "hvcC"u8) ?? throw BoxReader.Bad(path, "no parameters for its pictures"), file.BytesOf(item), path);
            }

            return (stream.ToArray(), MediaKind.HevcFrames);
        }

        if (type == BoxReader.Letters("jpeg"u8) && items.Count == 1)
        {
            return (file.BytesOf(items[0]), MediaKind.JpegFrames);
        }

        byte[] letters = [(byte)(type >> 24), (byte)(type >> 16), (byte)(type >> 8), (byte)type];
        string shown = string.Concat(Array.ConvertAll(letters, letter => char.IsAsciiLetterOrDigit((char)letter) ? (char)letter : '?'));
        throw new GemmaVkException($"{path} must be a picture coded as AV1, HEVC or JPEG, or a grid of those, but is of the kind \"{shown}\"; convert it to PNG or JPEG.");
    }

    // What the container says of colours goes before what the stream says: primaries, transfer, matrix, full range.
    private string? Colors(HeifItem item)
    {
        const int Nclx = 11, Unspecified = 2;
        foreach ((uint name, byte[] content) in file.Properties(item))
        {
            if (name == BoxReader.Letters("colr"u8) && content.Length >= Nclx && content.AsSpan().StartsWith("nclx"u8))
            {
                int matrix = (content[8] << 8) | content[9];
                string range = (content[10] & 0x80) != 0 ? "pc" : "tv";

                // Matrix 0 is RGB itself, which decoders say by the kind of their pixels.
                return matrix is 0 or Unspecified or > 14 ? $"setparams=range={range}" : string.Create(CultureInfo.InvariantCulture, $"setparams=range={range}:colorspace={matrix}");
            }
        }

        return null;
    }

    private Picture Shown(Picture picture, uint name, byte[] content)
    {
        if (name == BoxReader.Letters("irot"u8) && content.Length > 0)
        {
            // Quarters of a turn to the left, as the tag Orientation says them.
            return Orientation.Apply(picture, (content[0] & 3) switch { 1 => 8, 2 => 3, 3 => 6, _ => 1 });
        }

        if (name == BoxReader.Letters("imir"u8) && content.Length > 0)
        {
            // 0 exchanges top and bottom, 1 left and right.
            return Orientation.Apply(picture, (content[0] & 1) == 0 ? 4 : 2);
        }

        return name == BoxReader.Letters("clap"u8) ? Cut(picture, content) : picture;
    }

    // Fractions of 32-bit numbers: width, height, and how far the middle is from the picture's middle to the right and down.
    private Picture Cut(Picture picture, byte[] content)
    {
        BoxReader box = new(content, path);
        Span<double> values = stackalloc double[4];
        for (int i = 0; i < values.Length; i++)
        {
            int top = (int)(uint)box.Number(4), bottom = (int)(uint)box.Number(4);
            values[i] = bottom > 0 ? (double)top / bottom : double.NaN;
        }

        double left = ((picture.Width - values[0]) / 2) + values[2], upper = ((picture.Height - values[1]) / 2) + values[3];
        if (!(values[0] >= 1 && values[1] >= 1 && left >= 0 && upper >= 0 && left + values[0] <= picture.Width && upper + values[1] <= picture.Height))
        {
            throw BoxReader.Bad(path, "a cut beyond its picture");
        }

        (int x, int y, int width, int height) = ((int)left, (int)upper, (int)values[0], (int)values[1]);
        byte[] rgb = new byte[3 * width * height];
        for (int row = 0; row < height; row++)
        {
            picture.Rgb.AsSpan(3 * (((y + row) * picture.Width) + x), 3 * width).CopyTo(rgb.AsSpan(3 * row * width));
        }

        return new Picture(height, width, rgb);
    }
}
