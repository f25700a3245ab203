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
