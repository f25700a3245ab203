using System;
using System.Linq;
using System.Text;
using FsCheck.Xunit;
using GemmaVk.Evaluation.Questions;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Evaluation.Tests;

public class QuestionFileTests
{
    private const string Good = """{"prompt":"What is 2 + 2?","answer":"4"}""";

    [Fact]
    public void A_bad_line_57_is_named_with_its_column_and_the_rest_kept()
    {
        string[] lines = [.. Enumerable.Repeat(Good, 80)];
        lines[56] = """{"prompt":"What is 2 + 2?" "answer":"4"}""";
        QuestionFile file = Parse(string.Join("\r\n", lines));
        Assert.Equal(79, file.Questions.Count);
        Assert.StartsWith("set.jsonl, line 57, column 28: expected a JSON object, but", Assert.Single(file.LeftOut), StringComparison.Ordinal);
        Assert.Equal(["line 56", "line 58"], file.Questions.Skip(55).Take(2).Select(question => question.Id));
    }

    [Theory]
    [InlineData("""[1]""", 1, "expected a JSON object")]
    [InlineData("""{"prompt":"a","answer":"b","prompt":"c"}""", 1, "prompt")]
    [InlineData("""{"prompt":"a"}""", 1, "expected one of answer, choices, contains, regex, schema, call, transcript, but none is there")]
    [InlineData("""{"answer":"a"}""", 1, "expected \"prompt\" or \"messages\"")]
    [InlineData("""{"prompt":"a","awnser":"b"}""", 15, "\"awnser\" is no field")]
    [InlineData("""{"prompt":"a","answer":"b","regex":"c"}""", 28, "\"answer\" and \"regex\": expected one of them")]
    [InlineData("""{"prompt":"a","answer":7}""", 15, "\"answer\": expected a text or a list of texts, but 7 came")]
    [InlineData("""{"prompt":"a","choices":["x"],"answer":0}""", 15, "\"choices\": expected 2 to 256")]
    [InlineData("""{"prompt":"a","choices":["x","y"],"answer":2}""", 35, "\"answer\": expected one of the choices")]
    [InlineData("""{"prompt":"a","choices":["x","y"]}""", 1, "\"answer\": expected one of the choices")]
    [InlineData("""{"prompt":"a","regex":"(a"}""", 15, "\"regex\": expected an expression")]
    [InlineData("""{"prompt":"a","regex":"(a)\\1"}""", 15, "\"regex\": expected an expression")]
    [InlineData("""{"prompt":"a","schema":{"$ref":"other.json"}}""", 15, "\"schema\"")]
    [InlineData("""{"prompt":"a","call":{"name":"f","arguments":{}}}""", 15, "\"call\": expected a tool among \"tools\"")]
    [InlineData("""{"prompt":"a","transcript":"...","audio":"x.wav"}""", 15, "\"transcript\": expected at least one word")]
    [InlineData("""{"prompt":"a","raw":true,"think":true,"answer":"b"}""", 15, "\"raw\" and")]
    [InlineData("""{"messages":[{"role":"assistant","content":"b"}],"answer":"b"}""", 2, "expected one of the user last")]
    [InlineData("""{"messages":[{"role":"pope","content":"b"}],"answer":"b"}""", 2, "expected objects with a role")]
    [InlineData("""{"messages":[{"role":"user","content":[{"text":"a","image":"b"}]}],"answer":"b"}""", 29, "expected parts with one of text, image, audio or video")]
    [InlineData("""{"prompt":"a","max_tokens":0,"answer":"b"}""", 15, "\"max_tokens\": expected a whole number from 1")]
    public void What_is_wrong_with_a_line_is_said(string line, int column, string sentence)
    {
        QuestionFile file = Parse($"{Good}\n{line}\n");
        string said = Assert.Single(file.LeftOut);
        Assert.StartsWith($"set.jsonl, line 2, column {column}: ", said, StringComparison.Ordinal);
        Assert.Contains(sentence, said, StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_comes_once()
    {
        QuestionFile file = Parse("""{"id":"a","prompt":"x","answer":"y"}""" + "\n" + """{"prompt":"x","id":"a","answer":"y"}""");
        Assert.Contains("line 2, column 15: expected every id once, but 'a' came before", Assert.Single(file.LeftOut), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is empty: expected questions")]
    [InlineData("\n  \n", "is empty: expected questions")]
    [InlineData("no\nno", "has no line that can be used (2 wrong); the first: set.jsonl, line 1, column 2")]
    public void A_file_without_a_question_is_refused(string text, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<GemmaVkException>(() => Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_missing_file_and_a_folder_are_refused()
    {
        Assert.Contains("but there is none", Assert.Throws<GemmaVkException>(() => QuestionFile.Read("nowhere.jsonl")).Message, StringComparison.Ordinal);
        Assert.Contains("but it is a folder", Assert.Throws<GemmaVkException>(() => QuestionFile.Read(Repository.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hash_tells_one_line_from_another_and_not_its_blanks()
    {
        string[] hashes = [.. Parse($"{Good}\n  {Good}\r\n{Good.Replace("4", "5", StringComparison.Ordinal)}").Questions.Select(question => question.Hash)];
        Assert.Equal(hashes[0], hashes[1]);
        Assert.NotEqual(hashes[0], hashes[2]);
    }

    [Fact]
    public void Pebbles_questions_are_all_questions()
    {
        QuestionFile file = QuestionFile.Read(Pebble.Questions);
        Assert.Empty(file.LeftOut);
        Assert.Equal(80, file.Questions.Count);
        Assert.Equal(Enum.GetValues<ExpectedKind>().Order(), file.Questions.Select(question => question.Expected.Kind).Distinct().Order());
    }

    [Property(MaxTest = 500)]
    public void Damage_is_read_or_named(Damages damages)
    {
        byte[] damaged = damages.Apply(Encoding.UTF8.GetBytes("""{"messages":[{"role":"user","content":[{"image":"a.png"},{"text":"é?"}]}],"choices":["a","b"],"answer":1}"""));
        try
        {
            QuestionFile file = QuestionFile.Parse((byte[])[.. Encoding.UTF8.GetBytes(Good + "\n"), .. damaged], "set.jsonl");
            Assert.All(file.LeftOut, said => Assert.StartsWith("set.jsonl, line ", said, StringComparison.Ordinal));
        }
        catch (GemmaVkException)
        {
            Assert.Fail("the first line is a question");
        }
    }

    private static QuestionFile Parse(string text) => QuestionFile.Parse(Encoding.UTF8.GetBytes(text), "set.jsonl");
}
