using System;
using System.Collections.Generic;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Fonts.Standard14Fonts;
using UglyToad.PdfPig.Writer;

namespace GemmaVk.Documents.Tests.Made;

/// <summary>PDFs with text at known places.</summary>
internal sealed class PdfFile
{
    private readonly PdfDocumentBuilder _builder = new();
    private readonly PdfDocumentBuilder.AddedFont _font;
    private PdfPageBuilder? _page;

    public PdfFile() => _font = _builder.AddStandard14Font(Standard14Font.Helvetica);

    /// <summary>Begins a page of A4: 595 x 842 points.</summary>
    public PdfFile Page()
    {
        _page = _builder.AddPage(PageSize.A4);
        return this;
    }

    /// <summary>Writes a line.</summary>
    public PdfFile Line(string text, double x, double y, double size = 10)
    {
        _page!.AddText(text, size, new PdfPoint(x, y), _font);
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

    /// <summary>Draws without a word.</summary>
    public PdfFile Drawing()
    {
        _page!.DrawRectangle(new PdfPoint(100, 300), 300, 200, 2, fill: true);
        return this;
    }

    public byte[] Bytes() => _builder.Build();
}
