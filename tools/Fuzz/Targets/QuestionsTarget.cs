using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GemmaVk.Evaluation.Questions;
using GemmaVk.Evaluation.Records;
using GemmaVk.Fuzz.Mutations;

namespace GemmaVk.Fuzz.Targets;

/// <summary>Lines of JSON that an evaluation reads: questions, and records where the first line says so.</summary>
internal sealed class QuestionsTarget : Target
{
    private const string Head = "{\"schema\":\"gemmavk-records";

    public override string Name => "questions";

    public override string Reads => "questions and records of an evaluation, one JSON object a line";

    public override IMutation Structure { get; } = new JsonMutation();

    public override IEnumerable<byte[]> Seeds() =>
    [
        .. File.ReadLines(Fuzz.Seeds.Named("weights", "tasks", "pebble.jsonl")).Where(line => line.Length < 900).Where((_, i) => i % 6 == 0).Select(Fuzz.Seeds.Text),
        Fuzz.Seeds.Text("""{"prompt":"a","answer":["b","c"]}""" + "\n\n" + """{"id":"x","messages":[{"role":"user","content":[{"audio":"a.wav"},{"text":"b"}]}],"contains":"d","think":true}"""),
        Fuzz.Seeds.Text("""{"raw":true,"prompt":"a","choices":["b","c"],"answer":1,"max_tokens":7,"meta":{"a":[1]}}"""),
        Fuzz.Seeds.Text(Head + """-1","model":"m","origin":{"device":"cpu"}}""" + "\n" + """{"id":"a","task":"t","hash":"00","kind":"choices","score":1,"score_norm":0,"logprobs":[-1,-2],"answer":"x","tokens":0,"seconds":1}""" + "\n" + """{"id":"b","task":"t","hash":"00","kind":"transcript","score":0.5,"errors":1,"words":2,"answer":"x","tokens":0,"seconds":1}"""),
    ];

    // A small expression or schema may stand for many states.
    public override long MostAllocated(int length) => (64L << 20) + (2048L * length);

    public override bool Parse(byte[] input)
    {
        if (input.AsSpan().StartsWith(Fuzz.Seeds.Text(Head)))
        {
            RunRecords run = RecordFile.Parse(input, "file");
            return run.Records.All(record => record.Score >= 0) ? true : throw new WrongResultException("a record has a score below zero");
        }

        QuestionFile file = QuestionFile.Parse(input, "file");
        return file.Questions.All(question => question.Messages.Count > 0 && question.Id.Length >= 0)
            ? file.LeftOut.Count == 0
            : throw new WrongResultException("a question asks nothing");
    }

    public override Target Another() => new QuestionsTarget();
}
