using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Evaluation.Records;
using GemmaVk.Evaluation.Statistics;
using GemmaVk.Tensors;

namespace GemmaVk.Evaluation.Reports;

/// <summary>A task's figures in two runs over the same questions.</summary>
/// <param name="Task">The task.</param>
/// <param name="Metric">As <see cref="TaskSummary.Metric"/>.</param>
/// <param name="Items">Questions.</param>
/// <param name="First">Mean of the first run.</param>
/// <param name="Second">Mean of the second.</param>
/// <param name="Difference">Second minus first, mean over questions with its bootstrap interval.</param>
/// <param name="OnlyFirst">Questions in which the first run is better.</param>
/// <param name="OnlySecond">Questions in which the second is.</param>
/// <param name="PValue">Two-sided.</param>
/// <param name="Test">By which test: McNemar's exact one for what is right or wrong, a permutation of signs for word error rates.</param>
public sealed record PairedComparison(
    string Task, string Metric, int Items, double First, double Second, Interval Difference, int OnlyFirst, int OnlySecond, double PValue, string Test)
{
    /// <summary>Compares two runs.</summary>
    /// <param name="first">The first.</param>
    /// <param name="second">The second.</param>
    /// <param name="names">What they are called in messages.</param>
    /// <param name="seed">Of bootstrap and permutation.</param>
    /// <exception cref="GemmaVkException">Their questions are others.</exception>
    public static IReadOnlyList<PairedComparison> Of(RunRecords first, RunRecords second, (string First, string Second) names, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        Dictionary<(string, string), AnswerRecord> others = second.Records.ToDictionary(record => (record.Id, record.Hash));
        AnswerRecord[] shared = [.. first.Records.Where(record => others.ContainsKey((record.Id, record.Hash)))];
        if (shared.Length != first.Records.Count || shared.Length != second.Records.Count)
        {
            HashSet<(string, string)> own = [.. shared.Select(record => (record.Id, record.Hash))];
            (AnswerRecord odd, string where) = first.Records.FirstOrDefault(record => !own.Contains((record.Id, record.Hash))) is { } alone
                ? (alone, names.First)
                : (second.Records.First(record => !own.Contains((record.Id, record.Hash))), names.Second);
            throw new GemmaVkException(
                $"--compare {names.First} {names.Second}: expected two runs over the same questions, but {shared.Length} are in both of {first.Records.Count} and {second.Records.Count}; "
                + $"'{odd.Id}' as it was asked is only in {where}. Let both runs come to their end, over the same file.");
        }

        if (shared.Length == 0)
        {
            throw new GemmaVkException($"--compare {names.First} {names.Second}: expected records, but neither has one; let the runs come to their end.");
        }

        List<(MetricScore First, MetricScore Second)> pairs =
        [
            .. shared.SelectMany(record => MetricScore.Of(record).Zip(MetricScore.Of(others[(record.Id, record.Hash)]))),
        ];
        List<PairedComparison> all = [.. pairs.GroupBy(pair => (pair.First.Record.Task, pair.First.Metric)).Select(group => Of(group.Key.Task, group.Key.Metric, [.. group], seed))];
        (MetricScore, MetricScore)[] right = [.. pairs.Where(pair => pair.First.Metric is not ("wer" or "acc_norm"))];
        if (right.Length > 0 && all.Select(each => each.Task).Distinct().Count() > 1)
        {
            all.Add(Of(TaskSummary.All, "right", right, seed));
        }

        return all;
    }

    private static PairedComparison Of(string task, string metric, (MetricScore First, MetricScore Second)[] pairs, ulong seed)
    {
        double[] differences = [.. pairs.Select(pair => pair.Second.Value - pair.First.Value)];
        bool words = metric == "wer";
        int rises = differences.Count(difference => difference > 0), falls = differences.Count(difference => difference < 0);
        (int onlyFirst, int onlySecond) = words ? (rises, falls) : (falls, rises);
        return new PairedComparison(
            task,
            metric,
            pairs.Length,
            pairs.Sum(pair => pair.First.Top) / pairs.Sum(pair => pair.First.Bottom),
            pairs.Sum(pair => pair.Second.Top) / pairs.Sum(pair => pair.Second.Bottom),
            Bootstrap.Mean(differences, seed),
            onlyFirst,
            onlySecond,
            words ? PairedTest.Permutation(differences, seed) : PairedTest.McNemar(onlyFirst, onlySecond),
            words ? "permutation" : "McNemar");
    }
}
