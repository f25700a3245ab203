using System.Collections.Generic;
using System.Linq;
using GemmaVk.Evaluation.Records;
using GemmaVk.Evaluation.Statistics;

namespace GemmaVk.Evaluation.Reports;

/// <summary>A task's figure in one metric.</summary>
/// <param name="Task">The task.</param>
/// <param name="Metric">exact, acc, acc_norm, contains, regex, schema, call, or wer, of which less is better.</param>
/// <param name="Items">Questions.</param>
/// <param name="Mean">The mean with its bootstrap interval; of wer all wrong words over all words.</param>
public sealed record TaskSummary(string Task, string Metric, int Items, Interval Mean)
{
    /// <summary>What the sum of all questions that are right or wrong is called.</summary>
    public const string All = "all";

    /// <summary>Whether less is better.</summary>
    public bool LessIsBetter => Metric == "wer";

    /// <summary>The figures of records: by task and metric, and where there are several tasks the share of all that are right.</summary>
    /// <param name="records">The records.</param>
    /// <param name="seed">Of the bootstrap.</param>
    public static IReadOnlyList<TaskSummary> Of(IReadOnlyList<AnswerRecord> records, ulong seed)
    {
        List<TaskSummary> all = [];
        foreach (IGrouping<(string Task, string Metric), MetricScore> group in records.SelectMany(MetricScore.Of).GroupBy(score => (score.Record.Task, score.Metric)))
        {
            all.Add(new TaskSummary(group.Key.Task, group.Key.Metric, group.Count(), MeanOf(group, seed)));
        }

        MetricScore[] right = [.. records.SelectMany(MetricScore.Of).Where(score => score.Metric is not ("wer" or "acc_norm"))];
        if (right.Select(score => score.Record.Task).Distinct().Count() > 1)
        {
            all.Add(new TaskSummary(All, "right", right.Length, MeanOf(right, seed)));
        }

        return all;
    }

    private static Interval MeanOf(IEnumerable<MetricScore> scores, ulong seed) =>
        Bootstrap.Ratio([.. scores.Select(score => score.Top)], [.. scores.Select(score => score.Bottom)], seed);
}
