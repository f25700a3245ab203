using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Evaluation.Questions;
using GemmaVk.Evaluation.Records;
using GemmaVk.Evaluation.Reports;
using GemmaVk.Evaluation.Subjects;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Evaluation.Tests;

/// <summary>Runs that are ended and go on, and what their files hold.</summary>
public sealed class RunTests : IDisposable
{
    private static readonly Dictionary<string, string> Origin = new() { ["device"] = "cpu" };
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_that_is_ended_goes_on_and_asks_nothing_twice()
    {
        Question[] questions = Questions(40);
        using CancellationTokenSource end = new();
        Counting subject = new(question =>
        {
            if (question.Id == "q17")
            {
                end.Cancel();
            }

            return "4";
        });
        using (RecordFile file = RecordFile.Open(_folder["a.jsonl"], "m", Origin))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => QuestionRun.Of(questions, subject, 3, file, cancel: end.Token));
        }

        // The end of a process in the middle of a line.
        int whole = RecordFile.Read(_folder["a.jsonl"]).Records.Count;
        Assert.InRange(whole, 15, 25);
        await File.AppendAllTextAsync(_folder["a.jsonl"], """{"id":"q39","task":"all","ha""");
        QuestionRun run;
        using (RecordFile file = RecordFile.Open(_folder["a.jsonl"], "m", Origin))
        {
            Assert.Equal(whole, file.Records.Count);
            run = await QuestionRun.Of(questions, subject, 3, file);
        }

        Assert.Equal((40, whole, 0), (run.Records.Count, run.Resumed, run.Failed.Count));
        Assert.Equal(questions.Select(question => question.Id), run.Records.Select(record => record.Id));
        string[] lines = await File.ReadAllLinesAsync(_folder["a.jsonl"]);
        Assert.Equal(41, lines.Length);
        // Answers that were under way when the run was ended may have been given twice; none is recorded twice.
        Assert.All(run.Records.Take(10), record => Assert.Equal(1, subject.Asked[record.Id]));
        Assert.Equal(40, RecordFile.Read(_folder["a.jsonl"]).Records.Select(record => record.Id).Distinct().Count());
        Assert.All(TaskSummary.Of(run.Records, 0), summary => Assert.Equal((40, 1.0), (summary.Items, summary.Mean.Value)));
    }

    [Fact]
    public async Task A_question_that_cannot_be_asked_is_named_and_asked_again_the_next_time()
    {
        bool broken = true;
        Counting subject = new(question => question.Id == "q3" && broken ? throw new GemmaVkException("picture.png: expected a picture, but there is none.") : "4");
        for (int time = 0; time < 2; time++, broken = false)
        {
            using RecordFile file = RecordFile.Open(_folder["a.jsonl"], "m", Origin);
            QuestionRun run = await QuestionRun.Of(Questions(6), subject, 2, file);
            Assert.Equal(broken ? 5 : 6, run.Records.Count);
            Assert.Equal(broken ? ["q3: picture.png: expected a picture, but there is none."] : [], run.Failed);
        }
    }

    [Fact]
    public async Task A_question_that_was_changed_is_asked_anew()
    {
        Counting subject = new(_ => "4");
        using (RecordFile file = RecordFile.Open(_folder["a.jsonl"], "m", Origin))
        {
            await QuestionRun.Of(Questions(3), subject, 1, file);
        }

        using RecordFile again = RecordFile.Open(_folder["a.jsonl"], "m", Origin);
        Question[] changed = Read("""{"id":"q0","prompt":"2 + 2","answer":"4"}""" + "\n" + """{"id":"q1","prompt":"changed","answer":"4"}""");
        QuestionRun run = await QuestionRun.Of(changed, subject, 1, again);
        Assert.Equal((1, 2), (run.Resumed, run.Records.Count));
        Assert.Equal((1, 2), (subject.Asked["q0"], subject.Asked["q1"]));
    }

    [Fact]
    public void Records_of_another_run_and_other_files_are_left_alone()
    {
        string path = _folder["a.jsonl"];
        RecordFile.Open(path, "m", Origin).Dispose();
        Assert.Contains("they are of another: its device was cpu, and now is vulkan", Refused(path, "m", new() { ["device"] = "vulkan" }), StringComparison.Ordinal);
        Assert.Contains("of the model m, and this is n", Refused(path, "n", Origin), StringComparison.Ordinal);
        RecordFile.Open(path, "m", new Dictionary<string, string>(Origin) { ["program"] = "another version" }).Dispose();

        string letter = _folder.Write("letter.txt", "Dear Ana,");
        Assert.Contains("it holds something else", Refused(letter, "m", Origin), StringComparison.Ordinal);
        Assert.Equal("Dear Ana,", File.ReadAllText(letter));
        string lines = _folder.Write("lines.txt", "Dear Ana,\nhello\n");
        Assert.Contains("line 1 is none", Refused(lines, "m", Origin), StringComparison.Ordinal);
        Assert.Contains("is a folder", Refused(_folder.Path, "m", Origin), StringComparison.Ordinal);
        Assert.Contains("must be a file that can be written", Refused(_folder["none/a.jsonl"], "m", Origin), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_runs_cannot_write_one_file()
    {
        using RecordFile file = RecordFile.Open(_folder["a.jsonl"], "m", Origin);
        Assert.Contains("must be a file that can be written", Refused(_folder["a.jsonl"], "m", Origin), StringComparison.Ordinal);
    }

    [LinuxFact]
    public void A_full_disk_is_said() =>
        Assert.Contains("/dev/full: cannot be written any further: No space left on device", Assert.ThrowsAny<GemmaVkException>(() => RecordFile.Open("/dev/full", "m", Origin)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Two_runs_are_compared_question_by_question()
    {
        RunRecords first = await Records("a", question => question.Id is "q1" or "q2" ? "4" : "5");
        RunRecords second = await Records("b", _ => "4");
        PairedComparison all = Assert.Single(PairedComparison.Of(first, second, ("a", "b"), 0));
        Assert.Equal((12, 2 / 12.0, 1.0, 0, 10, "McNemar"), (all.Items, all.First, all.Second, all.OnlyFirst, all.OnlySecond, all.Test));
        Assert.Equal(2.0 / 1024, all.PValue, 12);
        Assert.InRange(all.Difference.Value, all.Difference.Low, all.Difference.High);

        RunRecords fewer = second with { Records = [.. second.Records.Skip(1)] };
        string sentence = Assert.Throws<GemmaVkException>(() => PairedComparison.Of(first, fewer, ("a.jsonl", "b.jsonl"), 0)).Message;
        Assert.Contains("11 are in both of 12 and 11; 'q0' as it was asked is only in a.jsonl", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_word_errors_less_is_better()
    {
        AnswerRecord Record(string id, int errors) => new(id, "t", "h", ExpectedKind.Transcript, errors / 10.0) { Errors = errors, Words = 10 };
        RunRecords Run(params int[] errors) => new("m", Origin, [.. errors.Select((each, i) => Record($"{i}", each))]);
        PairedComparison compared = Assert.Single(PairedComparison.Of(Run(2, 3, 4, 5), Run(1, 1, 1, 1), ("a", "b"), 0));
        Assert.Equal(("wer", "permutation", 0, 4, 2.0 / 16), (compared.Metric, compared.Test, compared.OnlyFirst, compared.OnlySecond, compared.PValue));
        Assert.Equal((0.35, 0.1), (compared.First, compared.Second));
    }

    private static string Refused(string path, string model, Dictionary<string, string> origin) =>
        Assert.ThrowsAny<GemmaVkException>(() => RecordFile.Open(path, model, origin)).Message;

    private async Task<RunRecords> Records(string name, Func<Question, string> answer)
    {
        using (RecordFile file = RecordFile.Open(_folder[name], "m", Origin))
        {
            await QuestionRun.Of(Questions(12), new Counting(answer), 4, file);
        }

        return RecordFile.Read(_folder[name]);
    }

    private static Question[] Questions(int count) => Read(string.Join('\n', Enumerable.Range(0, count).Select(i => $$"""{"id":"q{{i}}","prompt":"2 + 2","answer":"4"}""")));

    private static Question[] Read(string lines) => [.. QuestionFile.Parse(Encoding.UTF8.GetBytes(lines), "set.jsonl").Questions];

    /// <summary>Answers by a function, and counts.</summary>
    private sealed class Counting(Func<Question, string> answer) : ISubject
    {
        public ConcurrentDictionary<string, int> Asked { get; } = new();

        public async Task<GivenAnswer> AnswerAsync(Question question, CancellationToken cancel)
        {
            Asked.AddOrUpdate(question.Id, 1, (_, times) => times + 1);
            await Task.Yield();
            string text = answer(question);
            cancel.ThrowIfCancellationRequested();
            return new GivenAnswer(text, [], 1);
        }

        public Task<IReadOnlyList<double>> WeighAsync(Question question, CancellationToken cancel) => throw new NotSupportedException();
    }
}
