using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>The verb <c>eval</c> from its flags to its files.</summary>
public sealed class EvalTests : IDisposable
{
    private const string Text = "Once there was a happy fox named Ana. Ana lived near the river. One sunny day Ana found a red lamp. Ana was very shy.";
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string[]> Mistakes => new()
    {
        { "nothing to evaluate: expected a file of questions, --perplexity FILE, or --compare FILE FILE", [] },
        { "a file of questions and --perplexity: expected one of them", ["a.jsonl", "--perplexity", "a.txt"] },
        { "--stride 0: expected a whole number of 1 or more", ["--perplexity", "TEXT", "--stride", "0"] },
        { "--stride 16: expected 1 to 15, one less than --context 16", ["--perplexity", "TEXT", "--stride", "16", "--context", "16"] },
        { "--stride and --windows halves: expected one of them", ["--perplexity", "TEXT", "--stride", "16", "--windows", "halves"] },
        { "--perplexity nowhere.txt: expected a readable text file", ["--perplexity", "nowhere.txt"] },
        { "--perplexity EMPTY: the text has 0 tokens: expected 2 or more", ["--perplexity", "EMPTY", "--context", "32", "--device", "cpu"] },
        { "--against TEXT: expected a file of logits", ["--perplexity", "TEXT", "--against", "TEXT"] },
        { "--against nowhere.logits: expected a file that 'gemmavk eval --save-logits' wrote", ["--perplexity", "TEXT", "--against", "nowhere.logits"] },
        { "--full: expected together with --save-logits", ["--perplexity", "TEXT", "--full"] },
        { "--full and --logits-top: expected one of them", ["--perplexity", "TEXT", "--full", "--logits-top", "5", "--save-logits", "x"] },
        { "--save-logits .: expected a file, but it is a folder", ["--perplexity", "TEXT", "--save-logits", "."] },
        { "--html nowhere/x.html: expected a file in a folder that is there", ["--perplexity", "TEXT", "--html", "nowhere/x.html"] },
        { "--endpoint and --perplexity: expected one of them, because servers do not tell", ["--perplexity", "TEXT", "--endpoint", "http://127.0.0.1:1"] },
        { "--weights and --endpoint: expected one of them, because the server has the model", ["QUESTIONS", "--endpoint", "http://127.0.0.1:1", "--weights", "int4"] },
        { "--endpoint-model and a file of questions: expected one of them, because it belongs to --endpoint", ["QUESTIONS", "--endpoint-model", "x"] },
        { "--stride and a file of questions: expected one of them, because it belongs to --perplexity", ["QUESTIONS", "--stride", "4"] },
        { "--model and --compare: expected one of them, because no model is loaded", ["--compare", "a", "b", "--model", "x"] },
        { "--compare: expected two files that 'gemmavk eval --out' wrote, but 1 came", ["--compare", "a"] },
        { "a: expected records that 'gemmavk eval --out' wrote, but there are none", ["--compare", "a", "b"] },
        { "TEXT: expected records of 'gemmavk eval --out', but", ["--compare", "TEXT", "TEXT"] },
        { "EMPTY is empty: expected questions, one JSON object a line", ["EMPTY"] },
        { "TEXT has no line that can be used (1 wrong); the first: TEXT, line 1, column 1", ["TEXT"] },
        { "--endpoint here: expected an address", ["QUESTIONS", "--endpoint", "here"] },
        { "--endpoint-key-env GEMMAVK_NO_SUCH_KEY: expected an environment variable with the key, but it is not set", ["QUESTIONS", "--endpoint", "http://127.0.0.1:1", "--endpoint-key-env", "GEMMAVK_NO_SUCH_KEY"] },
        { "--out is empty", ["QUESTIONS", "--out", ""] },
        { "--html TEXT must be another file than those that are read, but is one of them", ["--perplexity", "TEXT", "--html", "TEXT"] },
        { "--markdown TEXT must be another file than those that are read", ["--perplexity", "TEXT", "--markdown", "TEXT"] },
        { "--save-logits TEXT must be another file than those that are read", ["--perplexity", "TEXT", "--save-logits", "TEXT"] },
        { "--out QUESTIONS must be another file than those that are read", ["QUESTIONS", "--out", "QUESTIONS"] },
        { "--html QUESTIONS must be another file than those that are read", ["QUESTIONS", "--html", "QUESTIONS"] },
        { "--markdown TEXT must be another file than those that are read", ["--compare", "TEXT", "EMPTY", "--markdown", "TEXT"] },
        { "--save-logits EMPTY must be another file than those that are read", ["--perplexity", "TEXT", "--against", "EMPTY", "--save-logits", "EMPTY"] },
        { "--html TEXT.new: expected another file than that of --markdown", ["QUESTIONS", "--html", "TEXT.new", "--markdown", "TEXT.new"] },
        { "--html TEXT.new: expected another file than that of --out", ["QUESTIONS", "--html", "TEXT.new", "--out", "TEXT.new"] },
        { "QUESTIONS: expected records of 'gemmavk eval --out', but line 1 is none: something that every record has is missing", ["--compare", "QUESTIONS", "QUESTIONS"] },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_a_sentence(string sentence, string[] args)
    {
        string text = _folder.Write("text.txt", Text), empty = _folder.Write("empty", ""), questions = _folder.Write("questions.jsonl", """{"prompt":"What is 1 + 1?","answer":"2"}""" + "\n");
        string Named(string word) => word.Replace("TEXT", text, StringComparison.Ordinal).Replace("EMPTY", empty, StringComparison.Ordinal).Replace("QUESTIONS", questions, StringComparison.Ordinal);
        CommandRun run = CommandRun.Of(["eval", .. args.Select(Named)]);
        Assert.Equal(1, run.Code);
        Assert.StartsWith($"gemmavk: {Named(sentence)}", run.Error.ReplaceLineEndings("\n").TrimStart('\n').Split("\n").Last(line => line.Length > 0), StringComparison.Ordinal);
        Assert.Equal("", run.Out);
    }

    [Fact]
    public void A_text_gives_figures_logits_and_a_page()
    {
        string text = _folder.Write("text.txt", Text);
        JsonElement first = Eval("--perplexity", text, "--context", "32", "--stride", "8", "--save-logits", _folder["a.logits"], "--json").Json();
        Assert.Equal(("gemmavk-eval-1", 32, 8, 23, Text.Length), (first.GetProperty("schema").GetString(), Whole(first, "context"), Whole(first, "stride"), Whole(first, "overlap"), Whole(first, "bytes")));
        double perplexity = first.GetProperty("perplexity").GetDouble();
        Assert.InRange(perplexity, first.GetProperty("perplexity_interval")[0].GetDouble(), first.GetProperty("perplexity_interval")[1].GetDouble());
        Assert.Equal(Math.Log2(perplexity) * Whole(first, "tokens") / Text.Length, first.GetProperty("bits_per_byte").GetDouble(), 1e-9);
        Assert.Equal("cpu", first.GetProperty("origin").GetProperty("backend").GetString());

        // The windows are the file's.
        JsonElement second = Eval("--perplexity", text, "--weights", "int4", "--against", _folder["a.logits"], "--json", "--html", _folder["a.html"], "--markdown", _folder["a.md"]).Json();
        JsonElement against = Assert.Single(second.GetProperty("against").EnumerateArray());
        Assert.Equal((32, 8, Whole(first, "tokens")), (Whole(second, "context"), Whole(second, "stride"), Whole(against, "tokens")));
        Assert.InRange(against.GetProperty("top_1").GetDouble(), 0.5, 1);
        Assert.InRange(against.GetProperty("kl").GetDouble(), 1e-5, against.GetProperty("kl_at_most").GetDouble());
        Assert.Equal(second.GetProperty("perplexity").GetDouble() / perplexity, against.GetProperty("perplexity_ratio").GetDouble(), 1e-5);
        string page = File.ReadAllText(_folder["a.html"]);
        Assert.Equal(2, page.Split("<svg").Length - 1);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Contains("| stored", File.ReadAllText(_folder["a.md"]), StringComparison.Ordinal);

        string other = _folder.Write("other.txt", Text + " ");
        CommandRun wrong = Eval("--perplexity", other, "--against", _folder["a.logits"]);
        Assert.Contains("expected logits of this text", wrong.Error, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void A_full_disk_is_said()
    {
        string text = _folder.Write("text.txt", Text);
        Assert.Contains("/dev/full must be a file that can be written, but: No space left on device", Eval("--perplexity", text, "--context", "32", "--stride", "1", "--save-logits", "/dev/full").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Questions_give_tables_and_records_that_a_run_goes_on_from()
    {
        string questions = _folder.Write(
            "set.jsonl", """{"id":"a","task":"<b>","prompt":"What is 1 + 1?","answer":"2"}""" + "\nnot a question\n" + """{"id":"b","task":"|","prompt":"What is the capital of Peru?","answer":"Quito"}""" + "\n");
        CommandRun run = Eval(questions, "--out", _folder["a.jsonl"], "--html", _folder["a.html"], "--max-tokens", "20", "--context", "256", "--sessions", "2");
        Assert.Equal(1, run.Code);
        Assert.Contains($"Left out: {questions}, line 2, column 2: expected a JSON object", run.Error, StringComparison.Ordinal);
        Assert.Contains("| <b>  | exact  |         1 | 100.0 % [100.0 %, 100.0 %] |", run.Out, StringComparison.Ordinal);
        Assert.Contains("| all  | right  |         2 |    50.0 % [0.0 %, 100.0 %] |", run.Out, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;", File.ReadAllText(_folder["a.html"]), StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", File.ReadAllText(_folder["a.html"]), StringComparison.Ordinal);

        string[] lines = File.ReadAllLines(_folder["a.jsonl"]);
        Assert.Equal(3, lines.Length);
        File.WriteAllText(_folder["a.jsonl"], lines[0] + "\n" + lines[1] + "\n" + lines[2][..20]);
        CommandRun again = Eval(questions, "--out", _folder["a.jsonl"], "--max-tokens", "20", "--context", "256", "--sessions", "2", "--json");
        Assert.Contains("has 1 records: the rest is asked", again.Error, StringComparison.Ordinal);
        JsonElement json = JsonDocument.Parse(again.Out).RootElement;
        Assert.Equal((2, 1, 1), (Whole(json, "items"), Whole(json, "resumed"), json.GetProperty("left_out").GetArrayLength()));

        CommandRun other = Eval(questions, "--out", _folder["a.jsonl"], "--max-tokens", "20", "--weights", "int8");
        Assert.Contains("its weights was as stored, and now is int8", other.Error, StringComparison.Ordinal);

        JsonElement compared = CommandRun.Of("eval", "--compare", _folder["a.jsonl"], _folder["a.jsonl"], "--json").Json().GetProperty("compared");
        Assert.Equal(3, compared.GetArrayLength());
        Assert.All(compared.EnumerateArray(), each => Assert.Equal((1.0, 0.0), (each.GetProperty("p_value").GetDouble(), each.GetProperty("difference").GetDouble())));
    }

    private static CommandRun Eval(params string[] args) => CommandRun.Of(["eval", .. args, "--device", "cpu"]);

    private static int Whole(JsonElement json, string name) => json.GetProperty(name).GetInt32();
}
