using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using GemmaVk.Documents;
using GemmaVk.Fuzz.Mutations;
using GemmaVk.Tensors;

namespace GemmaVk.Fuzz.Targets;

/// <summary>
/// Documents of every kind but PDF. The first letter of an input says what the rest is: the body of a DOCX (D), the content of an ODT (O), a chapter of an EPUB (E), HTML (H),
/// a table (C), Markdown (M), a list of ignored files (I), pages that are asked for (P), or a whole file as it is (F).
/// </summary>
internal sealed class DocumentTarget : Target
{
    private const string Word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

    public override string Name => "document";

    public override string Reads => "DOCX, ODT, EPUB, HTML, tables, Markdown, lists of ignored files";

    public override IMutation Structure { get; } = new MarkerMutation(
        ["<w:p>", "</w:p>", "<w:t>", "</w:t>", "<w:tr>", "<w:tc/>", "<text:p>", "</text:p>", "<!--", "-->", "<![CDATA[", "]]>", "<pre>", "<td>", "</table>", "<script>", "&amp;", "&#0;", "&#x110000;", "<!DOCTYPE x>", ";", "\t", "# ", "```", "**/", "[!", "\\"]);

    public override IEnumerable<byte[]> Seeds() =>
    [
        Fuzz.Seeds.Text($"D<w:document xmlns:w=\"{Word}\"><w:body><w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr><w:r><w:t>Head</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>"),
        Fuzz.Seeds.Text("O<o:c xmlns:o=\"o\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><o:body><text:h text:outline-level=\"2\">Head</text:h><text:p>words<text:s/></text:p></o:body></o:c>"),
        Fuzz.Seeds.Text("E<html><head><title>t</title></head><body><h1>One</h1><p>first &amp; second</p><pre>a\n b</pre></body></html>"),
        Fuzz.Seeds.Text("H<!DOCTYPE html><h2 a='>'>x</h2><script>if (a<b) {}</script><!-- c --><table><tr><td>1<td>2</table><![CDATA[x]]>&#x41;&bogus;"),
        Fuzz.Seeds.Text("Ca;b\n\"x;\"\"y\";2\r\n;\n"),
        Fuzz.Seeds.Text("M# One\n\nwords\n====\n```\n# no\n```\n- - -\n"),
        Fuzz.Seeds.Text("I*.log\n!keep\n/a/**/b?[!x-z]\n\\#c\\ \n"),
        Fuzz.Seeds.Text("P1,4-7,9-"),
        [(byte)'F', .. Packed("word/document.xml", Fuzz.Seeds.Text("<w:p/>"))],
        [(byte)'F', 0xFF, 0xFE, 65, 0, 66, 0],
    ];

    public override long MostAllocated(int length) => (16L << 20) + (4096L * length);

    public override bool Parse(byte[] input)
    {
        if (input.Length == 0)
        {
            return false;
        }

        byte[] rest = input[1..];
        switch ((char)input[0])
        {
            case 'I':
                return new Documents.Index.IgnoreRules(System.Text.Encoding.UTF8.GetString(rest)).Ignores("a/b/c.log", false) is not null;
            case 'P':
                return PageRange.Parse(System.Text.Encoding.UTF8.GetString(rest)).Has(5);
        }

        (byte[] bytes, string name) = (char)input[0] switch
        {
            'D' => (Packed("word/document.xml", rest), "a.docx"),
            'O' => (Packed("mimetype", "application/vnd.oasis.opendocument.text"u8.ToArray(), "content.xml", rest), "a.odt"),
            'E' => (Book(rest), "a.epub"),
            'H' => (rest, "a.html"),
            'C' => (rest, "a.csv"),
            'M' => (rest, "a.md"),
            _ => (rest, "a"),
        };
        Document document = DocumentReader.Read(bytes, name);
        foreach (Passage passage in PassageCutter.Cut(document))
        {
            if (passage.Text.Length is 0 or > PassageCutter.Letters)
            {
                throw new WrongResultException($"a passage of {passage.Text.Length} characters");
            }
        }

        return document.Blocks.Count > 0;
    }

    public override Target Another() => new DocumentTarget();

    private static byte[] Book(byte[] chapter) => Packed(
        "META-INF/container.xml", "<c><rootfile full-path=\"b.opf\"/></c>"u8.ToArray(), "b.opf", "<p><item id=\"a\" href=\"c.html\"/><itemref idref=\"a\"/></p>"u8.ToArray(), "c.html", chapter);

    private static byte[] Packed(params object[] parts)
    {
        using MemoryStream file = new();
        using (ZipArchive zip = new(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (int i = 0; i < parts.Length; i += 2)
            {
                using Stream part = zip.CreateEntry((string)parts[i], CompressionLevel.NoCompression).Open();
                part.Write((byte[])parts[i + 1]);
            }
        }

        return file.ToArray();
    }
}
