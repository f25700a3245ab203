using System.Collections.Generic;
using GemmaVk.Evaluation.Questions;
using GemmaVk.Evaluation.Records;

namespace GemmaVk.Evaluation.Reports;

/// <summary>A record's figure in one metric, as a fraction: a mean is the sum of tops over that of bottoms.</summary>
/// <param name="Record">Of which record.</param>
/// <param name="Metric">Which metric.</param>
/// <param name="Top">1 or 0, or wrong words.</param>
/// <param name="Bottom">1, or words.</param>
internal readonly record struct MetricScore(AnswerRecord Record, string Metric, double Top, double Bottom)
{
    /// <summary>The figure itself.</summary>
    public double Value => Top / Bottom;

    /// <summary>All figures of a record: choices have two.</summary>
    public static IEnumerable<MetricScore> Of(AnswerRecord record) => record.Kind switch
    {
        ExpectedKind.Choices => [new(record, "acc", record.Score, 1), new(record, "acc_norm", record.ScoreNorm, 1)],
        ExpectedKind.Transcript => [new(record, "wer", record.Errors, record.Words)],
        _ => [new(record, record.Kind.ToString().ToLowerInvariant(), record.Score, 1)],
    };
}
