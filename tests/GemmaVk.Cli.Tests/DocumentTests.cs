using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>Documents on the command line: given, looked up, cited, refused.</summary>
public class DocumentTests
{
    private const string World = "# Codes\n\nRead this. Finn has a book. The code of Dan is 021. The hen sleeps near the castle. Dan has a kite.\n";
    private const string Question = "What is the code of Dan?";

    [Fact]
    public void An_answer_carries_its_file_behind_each_sentence()
    {
        using TemporaryFolder folder = new();
        string world = folder.Write("world.md", World);
        CommandRun run = CommandRun.Of("generate", "--document", world, "--temperature", "0", "--max-tokens", "24", "--device", "cpu", Question);
        string answer = run.Text().Trim();
        Assert.True(answer.EndsWith("[world.md]", StringComparison.Ordinal) || answer.EndsWith("[own]", StringComparison.Ordinal), answer);
        Assert.Contains("world.md: MARKDOWN, ", run.Error);
        Assert.Contains(" tokens.", run.Error);
    }

    [Fact]
    public void Json_has_citations_and_the_text_as_the_model_wrote_it()
    {
        using TemporaryFolder folder = new();
        folder.Write("docs/world.md", World);
        folder.Write("docs/other.txt", "The owl sleeps near the market.");
        JsonElement json = CommandRun.Of("generate", "--docs", folder["docs"], "--rank", "words", "--temperature", "0", "--max-tokens", "24", "--device", "cpu", "--json", Question).Json();
        JsonElement[] citations = [.. json.GetProperty("citations").EnumerateArray()];
        string text = json.GetProperty("text").GetString()!;
        Assert.All(citations, each => Assert.Equal(each.GetProperty("sentence").GetString(), text[each.GetProperty("start").GetInt32()..each.GetProperty("end").GetInt32()]));
        Assert.All(citations, each => Assert.True(each.GetProperty("file").ValueKind == JsonValueKind.Null || each.GetProperty("file").GetString() is "world.md" or "other.txt"));
        Assert.True(File.Exists(folder["docs/.gemmavk-index.db"]));
    }

    [Fact]
    public void Index_finds_passages_with_file_page_and_score()
    {
        using TemporaryFolder folder = new();
        folder.Write("docs/world.md", World);
        folder.Write("docs/sub/other.txt", "The owl sleeps near the market.");
        string line = CommandRun.Of("index", folder["docs"], "--index", folder["elsewhere.db"]).Text();
        Assert.Contains("2 files with 2 passages; 2 read", line);
        Assert.False(File.Exists(folder["docs/.gemmavk-index.db"]));
        JsonElement json = CommandRun.Of("index", folder["docs"], "--index", folder["elsewhere.db"], "--find", "owls", "--json").Json();
        JsonElement passage = Assert.Single(json.GetProperty("passages").EnumerateArray());
        Assert.Equal(("sub/other.txt", JsonValueKind.Null, "The owl sleeps near the market."), (passage.GetProperty("file").GetString(), passage.GetProperty("page").ValueKind, passage.GetProperty("text").GetString()));
        Assert.True(passage.GetProperty("score").GetDouble() > 0);
        Assert.Equal(0, json.GetProperty("read").GetInt32());
    }

    [Fact]
    public void A_chat_opens_documents_and_takes_them_back()
    {
        using TemporaryFolder folder = new();
        string world = folder.Write("world.md", World);
        CommandRun run = CommandRun.WithInput($"/document {world}\n{Question}\n/undo\n{Question}\n/document {folder["none.pdf"]}\n/document\n", "chat", "--temperature", "0", "--max-tokens", "16", "--device", "cpu");
        Assert.Equal(0, run.Code);
        string[] marks = [.. run.Out.Split('\n').Where(line => line.TrimEnd().EndsWith(']'))];
        Assert.Equal(2, marks.Length);
        Assert.Equal(marks[0], marks[1]);
        Assert.Contains("world.md: MARKDOWN", run.Error);
        Assert.Contains("/document: " + folder["none.pdf"] + ": expected a document, but there is no such file", run.Error);
        Assert.Contains("expected a path after it", run.Error);
    }

