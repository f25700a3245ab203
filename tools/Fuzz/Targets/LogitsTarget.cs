using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GemmaVk.Evaluation.Perplexity;
using GemmaVk.Evaluation.StoredLogits;
using GemmaVk.Fuzz.Mutations;

namespace GemmaVk.Fuzz.Targets;

/// <summary>Files of logits whole: header and every record.</summary>
internal sealed class LogitsTarget : Target
{
    private const int V = 24;

    public override string Name => "logits";

    public override string Reads => "stored logits of an evaluation";

    public override IMutation Structure { get; } = new LogitsMutation();

    public override IEnumerable<byte[]> Seeds() => [Written(4), Written(0), Written(V)];

    public override bool Parse(byte[] input)
    {
        using LogitsFile file = LogitsFile.Open(new MemoryStream(input), "file");
        for (int i = 0; i < file.Header.Tokens; i++)
        {
            StoredRow row = file.Next();
            if (row.Id >= file.Header.Vocabulary || row.Ids.Span.ContainsAnyExceptInRange(0, file.Header.Vocabulary - 1) || row.Logprobs.Span.ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            {
                throw new WrongResultException($"record {i} of {input.Length} bytes has a token or a logit that cannot be");
            }
        }

        return true;
    }

    public override Target Another() => new LogitsTarget();

    private static byte[] Written(int top)
    {
        using MemoryStream stream = new();
        LogitsWriter writer = new(stream, new LogitsHeader("pebble", "aa", "bb", V, 3, top, WindowKind.Sliding, 8, 4, new Dictionary<string, string> { ["device"] = "cpu" }));
        for (int i = 0; i < 3; i++)
        {
            float[] logits = [.. Enumerable.Range(0, V).Select(id => (float)(id * 7 % (5 + i)))];
            double sum = Math.Log(logits.Sum(logit => Math.Exp(logit)));
            writer.Take(new ScoredToken(i, i, logits[i] - sum, 0, 1), logits, sum);
        }

        return stream.ToArray();
    }
}
