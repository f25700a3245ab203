using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using GemmaVk.Evaluation.Perplexity;
using GemmaVk.Evaluation.Questions;

namespace GemmaVk.Evaluation.Reports;

/// <summary>A table of a report: a heading that begins with &gt; is of numbers.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Headings">Of its columns.</param>
/// <param name="Rows">Its cells.</param>
/// <param name="Note">What has to be said of it.</param>
internal sealed record ReportTable(string Title, IReadOnlyList<string> Headings, IReadOnlyList<IReadOnlyList<string>> Rows, string Note);

/// <summary>The tables of a report, for Markdown and HTML alike.</summary>
internal static class ReportTables
{
    private const string Tail =
        "Top-1: share of places with the same likeliest token. Top-5: mean share of the five likeliest tokens that both have. KL: D(stored || this) in nats per token; where only the likeliest tokens are stored it is at least KL and at most the next column. Ratio: perplexity of this run over the stored one's.";

    /// <summary>All that there are.</summary>
    public static IEnumerable<ReportTable> Of(EvalReport report)
    {
        if (report.Perplexity is { } perplexity)
        {
            yield return Perplexity(perplexity);
        }

        if (report.Against.Count > 0)
        {
            yield return new ReportTable(
                "Against stored logits",
                ["stored", "model", ">tokens", ">top-1", ">top-5", ">KL", ">at most", ">99 %", ">ratio"],
                [.. report.Against.Select(each => (string[])
                [
                    each.File, each.Header.Model, Figures.Whole(each.Tokens), Figures.PercentWithEnds(each.TopOne), Figures.PercentWithEnds(each.TopFive), Figures.WithEnds(each.Divergence),
                    Figures.Number(each.DivergenceAtMost), Figures.Number(each.Percentile99), Figures.WithEnds(each.PerplexityRatio),
                ])],
                Tail);
        }

        if (report.Run is { } run)
        {
            yield return new ReportTable(
                "Tasks",
                ["task", "metric", ">questions", ">mean"],
                [.. report.Tasks.Select(each => (string[])[each.Task, each.Metric, Figures.Whole(each.Items), Figures.PercentWithEnds(each.Mean)])],
                Notes(run));
        }

        if (report.Compared.Count > 0)
        {
            yield return new ReportTable(
                "Two runs",
                ["task", "metric", ">questions", ">first", ">second", ">difference", ">only first", ">only second", ">p", "test"],
                [.. report.Compared.Select(each => (string[])
                [
                    each.Task, each.Metric, Figures.Whole(each.Items), Figures.Percent(each.First), Figures.Percent(each.Second), Figures.PercentWithEnds(each.Difference),
                    Figures.Whole(each.OnlyFirst), Figures.Whole(each.OnlySecond), Figures.Number(each.PValue), each.Test,
                ])],
                "Difference: second minus first, mean over questions with a bootstrap interval. Only first, only second: questions in which that run is better. p: two-sided, by McNemar's exact test for what is right or wrong, by permuting signs for word error rates.");
        }
    }

    private static ReportTable Perplexity(PerplexityResult result)
    {
        WindowPlan plan = result.Plan;
        string windows = plan.Kind == WindowKind.Sliding
            ? $"windows of {plan.Context} positions with bos, {plan.Stride} tokens apart, so that a token has {plan.Overlap} or more before it from the second window on"
            : $"pieces of {plan.Context} positions with bos, of which the second half counts, as llama-perplexity does";
        return new ReportTable(
            "Perplexity",
            [">perplexity", ">bits per byte", ">nats per token", ">tokens", ">bytes", ">seconds"],
            [(string[])[Figures.WithEnds(result.Perplexity), Figures.WithEnds(result.BitsPerByte), Figures.WithEnds(result.Nll), Figures.Whole(plan.Tokens), Figures.Whole(result.Bytes), result.Seconds.ToString("0.0", CultureInfo.InvariantCulture)]],
            $"{char.ToUpperInvariant(windows[0])}{windows[1..]}.");
    }

    private static string Notes(QuestionRun run)
    {
        string resumed = run.Resumed > 0 ? $" {run.Resumed} records were there already." : "";
        string tokens = run.Records.Sum(record => record.Tokens).ToString(CultureInfo.InvariantCulture);
        return FormattableString.Invariant($"{run.Records.Count} questions, {tokens} tokens written, {run.Seconds:F1} s.{resumed} The mean's interval comes from {Statistics.Bootstrap.Draws} draws of the questions, and has no width where all are right; wer is wrong words over words, of which less is better.");
    }
}
