using System.Collections.Generic;
using System.Linq;
using GemmaVk.Fuzz.Mutations;
using GemmaVk.Media;

namespace GemmaVk.Fuzz.Targets;

/// <summary>The orientation in JPEG, TIFF and WebP files; what is malformed says upright.</summary>
internal sealed class ExifTarget : Target
{
    public override string Name => "exif";

    public override string Reads => "the orientation of pictures";

    public override IMutation Structure { get; } = new ByteMutation();

    public override IEnumerable<byte[]> Seeds()
    {
        byte[] little = [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0];
        byte[] big = [.. "MM\0*"u8, 0, 0, 0, 8, 0, 2, 1, 0, 0, 3, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0];
        const string Xmp = "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF><rdf:Description tiff:Orientation=\"6\"/></rdf:RDF></x:xmpmeta>";
        return
        [
            little, big, Jpeg([.. "Exif\0\0"u8, .. little]), Jpeg([.. "Exif\0\0"u8, .. big]), Jpeg(Fuzz.Seeds.Text(Xmp)),
            [.. "RIFF\x40\0\0\0WEBPEXIF"u8, (byte)little.Length, 0, 0, 0, .. little],
        ];
    }

    public override bool Parse(byte[] input)
    {
        int orientation = ExifTags.OrientationOf(input);
        return orientation is >= 1 and <= 8 ? orientation > 1 : throw new WrongResultException($"orientation {orientation}");
    }

    public override Target Another() => new ExifTarget();

    private static byte[] Jpeg(byte[] segment) =>
        [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, 0xE1, (byte)((segment.Length + 2) >> 8), (byte)(segment.Length + 2), .. segment, 0xFF, 0xDA, 0, 2, .. Enumerable.Repeat((byte)7, 8), 0xFF, 0xD9];
}
