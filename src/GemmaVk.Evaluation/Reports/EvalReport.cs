using System.Collections.Generic;
using GemmaVk.Evaluation.Agreement;
using GemmaVk.Evaluation.Perplexity;
using GemmaVk.Evaluation.Questions;

namespace GemmaVk.Evaluation.Reports;

/// <summary>What an evaluation found; what it did not look at is null or empty.</summary>
/// <param name="Title">What it is of: the model, or the two runs.</param>
/// <param name="Origin">Program, device, precision and whatever else tells two runs apart, by name.</param>
public sealed record EvalReport(string Title, IReadOnlyDictionary<string, string> Origin)
{
    /// <summary>Names what the JSON is, and its version.</summary>
    public const string Schema = "gemmavk-eval-1";

    /// <summary>How well a text is foreseen.</summary>
    public PerplexityResult? Perplexity { get; init; }

    /// <summary>How the run agrees with others.</summary>
    public IReadOnlyList<AgreementResult> Against { get; init; } = [];

    /// <summary>Answers to questions.</summary>
    public QuestionRun? Run { get; init; }

    /// <summary>Lines of the questions' file that were left out, in words.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>Figures of the answers.</summary>
    public IReadOnlyList<TaskSummary> Tasks { get; init; } = [];

    /// <summary>Figures of two runs side by side.</summary>
    public IReadOnlyList<PairedComparison> Compared { get; init; } = [];
}
