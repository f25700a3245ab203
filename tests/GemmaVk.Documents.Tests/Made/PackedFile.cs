using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Text;

namespace GemmaVk.Documents.Tests.Made;

/// <summary>Packed documents of given parts.</summary>
internal static class PackedFile
{
    private const string Word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

    /// <summary>An archive of parts, in their order.</summary>
    public static byte[] Of(params (string Name, byte[] Bytes)[] parts)
    {
        using MemoryStream file = new();
        using (ZipArchive zip = new(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in parts)
            {
                using Stream part = zip.CreateEntry(name, name == "mimetype" ? CompressionLevel.NoCompression : CompressionLevel.Optimal).Open();
                part.Write(bytes);
            }
        }

        return file.ToArray();
    }

    /// <summary>A part of text.</summary>
    public static (string Name, byte[] Bytes) Part(string name, string text) => (name, Encoding.UTF8.GetBytes(text));

    /// <summary>A DOCX with a body.</summary>
    public static byte[] Docx(string body, string? styles = null)
    {
        List<(string, byte[])> parts = [Part("[Content_Types].xml", "<Types/>"), Part("word/document.xml", $"<w:document xmlns:w=\"{Word}\" xmlns:mc=\"m\"><w:body>{body}</w:body></w:document>")];
        if (styles is not null)
        {
            parts.Add(Part("word/styles.xml", $"<w:styles xmlns:w=\"{Word}\">{styles}</w:styles>"));
        }

        return Of([.. parts]);
    }

    /// <summary>An ODT with a text.</summary>
    public static byte[] Odt(string text) => Of(
        Part("mimetype", "application/vnd.oasis.opendocument.text"),
        Part("content.xml", $"""
            <office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:text>{text}</office:text></office:body></office:document-content>
            """));

    /// <summary>An EPUB whose spine names its parts in their order.</summary>
    public static byte[] Epub(params string[] chapters)
    {
        List<(string, byte[])> parts =
        [
            Part("mimetype", "application/epub+zip"),
            Part("META-INF/container.xml", "<container xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\"><rootfiles><rootfile full-path=\"OEBPS/book.opf\"/></rootfiles></container>"),
        ];
        StringBuilder items = new();
        StringBuilder spine = new();
        for (int i = 0; i < chapters.Length; i++)
        {
            // Files lie in the opposite order of the spine.
            items.Insert(0, $"<item id=\"c{i}\" href=\"text/chapter%20{i}.xhtml\"/>");
            spine.Append($"<itemref idref=\"c{i}\"/>");
            parts.Add(Part($"OEBPS/text/chapter {i}.xhtml", $"<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>x</title></head><body>{chapters[i]}</body></html>"));
        }

        parts.Add(Part("OEBPS/book.opf", $"<package><manifest>{items}</manifest><spine>{spine}</spine></package>"));
        return Of([.. parts]);
    }
}
