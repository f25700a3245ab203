using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using GemmaVk.Documents;
using GemmaVk.Fuzz.Mutations;

namespace GemmaVk.Fuzz.Targets;

/// <summary>PDFs, through the library that reads them: whatever it throws is a sentence about the file.</summary>
internal sealed class PdfTarget : Target
{
    private static readonly DocumentLimits Limits = new() { Pages = 64, UnpackedBytes = 8 << 20 };

    public override string Name => "pdf";

    public override string Reads => "PDFs: text and layout";

    public override IMutation Structure { get; } = new MarkerMutation(
        ["<<", ">>", "/Kids [3 0 R]", "/Kids [2 0 R]", "/Length 99999999", "/Filter /FlateDecode", "/Filter [/ASCIIHexDecode /ASCII85Decode]", "/Filter /LZWDecode", "endobj", "stream\n", "endstream", "BT", "ET", "Tj", "(", ")", "9999999999 Tf", "0 0 0 0 0 0 Tm", "q", "Q", "Do", "R", "/Encrypt 5 0 R", "startxref", "xref", "trailer"]);

    public override IEnumerable<byte[]> Seeds() =>
    [
        Pdf("BT /F1 12 Tf 60 700 Td (Some words) Tj 0 -20 Td [(sp) -300 (aced)] TJ ET"),
        Pdf("BT /F1 18 Tf 60 700 Td (Head) Tj ET 0 0 0 rg 10 10 50 50 re f BT /F1 9 Tf 0 1 -1 0 50 50 Tm (turned) Tj ET"),
        Pdf(""),
    ];

    public override long MostAllocated(int length) => (64L << 20) + (16_384L * length);

    public override bool Parse(byte[] input) => input.AsSpan().IndexOf("%PDF-"u8) is >= 0 and < 1000 && DocumentReader.Read(input, "a.pdf", null, Limits).Pages > 0;

    public override Target Another() => new PdfTarget();

    private static byte[] Pdf(string content)
    {
        string[] objects =
        [
            "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>",
            $"<< /Length {content.Length} >>\nstream\n{content}\nendstream", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ];
        StringBuilder pdf = new("%PDF-1.4\n");
        StringBuilder offsets = new();
        for (int i = 0; i < objects.Length; i++)
        {
            offsets.Append($"{pdf.Length:0000000000} 00000 n \n");
            pdf.Append($"{i + 1} 0 obj\n{objects[i]}\nendobj\n");
        }

        int start = pdf.Length;
        pdf.Append($"xref\n0 {objects.Length + 1}\n0000000000 65535 f \n{offsets}trailer\n<< /Size {objects.Length + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
        return Encoding.Latin1.GetBytes(pdf.ToString());
    }
}
