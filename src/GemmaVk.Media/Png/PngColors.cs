using System;
using System.Buffers.Binary;

namespace GemmaVk.Media.Png;

/// <summary>
/// Samples to 8-bit RGB. Grey and one-bit are repeated in three channels (1, 2 and 4 bits spread over 0 to 255), palettes looked up, of 16 bits the
/// high byte taken, for grey too (the published code clips grey to 255 there, which makes nearly every such picture white). Alpha,
/// as a channel or as a transparent colour, is put on white (<see cref="OnWhite"/>).
/// </summary>
internal sealed class PngColors
{
    private readonly PngHeader _header;
    private readonly string _path;
    private readonly byte[] _palette = new byte[256 * 3];
    private readonly int _paletteCount;
    private readonly int[]? _clear;

    /// <param name="header">The file's header.</param>
    /// <param name="palette">Content of PLTE, or empty.</param>
    /// <param name="transparency">Content of tRNS, or empty.</param>
    /// <param name="path">Named in messages.</param>
    public PngColors(PngHeader header, ReadOnlySpan<byte> palette, ReadOnlySpan<byte> transparency, string path)
    {
        _header = header;
        _path = path;
        if (header.Color == PngHeader.Palette)
        {
            if (palette.IsEmpty || palette.Length % 3 != 0 || palette.Length > 3 << header.Depth)
            {
                throw PngReader.Damaged(path, $"its palette has {palette.Length} bytes, where 1 to {1 << header.Depth} colours of 3 bytes belong");
            }

            _paletteCount = palette.Length / 3;
            for (int i = 0; i < palette.Length; i++)
            {
                _palette[i] = OnWhite(palette[i], i / 3 < transparency.Length ? transparency[i / 3] : 255);
            }
        }
        else if (!transparency.IsEmpty && header.Color is PngHeader.Grey or PngHeader.Rgb && transparency.Length == 2 * header.Channels)
        {
            _clear = new int[header.Channels];
            for (int i = 0; i < _clear.Length; i++)
            {
                _clear[i] = BinaryPrimitives.ReadUInt16BigEndian(transparency[(2 * i)..]);
            }
        }
    }

    /// <summary>A level of a given alpha on white: floor((c a + 255 (255 - a)) / 255 + 0.5), in integers.</summary>
    public static byte OnWhite(int level, int alpha) => (byte)(((level * alpha) + (255 * (255 - alpha)) + 127) / 255);

    /// <summary>Writes a row's pixels.</summary>
    /// <param name="row">Samples.</param>
    /// <param name="pixels">How many pixels the row has.</param>
    /// <param name="target">First pixel's three bytes.</param>
    /// <param name="step">Bytes from one pixel to the next.</param>
    public void Write(ReadOnlySpan<byte> row, int pixels, Span<byte> target, int step)
    {
        if (_header is { Color: PngHeader.Rgb, Depth: 8 } && _clear is null && step == 3)
        {
            row[..(pixels * 3)].CopyTo(target);
            return;
        }

        switch (_header.Color)
        {
            case PngHeader.Palette:
                WritePalette(row, pixels, target, step);
                break;
            case PngHeader.Grey:
                WriteGrey(row, pixels, target, step);
                break;
            default:
                WriteChannels(row, pixels, target, step);
                break;
        }
    }

    private void WritePalette(ReadOnlySpan<byte> row, int pixels, Span<byte> target, int step)
    {
        for (int i = 0; i < pixels; i++)
        {
            int index = Sample(row, i);
            if (index >= _paletteCount)
            {
                throw PngReader.Damaged(_path, $"a pixel has colour {index} of a palette of {_paletteCount}");
            }

            _palette.AsSpan(index * 3, 3).CopyTo(target[(i * step)..]);
        }
    }

    private void WriteGrey(ReadOnlySpan<byte> row, int pixels, Span<byte> target, int step)
    {
        int spread = _header.Depth < 8 ? 255 / ((1 << _header.Depth) - 1) : 1;
        for (int i = 0; i < pixels; i++)
        {
            int sample = Sample(row, i);
            int level = _header.Depth == 16 ? sample >> 8 : sample * spread;
            target.Slice(i * step, 3).Fill(_clear is not null && sample == _clear[0] ? (byte)255 : (byte)level);
        }
    }

    private void WriteChannels(ReadOnlySpan<byte> row, int pixels, Span<byte> target, int step)
    {
        int width = _header.Depth / 8, channels = _header.Channels;
        int colors = channels < 3 ? 1 : 3;
        for (int i = 0; i < pixels; i++)
        {
            ReadOnlySpan<byte> pixel = row.Slice(i * channels * width, channels * width);
            Span<byte> to = target.Slice(i * step, 3);
            int alpha = channels > colors ? pixel[colors * width] : _clear is not null && IsClear(pixel) ? 0 : 255;
            for (int channel = 0; channel < 3; channel++)
            {
                to[channel] = OnWhite(pixel[colors == 3 ? channel * width : 0], alpha);
            }
        }
    }

    private bool IsClear(ReadOnlySpan<byte> pixel)
    {
        for (int channel = 0; channel < _clear!.Length; channel++)
        {
            int sample = _header.Depth == 16 ? BinaryPrimitives.ReadUInt16BigEndian(pixel[(2 * channel)..]) : pixel[channel];
            if (sample != _clear[channel])
            {
                return false;
            }
        }

        return true;
    }

    // Of one channel; samples of less than a byte are packed from the high bits down.
    private int Sample(ReadOnlySpan<byte> row, int i)
    {
        switch (_header.Depth)
        {
            case 8:
                return row[i];
            case 16:
                return BinaryPrimitives.ReadUInt16BigEndian(row[(2 * i)..]);
            default:
                int bit = i * _header.Depth;
                return (row[bit >> 3] >> (8 - _header.Depth - (bit & 7))) & ((1 << _header.Depth) - 1);
        }
    }
}
