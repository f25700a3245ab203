using System;
using System.Buffers.Binary;
using System.IO;

namespace GemmaVk.Media.Decoding;

/// <summary>
/// The first frame of an animated WebP file as a still one, because ffmpeg decodes no animations of this format.
/// <code>
/// RIFF size WEBP | VP8X: flags, canvas | ANIM | ANMF: x/2, y/2, width-1, height-1, time, flags (16 bytes), then ALPH and VP8, or VP8L | ANMF ...
/// </code>
/// </summary>
/// <param name="File">A still WebP file.</param>
/// <param name="Left">Column of the canvas where the frame begins.</param>
/// <param name="Top">Row of the canvas where the frame begins.</param>
/// <param name="CanvasWidth">Columns of the whole picture.</param>
/// <param name="CanvasHeight">Rows of the whole picture.</param>
internal sealed record WebpFrame(byte[] File, int Left, int Top, int CanvasWidth, int CanvasHeight)
{
    private const int FileHeader = 12;
    private const byte AnimationFlag = 0x02, AlphaFlag = 0x10;

    /// <summary>The first frame, or null where the file is no animation.</summary>
    public static WebpFrame? FirstOf(byte[] file, string path, MediaLimits limits)
    {
        ReadOnlySpan<byte> canvas = [];
        foreach ((int start, int length, uint name) in new RiffChunks(file, FileHeader))
        {
            ReadOnlySpan<byte> chunk = file.AsSpan(start, length);
            if (name == RiffChunks.Name("VP8X"u8) && length >= 10)
            {
                canvas = (chunk[0] & AnimationFlag) != 0 ? chunk : [];
            }
            else if (name == RiffChunks.Name("ANMF"u8) && length >= 16 && !canvas.IsEmpty)
            {
                int width = 1 + Int24(canvas[4..]), height = 1 + Int24(canvas[7..]);
                PictureFile.CheckPixels(width, height, path, limits);
                return new WebpFrame(Still(chunk), 2 * Int24(chunk), 2 * Int24(chunk[3..]), width, height);
            }
        }

        return null;
    }

    /// <summary>The decoded frame at its place on the canvas, which is transparent elsewhere: white.</summary>
    public Picture Place(Picture frame)
    {
        if (frame.Width == CanvasWidth && frame.Height == CanvasHeight)
        {
            return frame;
        }

        byte[] rgb = new byte[3L * CanvasWidth * CanvasHeight];
        Array.Fill(rgb, (byte)255);
        int columns = Math.Clamp(CanvasWidth - Left, 0, frame.Width), rows = Math.Clamp(CanvasHeight - Top, 0, frame.Height);
        for (int y = 0; y < rows && columns > 0; y++)
        {
            frame.Rgb.AsSpan(y * frame.Width * 3, columns * 3).CopyTo(rgb.AsSpan((((Top + y) * CanvasWidth) + Left) * 3));
        }

        return new Picture(CanvasHeight, CanvasWidth, rgb);
    }

    private static byte[] Still(ReadOnlySpan<byte> frame)
    {
        // VP8X of a still picture, of the frame's size; the frame's own chunks follow as they are.
        byte[] extended = new byte[18];
        "VP8X"u8.CopyTo(extended);
        extended[4] = 10;
        extended[8] = AlphaFlag;
        frame[6..12].CopyTo(extended.AsSpan(12));
        byte[] size = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(size, 4 + extended.Length + frame.Length - 16);
        using MemoryStream still = new();
        still.Write("RIFF"u8);
        still.Write(size);
        still.Write("WEBP"u8);
        still.Write(extended);
        still.Write(frame[16..]);
        return still.ToArray();
    }

    private static int Int24(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
}
