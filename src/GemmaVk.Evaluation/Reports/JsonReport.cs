using System;
using System.Collections.Generic;
using System.Text.Json;
using GemmaVk.Evaluation.Agreement;
using GemmaVk.Evaluation.Perplexity;
using GemmaVk.Evaluation.Statistics;
using GemmaVk.Evaluation.StoredLogits;

namespace GemmaVk.Evaluation.Reports;

/// <summary>A report as one JSON object.</summary>
public static class JsonReport
{
    /// <summary>Writes it.</summary>
    public static void Write(Utf8JsonWriter json, EvalReport report)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(report);
        json.WriteStartObject();
        json.WriteString("schema", EvalReport.Schema);
        json.WriteString("title", report.Title);
        Origin(json, report.Origin);
        if (report.Perplexity is { } perplexity)
        {
            Write(json, perplexity);
        }

        if (report.Against.Count > 0)
        {
            json.WriteStartArray("against");
            foreach (AgreementResult against in report.Against)
            {
                Write(json, against);
            }

            json.WriteEndArray();
        }

        Tasks(json, report);
        Compared(json, report.Compared);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, PerplexityResult result)
    {
        json.WriteNumber("perplexity", result.Perplexity.Value);
        Ends(json, "perplexity_interval", result.Perplexity);
        json.WriteNumber("bits_per_byte", result.BitsPerByte.Value);
        Ends(json, "bits_per_byte_interval", result.BitsPerByte);
        json.WriteNumber("nats_per_token", result.Nll.Value);
        Ends(json, "nats_per_token_interval", result.Nll);
        json.WriteNumber("tokens", result.Plan.Tokens);
        json.WriteNumber("bytes", result.Bytes);
        json.WriteString("windows", LogitsHeader.Word(result.Plan.Kind));
        json.WriteNumber("context", result.Plan.Context);
        json.WriteNumber("stride", result.Plan.Stride);
        json.WriteNumber("overlap", result.Plan.Overlap);
        json.WriteNumber("seconds", Math.Round(result.Seconds, 3));
    }

    private static void Write(Utf8JsonWriter json, AgreementResult result)
    {
        json.WriteStartObject();
        json.WriteString("file", result.File);
        json.WriteString("model", result.Header.Model);
        Origin(json, result.Header.Origin);
        json.WriteString("form", result.Header.IsFull ? "full" : "top");
        json.WriteNumber("top", result.Header.Top);
        json.WriteNumber("tokens", result.Tokens);
        Figure(json, "kl", result.Divergence);
        json.WriteNumber("kl_at_most", result.DivergenceAtMost);
        json.WriteNumber("kl_median", result.Median);
        json.WriteNumber("kl_99", result.Percentile99);
        json.WriteNumber("kl_largest", result.Largest);
        Figure(json, "top_1", result.TopOne);
        Figure(json, "top_5", result.TopFive);
        Figure(json, "perplexity_ratio", result.PerplexityRatio);
        json.WriteNumber("probability_rms", result.ProbabilityError);
        json.WriteStartArray("kl_histogram");
        foreach (int count in result.Histogram)
        {
            json.WriteNumberValue(count);
        }

        json.WriteEndArray();
        json.WriteStartArray("by_place");
        foreach (PlaceAgreement place in result.ByPlace)
        {
            json.WriteStartObject();
            json.WriteNumber("from", place.From);
            json.WriteNumber("tokens", place.Tokens);
            Figure(json, "top_1", place.Share);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Tasks(Utf8JsonWriter json, EvalReport report)
    {
        if (report.Run is not { } run)
        {
            return;
        }

        json.WriteStartArray("tasks");
        foreach (TaskSummary task in report.Tasks)
        {
            json.WriteStartObject();
            json.WriteString("task", task.Task);
            json.WriteString("metric", task.Metric);
            json.WriteNumber("items", task.Items);
            Figure(json, "mean", task.Mean);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("items", run.Records.Count);
        json.WriteNumber("resumed", run.Resumed);
        Texts(json, "failed", run.Failed);
        Texts(json, "left_out", report.LeftOut);
        json.WriteNumber("seconds_of_questions", Math.Round(run.Seconds, 3));
    }

    private static void Compared(Utf8JsonWriter json, IReadOnlyList<PairedComparison> compared)
    {
        if (compared.Count == 0)
        {
            return;
        }

        json.WriteStartArray("compared");
        foreach (PairedComparison each in compared)
        {
            json.WriteStartObject();
            json.WriteString("task", each.Task);
            json.WriteString("metric", each.Metric);
            json.WriteNumber("items", each.Items);
            json.WriteNumber("first", each.First);
            json.WriteNumber("second", each.Second);
            Figure(json, "difference", each.Difference);
            json.WriteNumber("only_first", each.OnlyFirst);
            json.WriteNumber("only_second", each.OnlySecond);
            json.WriteNumber("p_value", each.PValue);
            json.WriteString("test", each.Test);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Texts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void Origin(Utf8JsonWriter json, IReadOnlyDictionary<string, string> origin)
    {
        json.WriteStartObject("origin");
        foreach ((string name, string value) in origin)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
    }

    private static void Figure(Utf8JsonWriter json, string name, Interval figure)
    {
        json.WriteNumber(name, figure.Value);
        Ends(json, $"{name}_interval", figure);
    }

    private static void Ends(Utf8JsonWriter json, string name, Interval figure)
    {
        json.WriteStartArray(name);
        json.WriteNumberValue(figure.Low);
        json.WriteNumberValue(figure.High);
        json.WriteEndArray();
    }
}
