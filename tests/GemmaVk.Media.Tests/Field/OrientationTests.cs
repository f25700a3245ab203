using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;
using GemmaVk.Media.Png;
using GemmaVk.Shared;
using Xunit;

namespace GemmaVk.Media.Tests.Field;

/// <summary>However a file says how it was held, the picture is upright once.</summary>
[Collection("ffmpeg")]
public class OrientationTests
{
    private static string Xmp(string orientation) =>
        $"<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>{orientation}</rdf:RDF></x:xmpmeta><?xpacket end='w'?>";

    private static readonly string Attribute = Xmp("<rdf:Description rdf:about='' xmlns:tiff='http://ns.adobe.com/tiff/1.0/' tiff:Orientation='6'/>");
    private static readonly string Element = Xmp("<rdf:Description xmlns:t='http://ns.adobe.com/tiff/1.0/'><t:Orientation>6</t:Orientation></rdf:Description>");

    [FfmpegFact]
    public void ThePicturesOfTheField()
    {
        Made.AssertSquares(PictureFile.Read(Golden.Field("pictures", "png-exif6-prefix.png")));
        Made.AssertSquares(PictureFile.Read(Golden.Field("pictures", "xmp6-only.jpg")));
    }

    [Theory]
    [InlineData(1, 6, true)]
    [InlineData(3, 6, true)]
    [InlineData(4, 6, true)]
    [InlineData(6, 6, true)]
    [InlineData(8, 6, true)]
    [InlineData(9, 6, true)]
    [InlineData(2, 6, false)]
    [InlineData(5, 6, false)]
    [InlineData(3, 0, false)]
    [InlineData(4, 9, false)]
    [InlineData(4, 65542, false)]
    public void TypesOfTheTag(int type, int value, bool taken)
    {
        foreach (bool big in (bool[])[false, true])
        {
            foreach (string prefix in (string[])["", "Exif\0\0", "Exif\0\u00FF"])
            {
                byte[] exif = [.. prefix.Select(letter => (byte)letter), .. Exif(type, value, big)];
                Assert.Equal(taken ? value : null, ExifTags.OfExif(exif));
            }
        }
    }

    [Fact]
    public void ChunksOfAPng()
    {
        byte[] exif = Exif(3, 6, big: true);
        byte[] profile = Encoding.ASCII.GetBytes($"\nexif\n      {exif.Length}\n{string.Join('\n', Convert.ToHexStringLower(exif).Chunk(72).Select(line => new string(line)))}\n");
        byte[] xmp = Encoding.UTF8.GetBytes(Attribute);
        (string Name, byte[] Content, int Orientation)[] chunks =
        [
            ("eXIf", exif, 6),
            ("eXIf", [.. "Exif\0\0"u8, .. exif], 6),
            ("eXIf", [1, 2, 3], 1),
            ("tEXt", [.. "Raw profile type exif\0"u8, .. profile], 6),
            ("zTXt", [.. "Raw profile type APP1\0\0"u8, .. Deflated(profile)], 6),
            ("zTXt", [.. "Raw profile type exif\0\0"u8, 1, 2, 3], 1),
            ("iTXt", [.. "XML:com.adobe.xmp\0\0\0\0\0"u8, .. xmp], 6),
            ("iTXt", [.. "XML:com.adobe.xmp\0\u0001\0en\0\0"u8, .. Deflated(xmp)], 6),
            ("iTXt", [.. "XML:com.adobe.xmp\0"u8], 1),
            ("tEXt", [.. "Comment\0"u8, .. xmp], 1),
            ("tEXt", [], 1),
        ];
        foreach ((string name, byte[] content, int orientation) in chunks)
        {
            PngOrientation found = new();
            found.Look(name, content);
            Assert.True(orientation == found.Value, $"{name} {Encoding.Latin1.GetString(content)}: {found.Value}");
        }

        // EXIF data goes before XMP, wherever it comes.
        PngOrientation both = new();
        both.Look("iTXt", [.. "XML:com.adobe.xmp\0\0\0\0\0"u8, .. xmp]);
        both.Look("eXIf", Exif(3, 3, big: false));
        Assert.Equal(3, both.Value);
    }

