using System;
using System.Diagnostics;
using System.Linq;
using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using GemmaVk.Evaluation.Questions;
using GemmaVk.Evaluation.Records;
using GemmaVk.Evaluation.Subjects;
using GemmaVk.Text;
using Json.Schema;
using Xunit;

namespace GemmaVk.Evaluation.Tests;

public class JudgeTests
{
    private const string Schema = """{"type":"array","minItems":1,"items":{"type":"object","properties":{"color":{"type":"string"},"count":{"type":"integer","minimum":1}},"required":["color"],"additionalProperties":false}}""";

    [Theory]
    [InlineData(""" "answer":["4","four"] """, " 4\n", 1)]
    [InlineData(""" "answer":["4","four"] """, "four", 1)]
    [InlineData(""" "answer":"4" """, "4.", 0)]
    [InlineData(""" "answer":"Rome" """, "rome", 0)]
    [InlineData(""" "contains":["red","blue"] """, "a blue and a red one", 1)]
    [InlineData(""" "contains":["red","blue"] """, "a red one", 0)]
    [InlineData(""" "regex":"^\\d+$" """, "123", 1)]
    [InlineData(""" "regex":"\\d" """, "no", 0)]
    public void Answers_are_judged(string expected, string answer, double score) => Assert.Equal(score, Of(expected, answer).Score);

    [Fact]
    public void An_expression_takes_time_in_proportion_to_the_answer()
    {
        long start = Stopwatch.GetTimestamp();
        Assert.Equal(0, Of(""" "regex":"^(a+)+$" """, new string('a', 200_000) + "b").Score);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 60);
    }

    [Theory]
    [InlineData("seven zero five zero", "Seven, zero five zero.", 0, 4)]
    [InlineData("a b c d", "a c d", 1, 4)]
    [InlineData("a b", "a x y b", 2, 2)]
    [InlineData("a b c", "", 3, 3)]
    [InlineData("a", "x y z", 3, 1)]
    [InlineData("don't stop", "don\u2019t 'stop'", 0, 2)]
    [InlineData("ÉTÉ 2026", "été, 2026", 0, 2)]
    public void Wrong_words_are_counted(string said, string written, int errors, int words) =>
        Assert.Equal(new WordErrors(errors, words), WordErrors.Count(said, written));

    [Property(MaxTest = 200)]
    public void Word_errors_are_a_distance(Seed seed)
    {
        Random random = new(seed);
        string Text() => string.Join(' ', Enumerable.Range(0, random.Next(1, 12)).Select(_ => "abc"[random.Next(3)]));
        (string a, string b, string c) = (Text(), Text(), Text());
        int D(string x, string y) => WordErrors.Count(x, y).Errors;
        Assert.Equal(0, D(a, a));
        Assert.Equal(D(a, b), D(b, a));
        Assert.True(D(a, c) <= D(a, b) + D(b, c));
        Assert.True(D(a, b) >= Math.Abs(WordErrors.Words(a).Length - WordErrors.Words(b).Length));
    }

    [Theory]
    [InlineData("""[{"color":"red"}]""")]
    [InlineData("""[ {"count": 2 , "color" : "re\u0064"},{"color":"é"} ]""")]
    [InlineData("""[{"count":0,"color":"red"}]""")]
    [InlineData("""[]""")]
    [InlineData("""[{"count":1}]""")]
    [InlineData("""[{"color":"red","size":1}]""")]
    [InlineData("""{"color":"red"}""")]
    [InlineData("""[{"color":"red","count":1.5}]""")]
    public void A_schema_takes_what_another_library_takes(string answer)
    {
        bool valid = JsonSchema.FromText(Schema).Evaluate(JsonDocument.Parse(answer).RootElement).IsValid;
        Assert.Equal(valid ? 1 : 0, Of($" \"schema\":{Schema} ", answer).Score);
    }

    [Theory]
    [InlineData("```json\n[{\"color\":\"red\"}]\n```")]
    [InlineData("[{\"color\":\"red\"}] and more")]
    [InlineData("")]
    public void What_is_no_JSON_fits_no_schema(string answer) => Assert.Equal(0, Of($" \"schema\":{Schema} ", answer).Score);

    [Fact]
    public void Choices_are_weighed_whole_and_by_byte()
    {
        Question question = Read(""" "choices":["no","certainly"],"answer":"certainly" """);
        // -3 against -6 whole, -1.5 against -0.67 by byte.
        AnswerRecord record = Judge.OfChoices(question, [-3, -6], 0);
        Assert.Equal((0.0, 1.0, "no"), (record.Score, record.ScoreNorm, record.Answer));
        Question accents = Read(""" "choices":["é","ab"],"answer":0 """);
        Assert.Equal((1.0, 1.0), (Judge.OfChoices(accents, [-2, -2.5], 0).Score, Judge.OfChoices(accents, [-2, -2.5], 0).ScoreNorm));
    }

    [Theory]
    [InlineData("turn_on", """{"thing":"lamp","level":2}""", 1)]
    [InlineData("turn_on", """{"level":2.0,"thing":"lamp"}""", 1)]
    [InlineData("turn_on", "\"{\\\"thing\\\":\\\"lamp\\\",\\\"level\\\":2}\"", 1)]
    [InlineData("turn_on", """{"thing":"lamp"}""", 0)]
    [InlineData("turn_off", """{"thing":"lamp","level":2}""", 0)]
    public void Calls_are_held_against_the_one_that_is_right(string name, string arguments, double score)
    {
        Question question = Read(""" "tools":[{"type":"function","function":{"name":"turn_on"}}],"call":{"name":"turn_on","arguments":{"thing":"lamp","level":2}} """);
        GivenAnswer answer = new("", [new ToolCall(name, JsonDocument.Parse(arguments).RootElement)], 1);
        Assert.Equal(score, Judge.Of(question, answer, 0).Score);
        Assert.Equal(0, Judge.Of(question, answer with { Calls = [] }, 0).Score);
    }

    private static AnswerRecord Of(string expected, string answer) => Judge.Of(Read(expected), new GivenAnswer(answer, [], 1), 0);

    private static Question Read(string expected) => QuestionFile.Parse(Encoding.UTF8.GetBytes($"{{\"prompt\":\"?\",{expected}}}"), "set.jsonl").Questions[0];
}
