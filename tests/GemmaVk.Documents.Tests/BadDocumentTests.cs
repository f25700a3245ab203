using System;
using System.IO;
using System.Linq;
using System.Text;
using GemmaVk.Documents.Formats;
using GemmaVk.Documents.Tests.Made;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Documents.Tests;

/// <summary>Documents that are damaged, locked, endless or no documents: one sentence each, and bounded memory.</summary>
public class BadDocumentTests
{
    private static string Refused(byte[] bytes, string name, DocumentLimits? limits = null, PageRange? pages = null) =>
        Assert.Throws<GemmaVkException>(() => DocumentReader.Read(bytes, name, pages, limits)).Message;

    [Fact]
    public void An_encrypted_pdf() => Assert.Contains("without a password", Refused(Encrypted(), "locked.pdf"));

    [Fact]
    public void A_damaged_pdf()
    {
        byte[] pdf = Manual.Pdf(3);
        Assert.Contains("expected a whole PDF", Refused([.. pdf.Take(300)], "half.pdf"));
        Assert.Contains("expected a whole PDF", Refused(Encoding.ASCII.GetBytes("%PDF-1.7\n"), "empty.pdf"));
    }

    [Fact]
    public void Ten_thousand_pages_are_bounded_by_a_limit_or_by_pages()
    {
        byte[] pdf = Manual.Pdf(12);
        DocumentLimits limits = new() { Pages = 10 };
        Assert.Contains("at most 10 pages at once, but it has 12; choose some with --pages", Refused(pdf, "long.pdf", limits));
        Assert.Equal(12, DocumentReader.Read(pdf, "long.pdf", PageRange.Parse("5-9"), limits).Pages);
        Assert.Contains("at least one page of 40-50, but it has 12", Refused(pdf, "long.pdf", limits, PageRange.Parse("40-50")));
    }

    [Theory]
    [InlineData("bomb.docx")]
    [InlineData("bomb.odt")]
    [InlineData("bomb.epub")]
    public void A_zip_bomb(string name)
    {
        // 16 MiB of one letter pack to 16 KiB.
        string spaces = new(' ', 16 << 20);
        byte[] bomb = name switch
        {
            "bomb.docx" => PackedFile.Docx(spaces),
            "bomb.odt" => PackedFile.Odt(spaces),
            _ => PackedFile.Epub(spaces),
        };
        Assert.InRange(bomb.Length, 1, 1 << 20);
        long before = GC.GetTotalAllocatedBytes();
        Assert.Contains("unpacks to more", Refused(bomb, name));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 64L << 20);
    }

    [Fact]
    public void A_pdf_whose_streams_unpack_without_end()
    {
        byte[] spaces = new byte[48 << 20];
        Array.Fill(spaces, (byte)' ');
        byte[] pdf = PdfFile.WithContent(PdfFile.Stream(spaces));
        long before = GC.GetTotalAllocatedBytes();
        Assert.Contains("unpacks to more", Refused(pdf, "bomb.pdf", new DocumentLimits { UnpackedBytes = 8 << 20 }));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 40L << 20);
    }

    [Fact]
    public void Archives_with_too_many_parts_or_without_their_own()
    {
        byte[] many = PackedFile.Of([.. Enumerable.Range(0, 30).Select(i => PackedFile.Part($"word/{i}", "x")), PackedFile.Part("word/document.xml", "<a/>")]);
        Assert.Contains("at most 20 parts", Refused(many, "a.docx", new DocumentLimits { Entries = 20 }));
        Assert.Contains("ZIP archive of other files", Refused(PackedFile.Of(PackedFile.Part("a.txt", "x")), "a.zip"));
        Assert.Contains("damaged", Refused([.. PackedFile.Docx("<w:p/>").Take(200)], "a.docx"));
    }

    [Fact]
    public void Xml_with_a_dtd_or_too_deep()
    {
        string laughs = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><x>&b;</x>";
        Assert.Contains("expected word/document.xml without a document type (DTD)", Refused(PackedFile.Of(PackedFile.Part("word/document.xml", laughs)), "a.docx"));
        Assert.Contains("nested at most 256", Refused(PackedFile.Docx(string.Concat(Enumerable.Repeat("<w:p>", 400)) + string.Concat(Enumerable.Repeat("</w:p>", 400))), "a.docx"));
    }

    [Fact]
    public void Too_much_text_and_too_large_a_file()
    {
        Assert.Contains("at most 1,000 characters", Refused(Encoding.ASCII.GetBytes(new string('x', 2000)), "a.txt", new DocumentLimits { Letters = 1000 }));
        Assert.Contains("at most 1,000 bytes, but it has 2,000", Refused(new byte[2000], "a.txt", new DocumentLimits { FileBytes = 1000 }));
    }

    [Fact]
    public void A_file_of_two_gigabytes_is_refused_before_it_is_read()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("large.txt", "x");
        using (FileStream file = new(path, FileMode.Open))
        {
            // Sparse: it takes no room on the disk.
            file.SetLength(2L << 30);
        }

        long before = GC.GetTotalAllocatedBytes();
        Assert.Contains("has 2,147,483,648", Assert.Throws<GemmaVkException>(() => DocumentReader.Read(path)).Message);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 4L << 20);
    }

    [Fact]
    public void Binary_files_and_what_is_no_file()
    {
        Assert.Contains("it is binary", Refused([0x7F, (byte)'E', (byte)'L', (byte)'F', 0, 0, 1, 2], "program"));
        using TemporaryFolder folder = new();
        Assert.Contains("it is a folder", Assert.Throws<GemmaVkException>(() => DocumentReader.Read(folder.Path)).Message);
        Assert.Contains("no such file", Assert.Throws<GemmaVkException>(() => DocumentReader.Read(folder["none.pdf"])).Message);
        Assert.Contains("nothing is ever fetched", Assert.Throws<GemmaVkException>(() => DocumentReader.Read("https://example.org/a.pdf")).Message);
        Assert.Contains("because pages 3 are asked for", Refused("words"u8.ToArray(), "a.txt", null, PageRange.Parse("3")));
    }

    [Fact]
    public void Html_that_never_closes_anything_is_read_in_time()
    {
        string html = string.Concat(Enumerable.Repeat("<div a=\"<p '", 200_000));
        BlockList blocks = new("a.html", DocumentLimits.Default);
        System.Diagnostics.Stopwatch time = System.Diagnostics.Stopwatch.StartNew();
        new HtmlText(blocks).Read(html);
        Assert.InRange(time.Elapsed.TotalSeconds, 0, 60);
    }

    private static byte[] Encrypted()
    {
        string hex = string.Concat(Enumerable.Repeat("A1", 32));
        return PdfFile.WithContent(PdfFile.Stream([]), $"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{hex}> /U <{hex}> /P -4 >> /ID [<00><00>]");
    }
}
