using System.Linq;
using System.Text;
using GemmaVk.Documents.Tests.Made;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Documents.Tests;

/// <summary>Each format as it should be: text, headings, tables in reading order.</summary>
public class FormatTests
{
    private static (string Text, int Level)[] Blocks(byte[] bytes, string name) => [.. DocumentReader.Read(bytes, name).Blocks.Select(block => (block.Text, block.Level))];

    private static (string Text, int Level)[] Blocks(string text, string name) => Blocks(Encoding.UTF8.GetBytes(text), name);

    [Fact]
    public void Markdown_has_headings_outside_of_fences() => Assert.Equal(
        [("One", 1), ("Words\nof two lines.", 0), ("Two", 2), ("```\n# no heading\n```", 0), ("Under", 1), ("Also", 2), ("#hashtag", 0)],
        Blocks("# One\nWords\nof two lines.\n\n## Two ##\n```\n# no heading\n```\n\nUnder\n=====\nAlso\n---\n#hashtag\n", "a.md"));

    [Fact]
    public void Text_keeps_its_lines_and_no_headings() => Assert.Equal([("# a comment\nx = 1", 0), ("y = 2", 0)], Blocks("# a comment\r\nx = 1\r\n\r\n\r\ny = 2", "a.py"));

    [Fact]
    public void Html_says_what_a_reader_sees() => Assert.Equal(
        [("A & B", 2), ("Say \"hi\" – now", 0), ("item", 0), ("1 | 2", 0), ("3 < 4", 0), ("line\n  two", 0)],
        Blocks("""
            <!DOCTYPE html><html><head><title>t</title><style>p{}</style></head><body><h2>A &amp; B</h2><p title="a>b">Say &quot;hi&quot; &#8211;
             <b>now</b></p><script>alert("<p>no</p>")</script><!-- <p>no</p> --><ul><li>item</ul><table><tr><td>1<td>2</tr><tr><td>3 &lt; 4</td></tr></table><pre>line
              two</pre>
            """, "a.html"));

    [Theory]
    [InlineData("city,people\n\"Oslo, N\",700000\n\"say \"\"x\"\"\",2\n", ',')]
    [InlineData("city;people\nOslo, N;700000\nsay \"x\";2", ';')]
    [InlineData("city\tpeople\r\nOslo, N\t700000\r\nsay \"x\"\t2\r\n", '\t')]
    public void Csv_rows_name_their_columns(string text, char _) =>
        Assert.Equal([("Columns: city, people", 0), ("city: Oslo, N; people: 700000", 0), ("city: say \"x\"; people: 2", 0)], Blocks(text, "a.csv"));

    [Fact]
    public void Docx_has_headings_tables_and_notes_once() => Assert.Equal(
        [("Title here", 1), ("First & second words", 0), ("Deep", 3), ("a | b c", 0), ("after", 0)],
        Blocks(PackedFile.Docx(
            """
            <w:p><w:pPr><w:pStyle w:val="Ti"/></w:pPr><w:r><w:t>Title here</w:t></w:r></w:p>
            <w:p><w:r><w:t xml:space="preserve">First &amp; </w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:t>second</w:t><w:tab/><w:t>words</w:t></w:r></w:p>
            <w:p><w:pPr><w:pStyle w:val="Heading3"/></w:pPr><mc:AlternateContent><mc:Choice><w:r><w:t>Deep</w:t></w:r></mc:Choice><mc:Fallback><w:r><w:t>Deep</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>
            <w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p><w:p><w:r><w:t>c</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
            <w:p><w:r><w:t>after</w:t></w:r></w:p>
            """,
            """<w:style w:styleId="Ti"><w:name w:val="Title"/></w:style>"""), "a.docx"));

    [Fact]
    public void Odt_has_headings_and_tables_and_no_deleted_text() => Assert.Equal(
        [("Head", 2), ("Some text", 0), ("a | b", 0)],
        Blocks(PackedFile.Odt(
            """
            <text:tracked-changes><text:p>deleted</text:p></text:tracked-changes><text:h text:outline-level="2">Head</text:h><text:p>Some<text:s/>text</text:p>
            <table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>
            """), "a.odt"));

    [Fact]
    public void Epub_follows_its_spine() =>
        Assert.Equal([("One", 1), ("first", 0), ("Two", 1), ("second", 0)], Blocks(PackedFile.Epub("<h1>One</h1><p>first</p>", "<h1>Two</h1><p>second</p>"), "a.epub"));

    [Fact]
    public void What_it_is_is_told_by_bytes_not_by_the_name()
    {
        Assert.Equal(DocumentKind.Epub, DocumentReader.Read(PackedFile.Epub("<p>x</p>"), "book.docx").Kind);
        Assert.Equal(DocumentKind.Pdf, DocumentReader.Read(new PdfFile().Page().Line("words", 60, 700).Bytes(), "letter.txt").Kind);
        Assert.Equal("Grüße", DocumentReader.Read([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("Grüße")], "a.txt").Blocks[0].Text);
        Document latin = DocumentReader.Read(Encoding.Latin1.GetBytes("Grüße"), "a.txt");
        Assert.Equal("Grüße", latin.Blocks[0].Text);
        Assert.Contains("Latin-1", Assert.Single(latin.Notes));
    }

    [Fact]
    public void Passages_keep_headings_and_are_not_too_long()
    {
        string body = string.Join(' ', Enumerable.Range(0, 600).Select(i => $"Sentence number {i} is here."));
        Document document = DocumentReader.Read(Encoding.UTF8.GetBytes($"# One\n\nshort\n\n## Two\n\n{body}\n\n# Three\n\nend"), "a.md");
        Passage[] passages = [.. PassageCutter.Cut(document)];
        Assert.Equal("One", passages[0].Heading);
        Assert.Equal("One\nshort", passages[0].Text);
        Assert.Equal(("Three", "Three\nend"), (passages[^1].Heading, passages[^1].Text));
        Assert.All(passages[1..^1], passage => Assert.Equal("One > Two", passage.Heading));
        Assert.All(passages, passage => Assert.InRange(passage.Text.Length, 1, PassageCutter.Letters));
        Assert.All(passages[1..^1], passage => Assert.EndsWith(".", passage.Text));
        Assert.Equal(600, passages.Sum(passage => passage.Text.Split("Sentence number").Length - 1));
    }

    [Theory]
    [InlineData("3-7", 3, true)]
    [InlineData("3-7", 8, false)]
    [InlineData("1,4,9-", 400, true)]
    [InlineData("1,4,9-", 5, false)]
    public void Page_ranges(string text, int page, bool has) => Assert.Equal(has, PageRange.Parse(text).Has(page));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("7-3")]
    [InlineData("1-2-3")]
    [InlineData("a")]
    public void Bad_page_ranges(string text) => Assert.Contains("expected pages such as 3-7", Assert.Throws<GemmaVkException>(() => PageRange.Parse(text)).Message);
}
