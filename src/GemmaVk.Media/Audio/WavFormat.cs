using System;
using System.Buffers.Binary;
using System.IO;
using GemmaVk.Tensors;
using static System.FormattableString;

namespace GemmaVk.Media.Audio;

/// <summary>
/// How samples lie in a stream of bytes, and the header of a WAV file that says so.
/// <code>
/// RIFF size WAVE, then chunks:   name, 4 letters | length, 4 bytes little-endian | content | a byte more where the length is odd
/// fmt   tag (1 integers, 3 floats, FFFE: the tag begins the GUID at 24) | channels | rate | bytes a second | bytes a frame | bits a sample
/// data  frames: a sample of each channel; 8 bits are unsigned, more are signed, little-endian
/// </code>
/// </summary>
/// <param name="Rate">Frames a second.</param>
/// <param name="Channels">Samples of a frame.</param>
/// <param name="Bits">Bits of a sample: 8, 16, 24 or 32, of floats 32 or 64.</param>
/// <param name="IsFloat">Floats rather than integers.</param>
internal readonly record struct WavFormat(int Rate, int Channels, int Bits, bool IsFloat)
{
    public const int LowestRate = 8_000, HighestRate = 192_000, MostChannels = 8;

    // Programs that write to a pipe cannot know the length and say the most there can be.
    private const uint Unknown = 0x7FFF_0000;

    /// <summary>16-bit integers at 16 kHz, one channel: what a raw pipe carries.</summary>
    public static WavFormat RawPipe { get; } = new(Resampler.TargetRate, 1, 16, IsFloat: false);

    /// <summary>Floats at 16 kHz, one channel: what ffmpeg is asked for.</summary>
    public static WavFormat FromFfmpeg { get; } = new(Resampler.TargetRate, 1, 32, IsFloat: true);

    /// <summary>Bytes of a frame.</summary>
    public int FrameBytes => Channels * Bits / 8;

    /// <summary>Reads a header up to the first byte of the samples.</summary>
    /// <param name="stream">Behind the first 12 bytes.</param>
    /// <param name="name">Named in messages.</param>
    /// <param name="left">Bytes of the file behind the first 12, or null for a pipe.</param>
    /// <returns>The format and the bytes of samples; null for those where they last to the end; no format where the codec is another's.</returns>
    /// <exception cref="GemmaVkException">The header is damaged, lies, or says what nobody can play.</exception>
    public static (WavFormat? Format, long? Bytes) Read(Stream stream, string name, long? left)
    {
        const int Longest = 1024;
        WavFormat? format = null;
        bool foreign = false;
        byte[] content = new byte[Longest];
        Span<byte> head = stackalloc byte[8];
        while (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length)
        {
            left -= head.Length;
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
            bool isData = head.StartsWith("data"u8), unknown = isData && length >= Unknown;
            if (length > left && !unknown)
            {
                throw Bad(name, Invariant($"a header that gives at most the {left:N0} bytes that follow"), Invariant($"a header that gives {length:N0} (a truncated file?)"));
            }

            if (isData)
            {
                return foreign ? (null, null) : format is null
                    ? throw Bad(name, "a chunk \"fmt \" before its samples", "none")
                    : (format, unknown ? null : length);
            }

            if (head.StartsWith("fmt "u8))
            {
                if (length is < 16 or > Longest)
                {
                    throw Bad(name, $"a chunk \"fmt \" of 16 to {Longest} bytes", Invariant($"one of {length:N0}"));
                }

                int count = stream.ReadAtLeast(content.AsSpan(0, (int)length), (int)length, throwOnEndOfStream: false);
                format = Parse(content.AsSpan(0, count), name);
                foreign = format is null;
                left -= length + (length & 1);
                Skip(stream, length & 1, content);
            }
            else
            {
                left -= length + (length & 1);
                Skip(stream, length + (length & 1), content);
            }
        }

        throw Bad(name, "a chunk \"data\" with samples", "none (a truncated file?)");
    }

    public static GemmaVkException Bad(string name, string expected, string actual) =>
        new($"{name} must be a WAV file with {expected}, but has {actual}; record or export it again.");

    private static WavFormat? Parse(ReadOnlySpan<byte> fmt, string name)
    {
        const int Integers = 1, Floats = 3, Extensible = 0xFFFE, SubFormat = 24;
        if (fmt.Length < 16)
        {
            throw Bad(name, "a whole chunk \"fmt \"", "half of one (a truncated file?)");
        }

        int tag = BinaryPrimitives.ReadUInt16LittleEndian(fmt);
        if (tag == Extensible && fmt.Length >= SubFormat + 16)
        {
            tag = BinaryPrimitives.ReadUInt16LittleEndian(fmt[SubFormat..]);
        }

        if (tag is not (Integers or Floats))
        {
            return null;
        }

        int channels = BinaryPrimitives.ReadUInt16LittleEndian(fmt[2..]);
        uint rate = BinaryPrimitives.ReadUInt32LittleEndian(fmt[4..]);
        int frame = BinaryPrimitives.ReadUInt16LittleEndian(fmt[12..]), bits = BinaryPrimitives.ReadUInt16LittleEndian(fmt[14..]);
        if (channels is < 1 or > MostChannels || rate is < LowestRate or > HighestRate)
        {
            throw Bad(name, Invariant($"1 to {MostChannels} channels at {LowestRate:N0} to {HighestRate:N0} Hz"), Invariant($"{channels} at {rate:N0} Hz"));
        }

        if (tag == Integers ? bits is not (8 or 16 or 24 or 32) : bits is not (32 or 64))
        {
            throw Bad(name, "integers of 8, 16, 24 or 32 bits or floats of 32 or 64", $"{(tag == Integers ? "integers" : "floats")} of {bits} bits");
        }

        WavFormat format = new((int)rate, channels, bits, tag == Floats);
        return format.FrameBytes == frame ? format : throw Bad(name, $"frames of {format.FrameBytes} bytes ({channels} channels of {bits} bits)", $"frames of {frame}");
    }

    private static void Skip(Stream stream, long count, byte[] scratch)
    {
        while (count > 0)
        {
            int came = stream.Read(scratch.AsSpan(0, (int)Math.Min(count, scratch.Length)));
            if (came == 0)
            {
                return;
            }

            count -= came;
        }
    }
}
