using System;
using System.Buffers.Binary;
using System.IO;
using System.Text;
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
    /// <exception cref="GemmaVkException">The header is damaged, or says what nobody can play.</exception>
    public static WavHead Read(PrefixedStream stream, string name, long? left)
    {
        const int Longest = 1024;
        WavFormat? format = null;
        bool foreign = false;
        long? wide = null;
        byte[] content = new byte[Longest];
        byte[] head = new byte[8];
        while (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length)
        {
            left -= head.Length;
            long length = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4));
            if (head.AsSpan().StartsWith("data"u8))
            {
                return foreign ? new WavHead(null, null, null)
                    : format is null ? throw Bad(name, "a chunk \"fmt \" before its samples", "none")
                    : Samples(format.Value, stream, length == uint.MaxValue && wide is > 0 ? wide.Value : length, left);
            }

            if (length > left)
            {
                throw Bad(name, Invariant($"chunks of at most the {left:N0} bytes that follow"), Invariant($"one \"{Shown(head)}\" of {length:N0} before its samples (a truncated or damaged file?)"));
            }

            int kept = 0;
            if (head.AsSpan().StartsWith("fmt "u8) || head.AsSpan().StartsWith("ds64"u8))
            {
                bool isFormat = head[0] == 'f';
                if (length is < 16 or > Longest)
                {
                    throw Bad(name, $"a chunk \"{Shown(head)}\" of 16 to {Longest} bytes", Invariant($"one of {length:N0}"));
                }

                kept = stream.ReadAtLeast(content.AsSpan(0, (int)length), (int)length, throwOnEndOfStream: false);
                if (isFormat)
                {
                    format = Parse(content.AsSpan(0, kept), name);
                    foreign = format is null;
                }
                else
                {
                    // Sizes of 64 bits, of the whole file and of its samples.
                    wide = kept >= 16 ? BinaryPrimitives.ReadInt64LittleEndian(content.AsSpan(8)) : null;
                }
            }

            Skip(stream, length - kept, content);
            left -= length;
            left -= (length & 1) == 0 ? 0 : SkipPadding(stream);
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

    /// <summary>What is known of the samples, of which the header says <paramref name="length"/> bytes and the file has <paramref name="left"/>.</summary>
    private static WavHead Samples(WavFormat format, PrefixedStream stream, long length, long? left)
    {
        if (length == 0)
        {
            // A recorder that never came to write its length leaves 0: but a chunk may be behind samples of no length.
            byte[] next = new byte[8];
            int came = stream.ReadAtLeast(next, next.Length, throwOnEndOfStream: false);
            stream.Unread(next.AsSpan(0, came));
            bool isChunk = came == next.Length && IsName(next) && !(left < BinaryPrimitives.ReadUInt32LittleEndian(next.AsSpan(4)) + (long)next.Length);
            return came == 0 || isChunk ? new WavHead(format, 0, null) : new WavHead(format, null, 0);
        }

        // Programs that write to a pipe say the most there can be: no promise, and in a pipe nothing to speak of.
        bool unknown = length >= Unknown && !(length <= left);
        return unknown ? new WavHead(format, null, left is null ? null : length)
            : length > left ? new WavHead(format, null, length)
            : new WavHead(format, length, null);
    }

    private static bool IsName(ReadOnlySpan<byte> bytes)
    {
        foreach (byte letter in bytes[..4])
        {
            if (!char.IsAsciiLetterOrDigit((char)letter) && letter is not ((byte)' ' or (byte)'_'))
            {
                return false;
            }
        }

        return true;
    }

    // Names are bytes from outside, and messages go to a terminal.
    private static string Shown(ReadOnlySpan<byte> head) => IsName(head) ? Encoding.ASCII.GetString(head[..4]) : Convert.ToHexString(head[..4]);

    // The byte behind an odd length is 0; some writers leave it out, and a name begins in its place.
    private static int SkipPadding(PrefixedStream stream)
    {
        byte[] next = new byte[4];
        int came = stream.ReadAtLeast(next, next.Length, throwOnEndOfStream: false);
        bool left = came == next.Length && next[0] != 0 && IsName(next);
        stream.Unread(next.AsSpan(left ? 0 : Math.Min(came, 1), left ? came : Math.Max(came - 1, 0)));
        return left ? 0 : 1;
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
