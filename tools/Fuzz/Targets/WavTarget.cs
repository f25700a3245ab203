using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GemmaVk.Fuzz.Mutations;
using GemmaVk.Media;

namespace GemmaVk.Fuzz.Targets;

/// <summary>WAV files, as they come through a pipe; the first twelve bytes stay, because other formats are ffmpeg's.</summary>
internal sealed class WavTarget : Target
{
    private const int Head = 12;
    private const int MostSamples = 1 << 22;
    private readonly float[] _samples = new float[4096];

    public override string Name => "wav";

    public override string Reads => "WAV files";

    public override IMutation Structure { get; } = new ChunkMutation(png: false);

    public override IEnumerable<byte[]> Seeds() =>
    [
        Sound(1, 1, 16000, 16, 40), Sound(1, 2, 44100, 24, 60), Sound(3, 1, 8000, 32, 40), Sound(3, 2, 48000, 64, 64), Sound(1, 8, 192000, 8, 64), Sound(0xFFFE, 1, 16000, 16, 20),
        .. Fuzz.Seeds.Files(["tests", "golden", "media", "audio"], "*.wav", 3000),
    ];

    // A rate without a divisor in common with the model's takes a filter for each of 16,000 places, some 18 MB.
    public override long MostAllocated(int length) => (48L << 20) + (256L * length);

    public override bool Parse(byte[] input)
    {
        if (input.Length < Head || !input.AsSpan().StartsWith("RIFF"u8) || !input.AsSpan(8, 4).SequenceEqual("WAVE"u8))
        {
            return false;
        }

        using SampleStream stream = SampleStream.FromPipe(new MemoryStream(input), "pipe");
        long all = 0;
        for (int count; (count = stream.Read(_samples)) > 0;)
        {
            all += count;
            if (all > MostSamples)
            {
                throw new WrongResultException($"{input.Length} bytes give more than {MostSamples} samples");
            }

            if (_samples.AsSpan(0, count).ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            {
                throw new WrongResultException("a sample that is not finite is given on");
            }
        }

        return true;
    }

    public override Target Another() => new WavTarget();

    private static byte[] Sound(int tag, int channels, int rate, int bits, int data)
    {
        bool extensible = tag == 0xFFFE;
        byte[] format = new byte[extensible ? 40 : 16];
        BinaryPrimitives.WriteUInt16LittleEndian(format, (ushort)tag);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(2), (ushort)channels);
        BinaryPrimitives.WriteInt32LittleEndian(format.AsSpan(4), rate);
        BinaryPrimitives.WriteInt32LittleEndian(format.AsSpan(8), rate * channels * bits / 8);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(12), (ushort)(channels * bits / 8));
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(14), (ushort)bits);
        if (extensible)
        {
            format[16] = 22;
            format[24] = 1;
        }

        byte[] samples = [.. Enumerable.Range(0, data).Select(i => (byte)(i * 37))];
        return [.. "RIFF"u8, .. Little(4 + 8 + format.Length + 8 + data), .. "WAVEfmt "u8, .. Little(format.Length), .. format, .. "data"u8, .. Little(data), .. samples];
    }

    private static byte[] Little(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
