using System.Linq;
using FsCheck;
using FsCheck.Fluent;

namespace GemmaVk.Shared;

public static partial class Arbitraries
{
    /// <summary>Sides of pictures, small ones often.</summary>
    public static Arbitrary<PictureSize> PictureSizes
    {
        get
        {
            Gen<int> side = Gen.OneOf(Gen.Choose(1, 100), Gen.Choose(1, 100_000));
            Gen<PictureSize> sizes = from height in side from width in side select new PictureSize(height, width);
            return Arb.From(sizes, size => Draw.Nearer(1, size.Height).Select(height => size with { Height = height })
                .Concat(Draw.Nearer(1, size.Width).Select(width => size with { Width = width })));
        }
    }

    /// <summary>Sides before and after resizing.</summary>
    public static Arbitrary<SidesToResize> SidesToResize
    {
        get
        {
            Arbitrary<int> side = Arb.From(Gen.OneOf(Gen.Choose(1, 9), Gen.Choose(1, 130)), length => Draw.Nearer(1, length));
            return Draw.List(4, 4, side).Convert(n => new SidesToResize(n[0], n[1], n[2], n[3]), sizes => [sizes.Height, sizes.Width, sizes.ToHeight, sizes.ToWidth]);
        }
    }

    /// <summary>Every kind of PNG: colour type, bits, interlaced or not, with a transparent colour or without.</summary>
    public static Arbitrary<PngKind> PngKinds
    {
        get
        {
            Gen<PngKind> kinds =
                from color in Gen.Elements(0, 2, 3, 4, 6)
                from depth in Gen.Elements(color switch { 0 => [1, 2, 4, 8, 16], 3 => [1, 2, 4, 8], _ => new[] { 8, 16 } })
                from interlaced in Gen.Elements(true, false)
                from transparent in Gen.Elements(true, false)
                from width in Gen.Choose(1, 19)
                from height in Gen.Choose(1, 19)
                select new PngKind(color, depth, interlaced, transparent, width, height);
            return Arb.From(kinds, kind => Draw.Nearer(1, kind.Width).Select(width => kind with { Width = width })
                .Concat(Draw.Nearer(1, kind.Height).Select(height => kind with { Height = height })));
        }
    }

    /// <summary>Up to 25 seconds of speech with up to eight pauses, and how to cut it.</summary>
    public static Arbitrary<SpeechToCut> SpeechToCut
    {
        get
        {
            Gen<(int At, int Length)> pause = from at in Gen.Choose(0, 25_000) from length in Gen.Choose(0, 900) select (at, length);
            Arbitrary<(int At, int Length)[]> pauses = Draw.List(0, 8, pause.ToArbitrary());
            Gen<SpeechToCut> speech =
                from samples in Gen.Choose(0, 400_000)
                from silent in pauses.Generator
                from longest in Gen.Choose(1000, 7000)
                from overlap in Gen.Choose(0, 499)
                select new SpeechToCut(samples, silent, longest, overlap);
            return Arb.From(speech, one => pauses.Shrinker(one.Pauses).Select(silent => one with { Pauses = silent })
                .Concat(Draw.Nearer(0, one.Samples).Select(samples => one with { Samples = samples }))
                .Concat(Draw.Nearer(0, one.Overlap).Select(overlap => one with { Overlap = overlap })));
        }
    }
}

/// <summary>Sides of a picture in pixels.</summary>
public sealed record PictureSize(int Height, int Width);

/// <summary>Sides of a picture in pixels, and what they shall become.</summary>
public sealed record SidesToResize(int Height, int Width, int ToHeight, int ToWidth);

/// <summary>A kind of PNG, in the numbers of its specification.</summary>
public sealed record PngKind(int Color, int Depth, bool Interlaced, bool Transparent, int Width, int Height);

/// <summary>Samples at 16 kHz, pauses, the longest piece and the overlap in milliseconds.</summary>
public sealed record SpeechToCut(int Samples, (int At, int Length)[] Pauses, int Longest, int Overlap)
{
    public override string ToString() =>
        $"{Samples} samples, pauses {string.Join(", ", Pauses.Select(pause => $"{pause.Length} ms at {pause.At}"))}, pieces of {Longest} ms, overlap {Overlap} ms";
}
