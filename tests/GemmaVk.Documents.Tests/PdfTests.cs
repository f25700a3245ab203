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

    /// <summary>GEMMAVK_RECALL=400 takes the whole manual: ten seconds on two quiet cores are its bound.</summary>
    [Fact]
    public void A_manual_is_indexed_in_time_and_each_of_its_pages_found()
    {
        int pages = Environment.GetEnvironmentVariable("GEMMAVK_RECALL") is { } wanted ? int.Parse(wanted) : 80;
        using TemporaryFolder folder = new();
        folder.Write("manual.pdf", Manual.Pdf(pages));
        using FolderIndex index = FolderIndex.Open(folder.Path);
        long start = Stopwatch.GetTimestamp();
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        IndexReport report = index.Update();
        TimeSpan work = Process.GetCurrentProcess().TotalProcessorTime - before;
        output.WriteLine($"{pages} pages, {report.Passages} passages in {Stopwatch.GetElapsedTime(start).TotalSeconds:F2} s, {work.TotalSeconds:F2} s of processor time");
        Assert.Equal(1, report.Files);
        int right = Enumerable.Range(1, pages).Count(page =>
            index.Find($"What is the torque of the {Manual.Subject(page)}?", 1) is [FoundPassage { Passage: { Page: { } found } passage }] && found == page && passage.File == "manual.pdf");
        Assert.True(right >= pages * 95 / 100, $"{right} of {pages}");
        // Work of the processors, because a machine that does other things takes longer; twenty seconds of it are ten on two cores.
        Assert.InRange(work.TotalSeconds, 0, 20);
    }
}
