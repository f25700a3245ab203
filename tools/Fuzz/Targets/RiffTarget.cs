using System;
using System.Collections.Generic;
using GemmaVk.Fuzz.Mutations;
using GemmaVk.Media;
using GemmaVk.Media.Decoding;

namespace GemmaVk.Fuzz.Targets;

/// <summary>RIFF containers: their chunks, and the first frame of an animated WebP picture.</summary>
internal sealed class RiffTarget : Target
{
    private static readonly MediaLimits Limits = new() { Pixels = 1 << 20, Side = 4096 };

    public override string Name => "riff";

    public override string Reads => "RIFF containers and animated WebP pictures";

    public override IMutation Structure { get; } = new ChunkMutation(png: false);

    public override IEnumerable<byte[]> Seeds() =>
    [
        [
            .. "RIFF\x60\0\0\0WEBPVP8X"u8, 10, 0, 0, 0, 0x12, 0, 0, 0, 3, 0, 0, 1, 0, 0, .. "ANIM"u8, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            .. "ANMF"u8, 28, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 9, 0, 0, 0, .. "VP8L"u8, 4, 0, 0, 0, 0x2F, 1, 2, 3, .. "ANMF"u8, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 9, 0, 0, 0,
        ],
        [.. "RIFF\x10\0\0\0WEBPVP8 "u8, 3, 0, 0, 0, 1, 2, 3, 0],
        [.. "RIFF\x10\0\0\0WEBPEXIF"u8, 0xFF, 0xFF, 0xFF, 0xFF, 1],
        .. Fuzz.Seeds.Files(["tests", "golden", "media", "images"], "*.webp", 20_000),
    ];

    public override bool Parse(byte[] input)
    {
        if (input.Length < 12)
        {
            return false;
        }

        int walked = 0;
        foreach ((int start, int length, uint _) in new RiffChunks(input, 12))
        {
            _ = input.AsSpan(start, length);
            if (++walked > input.Length)
            {
                throw new WrongResultException("more chunks than bytes");
            }
        }

        WebpFrame? frame = WebpFrame.FirstOf(input, "picture", Limits);
        _ = frame?.Place(new Picture(1, 2, new byte[6]));
        return frame is not null;
    }

    public override long MostAllocated(int length) => (6L << 20) + (64L * length);

    public override Target Another() => new RiffTarget();
}
