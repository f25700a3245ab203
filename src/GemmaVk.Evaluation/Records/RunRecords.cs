using System.Collections.Generic;

namespace GemmaVk.Evaluation.Records;

/// <summary>What a file of records holds.</summary>
/// <param name="Model">Name of what was asked.</param>
/// <param name="Origin">Whatever tells two runs apart, by name.</param>
/// <param name="Records">One for each question, the first where there are two.</param>
public sealed record RunRecords(string Model, IReadOnlyDictionary<string, string> Origin, IReadOnlyList<AnswerRecord> Records);
