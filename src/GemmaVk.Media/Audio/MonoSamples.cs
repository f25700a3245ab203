using System;
using System.Buffers.Binary;
using GemmaVk.Tensors;

namespace GemmaVk.Media.Audio;

/// <summary>
/// Frames of bytes to samples of one channel. 8 bits are (v - 128) / 128, 16 are v / 2^15, 24 are v / 2^23, 32 are v / 2^31 in float32; floats stay as
/// they are, also beyond 1. Channels are averaged.
/// </summary>
internal static class MonoSamples
{
    /// <param name="bytes">Whole frames.</param>
    /// <param name="format">How they lie.</param>
    /// <param name="samples">One per frame.</param>
    /// <param name="name">Named in messages.</param>
    /// <exception cref="GemmaVkException">A float is no number.</exception>
    public static void Decode(ReadOnlySpan<byte> bytes, WavFormat format, Span<float> samples, string name)
    {
        int width = format.Bits / 8;
        for (int i = 0; i < samples.Length; i++)
        {
            ReadOnlySpan<byte> frame = bytes.Slice(i * format.FrameBytes, format.FrameBytes);
            double sum = 0;
            for (int channel = 0; channel < format.Channels; channel++)
            {
                sum += One(frame.Slice(channel * width, width), format);
            }

            samples[i] = (float)(sum / format.Channels);
            if (!float.IsFinite(samples[i]))
            {
                throw WavFormat.Bad(name, "finite samples", $"the sample {samples[i]}");
            }
        }
    }

    private static float One(ReadOnlySpan<byte> sample, WavFormat format) => (format.Bits, format.IsFloat) switch
    {
        (8, _) => (sample[0] - 128) / 128f,
        (16, _) => BinaryPrimitives.ReadInt16LittleEndian(sample) / 32768f,
        (24, _) => ((sample[0] << 8 | sample[1] << 16 | sample[2] << 24) >> 8) / 8388608f,
        (32, false) => BinaryPrimitives.ReadInt32LittleEndian(sample) / 2147483648f,
        (32, true) => BinaryPrimitives.ReadSingleLittleEndian(sample),
        _ => (float)BinaryPrimitives.ReadDoubleLittleEndian(sample),
    };
}