    [FfmpegFact]
    public void EveryContainerOnce()
    {
        using TemporaryFolder folder = new();
        // As a camera that was held on its side stores it.
        string lying = Made.Squares + ",transpose=2";
        Made.By("-f", "lavfi", "-i", lying, "-frames:v", "1", "-q:v", "1", folder["a.jpg"]);
        Made.By("-f", "lavfi", "-i", lying, "-frames:v", "1", "-lossless", "1", folder["a.webp"]);
        Made.By("-f", "lavfi", "-i", lying, "-frames:v", "1", folder["a.png"]);
        Made.By("-f", "lavfi", "-i", lying, "-frames:v", "1", folder["a.tiff"]);
        byte[] jpeg = File.ReadAllBytes(folder["a.jpg"]), webp = File.ReadAllBytes(folder["a.webp"]), png = File.ReadAllBytes(folder["a.png"]), tiff = File.ReadAllBytes(folder["a.tiff"]);
        Assert.Equal((288, 192), (PictureFile.Read(folder["a.jpg"]).Height, PictureFile.Read(folder["a.jpg"]).Width));
        foreach (int type in (int[])[1, 3, 4])
        {
            foreach (bool big in (bool[])[false, true])
            {
                byte[] exif = Exif(type, 6, big);
                Made.AssertSquares(PictureFile.Read(folder.Write("b", Jpeg(jpeg, [.. "Exif\0\0"u8, .. exif]))));
                Made.AssertSquares(PictureFile.Read(folder.Write("b", Webp(webp, "EXIF", exif))));
                Made.AssertSquares(PictureFile.Read(folder.Write("b", Webp(webp, "EXIF", [.. "Exif\0\0"u8, .. exif]))));
                Made.AssertSquares(PictureFile.Read(folder.Write("b", Png(png, "eXIf", exif))));
            }
        }

        foreach (string xmp in (string[])[Attribute, Element])
        {
            byte[] bytes = Encoding.UTF8.GetBytes(xmp);
            Made.AssertSquares(PictureFile.Read(folder.Write("b", Jpeg(jpeg, [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. bytes]))));
            Made.AssertSquares(PictureFile.Read(folder.Write("b", Webp(webp, "XMP ", bytes))));
            Made.AssertSquares(PictureFile.Read(folder.Write("b", Png(png, "iTXt", [.. "XML:com.adobe.xmp\0\0\0\0\0"u8, .. bytes]))));

            // Both say the same: turned once.
            byte[] both = Jpeg(Jpeg(jpeg, [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. bytes]), [.. "Exif\0\0"u8, .. Exif(3, 6, true)]);
            Made.AssertSquares(PictureFile.Read(folder.Write("b", both)));
        }

        // A TIFF file's own tag: one more entry in its directory, which is written anew at the end.
        Made.AssertSquares(PictureFile.Read(folder.Write("b", Tiff(tiff))));
        Assert.Equal(1, ExifTags.OrientationOf(Jpeg(jpeg, [.. "http://ns.adobe.com/xap/1.0/\0<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"u8])));
    }

    private static byte[] Exif(int type, int value, bool big)
    {
        byte[] Number(int number, int width)
        {
            byte[] bytes = BitConverter.GetBytes(number)[..width];
            return big ? [.. bytes.Reverse()] : bytes;
        }

        byte[] said = type switch { 1 or 6 => [(byte)value, 0, 0, 0], 3 or 8 => [.. Number(value, 2), 0, 0], _ => Number(value, 4) };
        return [.. big ? "MM"u8 : "II"u8, .. Number(42, 2), .. Number(8, 4), .. Number(1, 2), .. Number(0x0112, 2), .. Number(type, 2), .. Number(1, 4), .. said, .. Number(0, 4)];
    }

    private static byte[] Deflated(byte[] text)
    {
        using MemoryStream to = new();
        using (ZLibStream stream = new(to, CompressionLevel.Optimal, leaveOpen: true))
        {
            stream.Write(text);
        }

        return to.ToArray();
    }

    private static byte[] Jpeg(byte[] jpeg, byte[] content) =>
        [.. jpeg[..2], 0xFF, 0xE1, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content, .. jpeg[2..]];

    // A chunk behind the picture, and VP8X in front, which says that there is more.
    private static byte[] Webp(byte[] webp, string name, byte[] content)
    {
        byte[] padded = content.Length % 2 == 0 ? content : [.. content, 0];
        byte[] extended = [.. "VP8X"u8, 10, 0, 0, 0, (byte)(name == "EXIF" ? 8 : 4), 0, 0, 0, 191, 0, 0, 31, 1, 0];
        byte[] body = [.. "WEBP"u8, .. extended, .. webp[12..], .. Encoding.ASCII.GetBytes(name), .. BitConverter.GetBytes(content.Length), .. padded];
        return [.. "RIFF"u8, .. BitConverter.GetBytes(body.Length), .. body];
    }

    private static byte[] Png(byte[] png, string name, byte[] content)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(name), .. content];
        byte[] length = new byte[4], check = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        BinaryPrimitives.WriteUInt32BigEndian(check, Crc32.Of(named));
        return [.. png[..33], .. length, .. named, .. check, .. png[33..]];
    }

    private static byte[] Tiff(byte[] tiff)
    {
        Assert.Equal("II", Encoding.ASCII.GetString(tiff, 0, 2));
        int at = BinaryPrimitives.ReadInt32LittleEndian(tiff.AsSpan(4)), count = BinaryPrimitives.ReadUInt16LittleEndian(tiff.AsSpan(at));
        List<byte[]> entries = [.. Enumerable.Range(0, count).Select(i => tiff[(at + 2 + (12 * i))..(at + 14 + (12 * i))]).Where(entry => BinaryPrimitives.ReadUInt16LittleEndian(entry) != 0x0112)];
        entries.Add([0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
        byte[] directory = [.. BitConverter.GetBytes((ushort)entries.Count), .. entries.OrderBy(entry => BinaryPrimitives.ReadUInt16LittleEndian(entry)).SelectMany(entry => entry), 0, 0, 0, 0];
        byte[] even = tiff.Length % 2 == 0 ? tiff : [.. tiff, 0];
        return [.. even[..4], .. BitConverter.GetBytes(even.Length), .. even[8..], .. directory];
    }
}
