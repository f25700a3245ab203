using System;
using System.Diagnostics;
using System.Linq;
using GemmaVk.Documents.Index;
using GemmaVk.Documents.Search;
using GemmaVk.Documents.Tests.Made;
using GemmaVk.Tensors;
using Xunit;
using Xunit.Abstractions;

namespace GemmaVk.Documents.Tests;

/// <summary>The layout of PDFs: lines, columns, tables, headings, running heads, pages.</summary>
public class PdfTests(ITestOutputHelper output)
{
    private static readonly string[] Left = [.. Enumerable.Range(1, 12).Select(i => $"left column line {i} of running text goes on here")];
    private static readonly string[] Right = [.. Enumerable.Range(1, 12).Select(i => $"right column line {i} of running text goes on here")];

    [Fact]
    public void Columns_are_read_one_after_the_other()
    {
        byte[] pdf = new PdfFile().Page().Line("A title across both columns of this page", 60, 780, 18).Lines(Left, 60, 740, 9).Lines(Right, 320, 740, 9)
            .Line("A line below that reaches across the whole width of the page, from its left margin to its right one, once more.", 60, 560, 9).Bytes();
        DocumentBlock[] blocks = [.. DocumentReader.Read(pdf, "a.pdf").Blocks];
        Assert.Equal(("A title across both columns of this page", 1), (blocks[0].Text, blocks[0].Level));
        string text = string.Join(' ', blocks.Select(block => block.Text));
        Assert.True(text.IndexOf("left column line 12", StringComparison.Ordinal) < text.IndexOf("right column line 1 ", StringComparison.Ordinal), text);
        Assert.EndsWith("once more.", text);
        Assert.StartsWith("left column line 1 of running text goes on here left column line 2", blocks[1].Text);
    }

    [Fact]
    public void Tables_are_read_row_by_row()
    {
        PdfFile pdf = new PdfFile().Page();
        for (int row = 0; row < 8; row++)
        {
            pdf.Line($"name{row}", 60, 700 - (row * 14)).Line($"{row * 10}", 250, 700 - (row * 14)).Line("yes", 400, 700 - (row * 14));
        }

        Assert.Contains("name3 | 30 | yes name4 | 40 | yes", DocumentReader.Read(pdf.Bytes(), "a.pdf").Blocks[0].Text);
    }

    [Fact]
    public void Words_cut_at_the_end_of_a_line_are_one_again()
    {
        string text = DocumentReader.Read(new PdfFile().Page().Lines(["The trans-", "mission and the self-", "Test are here"], 60, 700).Bytes(), "a.pdf").Blocks[0].Text;
        Assert.Equal("The transmission and the self- Test are here", text);
    }

    [Fact]
    public void Pages_headings_and_running_heads()
    {
        Document manual = DocumentReader.Read(Manual.Pdf(9), "manual.pdf");
        Assert.Equal(9, manual.Pages);
        Assert.DoesNotContain(manual.Blocks, block => block.Text.Contains("Service manual", StringComparison.Ordinal) || block.Text.StartsWith("Page ", StringComparison.Ordinal));
        foreach (int page in Enumerable.Range(1, 9))
        {
            Assert.Contains(manual.Blocks, block => block.Page == page && block.Level == 1 && block.Text == $"{page}. The {Manual.Subject(page)}");
            Assert.Contains(manual.Blocks, block => block.Page == page && block.Text.Contains($"torque of {Manual.Torque(page)} Nm", StringComparison.Ordinal));
        }

        Document some = DocumentReader.Read(Manual.Pdf(9), "manual.pdf", PageRange.Parse("3-4,8"));
        Assert.Equal([3, 4, 8], some.Blocks.Select(block => block.Page).Distinct());
        Assert.Contains("3 of its 9 pages", Assert.Single(some.Notes));
    }

    [Fact]
    public void Pages_without_text_are_named()
    {
        Document document = DocumentReader.Read(new PdfFile().Page().Line("words", 60, 700).Page().Drawing().Page().Line("more", 60, 700).Bytes(), "scan.pdf");
        Assert.Equal([2], document.Wordless);
        Assert.NotNull(document.Source);
    }

    [Fact]
    public void A_manual_of_400_pages_is_indexed_in_ten_seconds()
    {
        byte[] pdf = Manual.Pdf(400);
        output.WriteLine($"{pdf.Length:N0} bytes");
        using TemporaryFolder folder = new();
        folder.Write("manual.pdf", pdf);
        long start = Stopwatch.GetTimestamp();
        using FolderIndex index = FolderIndex.Open(folder.Path);
        IndexReport report = index.Update();
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        output.WriteLine($"{report.Passages} passages in {took.TotalSeconds:F2} s");
        Assert.Equal(1, report.Files);
        int right = Enumerable.Range(1, 400).Count(page =>
            index.Find($"What is the torque of the {Manual.Subject(page)}?", 1) is [FoundPassage { Passage: { Page: { } found } passage }] && found == page && passage.File == "manual.pdf");
        output.WriteLine($"{right} of 400 pages found first");
        Assert.True(right >= 380, $"{right} of 400");
        // Ten seconds are the bound on two quiet cores; a machine that does other things may take three times as long.
        Assert.InRange(took.TotalSeconds, 0, 30);
    }
}
