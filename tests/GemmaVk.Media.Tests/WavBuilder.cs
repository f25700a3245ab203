using System;
using System.IO;
using System.Text;

namespace GemmaVk.Media.Tests;

/// <summary>Makes WAV files of every kind, good and bad.</summary>
internal sealed class WavBuilder
{
    public int Tag { get; init; } = 1;

    public int Channels { get; init; } = 1;

    public long Rate { get; init; } = 16_000;

    public int Bits { get; init; } = 16;

    /// <summary>[frames, Channels] in [-1, 1].</summary>
    public double[] Samples { get; init; } = [];

    public bool Extensible { get; init; }

    /// <summary>The data chunk's length, where it lies.</summary>
    public uint? DataLength { get; init; }

    /// <summary>Bytes of a frame, where they lie.</summary>
    public int? FrameBytes { get; init; }

    /// <summary>Another chunk in between, of an odd length.</summary>
    public bool WithNote { get; init; }

    public byte[] Build()
    {
        using MemoryStream data = new();
        using BinaryWriter samples = new(data);
        foreach (double sample in Samples)
        {
            Write(samples, sample);
        }

        using MemoryStream file = new();
        using BinaryWriter writer = new(file);
        writer.Write(Encoding.ASCII.GetBytes("RIFF"));
        writer.Write((uint)(36 + data.Length));
        writer.Write(Encoding.ASCII.GetBytes("WAVE"));
        if (WithNote)
        {
            writer.Write(Encoding.ASCII.GetBytes("note"));
            writer.Write(3);
            writer.Write(new byte[4]);
        }

        writer.Write(Encoding.ASCII.GetBytes("fmt "));
        writer.Write(Extensible ? 40 : 16);
        writer.Write((ushort)(Extensible ? 0xFFFE : Tag));
        writer.Write((ushort)Channels);
        writer.Write((uint)Rate);
        writer.Write((uint)(Rate * Channels * Bits / 8));
        writer.Write((ushort)(FrameBytes ?? Channels * Bits / 8));
        writer.Write((ushort)Bits);
        if (Extensible)
        {
            writer.Write((ushort)22);
            writer.Write((ushort)Bits);
            writer.Write(3);
            writer.Write((ushort)Tag);
            writer.Write((byte[])[0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]);
        }

        writer.Write(Encoding.ASCII.GetBytes("data"));
        writer.Write(DataLength ?? (uint)data.Length);
        writer.Write(data.ToArray());
        return file.ToArray();
    }

    private void Write(BinaryWriter writer, double sample)
    {
        long scaled = (long)Math.Clamp(Math.Round(sample * Math.Pow(2, Bits - 1)), -Math.Pow(2, Bits - 1), Math.Pow(2, Bits - 1) - 1);
        switch (Tag, Bits)
        {
            case (3, 64):
                writer.Write(sample);
                break;
            case (3, _):
                writer.Write((float)sample);
                break;
            case (_, 8):
                writer.Write((byte)(scaled + 128));
                break;
            default:
                for (int i = 0; i < Bits / 8; i++)
                {
                    writer.Write((byte)(scaled >> (8 * i)));
                }

                break;
        }
    }
}
