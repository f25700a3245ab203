using System;
using System.IO;
using System.Xml;

namespace GemmaVk.Media;

/// <summary>
/// The property Orientation of XMP (ISO 16684), which is XML: an attribute or an element of TIFF's namespace, under whatever prefix. Values are
/// those of EXIF. What is no XML, or has a document type, says nothing.
/// </summary>
internal static class XmpOrientation
{
    private const string Tiff = "http://ns.adobe.com/tiff/1.0/", Name = "Orientation";

    /// <summary>What is in front of XMP in a JPEG segment.</summary>
    public static ReadOnlySpan<byte> JpegMark => "http://ns.adobe.com/xap/1.0/\0"u8;

    /// <summary>1 to 8, or null where it does not say.</summary>
    public static int? Of(ReadOnlySpan<byte> xmp)
    {
        // Some writers end it with zeros.
        using MemoryStream bytes = new(xmp.TrimEnd((byte)0).ToArray());
        XmlReaderSettings settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersFromEntities = 1024, ConformanceLevel = ConformanceLevel.Fragment };
        try
        {
            using XmlReader reader = XmlReader.Create(bytes, settings);
            while (reader.Read())
            {
                if (reader.NodeType != XmlNodeType.Element)
                {
                    continue;
                }

                string? said = reader.GetAttribute(Name, Tiff);
                if (said is null && reader.LocalName == Name && reader.NamespaceURI == Tiff && !reader.IsEmptyElement && reader.Read() && reader.NodeType == XmlNodeType.Text)
                {
                    said = reader.Value;
                }

                if (said?.Trim() is [>= '1' and <= '8'] value)
                {
                    return value[0] - '0';
                }
            }
        }
        catch (Exception error) when (error is XmlException or IOException or ArgumentException or InvalidOperationException)
        {
            // A damaged note is no reason to refuse the picture beside it.
        }

        return null;
    }
}
