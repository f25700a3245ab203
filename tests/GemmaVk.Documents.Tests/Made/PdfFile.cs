using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace GemmaVk.Documents.Tests.Made;

/// <summary>PDFs with text at known places, as a program would write them: packed content, Helvetica, a table of offsets.</summary>
internal sealed class PdfFile
{
    private readonly List<StringBuilder> _pages = [];

    /// <summary>Begins a page of A4: 595 x 842 points.</summary>
    public PdfFile Page()
    {
        _pages.Add(new StringBuilder());
        return this;
    }

    /// <summary>Writes a line.</summary>
    public PdfFile Line(string text, double x, double y, double size = 10)
    {
        string escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("(", "\\(", StringComparison.Ordinal).Replace(")", "\\)", StringComparison.Ordinal);
        _pages[^1].Append(FormattableString.Invariant($"BT /F1 {size} Tf {x} {y} Td ({escaped}) Tj ET\n"));
        return this;
    }

    /// <summary>Writes lines below each other.</summary>
    public PdfFile Lines(IEnumerable<string> lines, double x, double y, double size = 10)
    {
        foreach (string line in lines)
        {
            Line(line, x, y, size);
            y -= 1.3 * size;
        }

        return this;
    }

    /// <summary>Draws a black rectangle in the middle, without a word.</summary>
    public PdfFile Drawing()
    {
        _pages[^1].Append("0 0 0 rg 100 300 395 242 re f\n");
        return this;
    }

    /// <summary>The file.</summary>
    public byte[] Bytes()
    {
        List<byte[]> objects =
        [
            Text("<< /Type /Catalog /Pages 2 0 R >>"),
            Text($"<< /Type /Pages /Kids [{string.Join(' ', _pages.Select((_, i) => $"{4 + (2 * i)} 0 R"))}] /Count {_pages.Count} >>"),
            Text("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"),
        ];
        foreach (StringBuilder page in _pages)
        {
            objects.Add(Text($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {objects.Count + 2} 0 R >>"));
            objects.Add(Stream(Text(page.ToString())));
        }

        return Of(objects);
    }

    /// <summary>A file of one page whose content is an object of any kind.</summary>
    public static byte[] WithContent(byte[] content, string trailer = "") => Of(
        [
            Text("<< /Type /Catalog /Pages 2 0 R >>"), Text("<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
            Text("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>"), content,
        ], trailer);

    /// <summary>A packed stream.</summary>
    public static byte[] Stream(byte[] content)
    {
        using MemoryStream packed = new();
        using (System.IO.Compression.ZLibStream zlib = new(packed, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(content);
        }

        return [.. Text($"<< /Length {packed.Length} /Filter /FlateDecode >>\nstream\n"), .. packed.ToArray(), .. Text("\nendstream")];
    }

    private static byte[] Of(IReadOnlyList<byte[]> objects, string trailer = "")
    {
        using MemoryStream pdf = new();
        StringBuilder offsets = new();
        pdf.Write(Text("%PDF-1.4\n"));
        for (int i = 0; i < objects.Count; i++)
        {
            offsets.Append($"{pdf.Length:0000000000} 00000 n \n");
            pdf.Write(Text($"{i + 1} 0 obj\n"));
            pdf.Write(objects[i]);
            pdf.Write(Text("\nendobj\n"));
        }

        long start = pdf.Length;
        pdf.Write(Text($"xref\n0 {objects.Count + 1}\n0000000000 65535 f \n{offsets}trailer\n<< /Size {objects.Count + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"));
        return pdf.ToArray();
    }

    private static byte[] Text(string text) => Encoding.Latin1.GetBytes(text);
}