    [Fact]
    public void A_chat_opens_some_pages_and_a_file_whose_name_ends_like_pages()
    {
        using TemporaryFolder folder = new();
        string manual = folder.Write("my manual.pdf", Pdf("The hen sleeps.", "The owl sings.", "The cat sits.", "The dog runs."));
        string world = folder.Write("world.md", World);
        string odd = folder.Write("notes 3-7", World);
        CommandRun run = CommandRun.WithInput(
            $"/document {odd}\n/document {manual} 2-3\n/document \"{manual}\" 4\n/document {manual} 7-3\n/document {world} 2-3\n/document {manual} x3\n/document {manual} 9\n", "chat", "--device", "cpu");
        Assert.Contains("notes 3-7: ", run.Error);
        Assert.Contains("/document 7-3: expected pages such as 3-7", run.Error);
        Assert.Contains("my manual.pdf: PDF, 4 pages, ", run.Error);
        Assert.Contains("; 2 of its 4 pages were asked for.", run.Error);
        Assert.Contains("; 1 of its 4 pages were asked for.", run.Error);
        Assert.Contains("/document: world.md: expected a PDF, because pages 2-3 are asked for, but MARKDOWN has none", run.Error);
        Assert.Contains("expected at least one page of 9, but it has 4", run.Error);
        Assert.Contains("manual.pdf x3: expected a document, but there is no such file", run.Error);
    }

    [Fact]
    public void What_goes_to_make_room_takes_its_documents_along_and_says_so()
    {
        using TemporaryFolder folder = new();
        string world = folder.Write("world.md", World);
        string talk = string.Concat(System.Linq.Enumerable.Repeat("The hen sleeps near the castle. ", 12));
        CommandRun run = CommandRun.WithInput(
            $"/document {world}\n{Question}\n{talk}\n{talk}\n{talk}\n{talk}\n{Question}\n", "chat", "--temperature", "0", "--max-tokens", "8", "--context", "384", "--when-full", "drop", "--device", "cpu");
        Assert.Equal(0, run.Code);
        int full = run.Error.IndexOf("(the context is full:", StringComparison.Ordinal);
        int gone = run.Error.IndexOf("world.md: given whole in a turn that is forgotten now", StringComparison.Ordinal);
        Assert.True(full >= 0 && gone > full, run.Error);
    }

    // Offsets are those of the letters: the text is ASCII.
    private static string Pdf(params string[] pages)
    {
        string[] objects =
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            $"<< /Type /Pages /Kids [{string.Join(' ', pages.Select((_, i) => $"{4 + (2 * i)} 0 R"))}] /Count {pages.Length} >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
            .. pages.SelectMany((text, i) => (string[])
            [
                $"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {5 + (2 * i)} 0 R >>",
                $"<< /Length {text.Length + 32} >>\nstream\nBT /F1 10 Tf 072 700 Td ({text}) Tj ET\nendstream",
            ]),
        ];
        string file = "%PDF-1.4\n";
        string offsets = "";
        for (int i = 0; i < objects.Length; i++)
        {
            offsets += $"{file.Length:D10} 00000 n \n";
            file += $"{i + 1} 0 obj\n{objects[i]}\nendobj\n";
        }

        return $"{file}xref\n0 {objects.Length + 1}\n0000000000 65535 f \n{offsets}trailer\n<< /Size {objects.Length + 1} /Root 1 0 R >>\nstartxref\n{file.Length}\n%%EOF\n";
    }

    [Theory]
    [InlineData("--document: no.pdf: expected a document, but there is no such file", "generate", "--document", "no.pdf", "x")]
    [InlineData("--pages: expected together with --document", "generate", "--pages", "3", "x")]
    [InlineData("--index: expected together with --docs", "generate", "--index", "a.db", "x")]
    [InlineData("--docs is empty", "generate", "--docs", "", "x")]
    [InlineData("--document is empty", "chat", "--document", "")]
    [InlineData("--document and --raw: expected one of them", "generate", "--raw", "--document", "no.pdf", "x")]
    [InlineData("no-folder: expected a folder of documents, but there is none", "index", "no-folder")]
    [InlineData("no-folder: expected a folder of documents, but there is none", "chat", "--docs", "no-folder")]
    [InlineData("--long-documents all: expected retrieve or summary", "generate", "--long-documents", "all", "--docs", "no-folder", "x")]
    [InlineData("--rank best: expected words or model", "index", "no-folder", "--rank", "best")]
    public void Refused(string sentence, params string[] args)
    {
        CommandRun run = CommandRun.WithInput("", args);
        Assert.Equal(1, run.Code);
        Assert.Contains(sentence, run.Error);
    }
}
