using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Evaluation.Endpoints;
using GemmaVk.Evaluation.Records;
using GemmaVk.Evaluation.Subjects;
using GemmaVk.Tensors;

namespace GemmaVk.Evaluation.Questions;

/// <summary>What came of a run.</summary>
/// <param name="Records">Answers, in the order of the questions.</param>
/// <param name="Failed">A sentence for each question that could not be asked.</param>
/// <param name="Resumed">Records that were there already.</param>
/// <param name="Seconds">Time that the rest took.</param>
public sealed record QuestionRun(IReadOnlyList<AnswerRecord> Records, IReadOnlyList<string> Failed, int Resumed, double Seconds)
{
    /// <summary>Asks all questions that have no record, several at once.</summary>
    /// <param name="questions">The questions.</param>
    /// <param name="subject">What is asked.</param>
    /// <param name="atOnce">How many are asked at once.</param>
    /// <param name="file">Where records go as they come, with those that are there; null to keep none.</param>
    /// <param name="progress">Called with how many are done and how many there are.</param>
    /// <param name="cancel">Ends it; what is recorded stays.</param>
    /// <exception cref="EndpointException">The server is gone, or no server.</exception>
    /// <exception cref="GemmaVkException">Records cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static async Task<QuestionRun> Of(
        IReadOnlyList<Question> questions, ISubject subject, int atOnce, RecordFile? file, Action<int, int>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        ArgumentNullException.ThrowIfNull(subject);
        long start = Stopwatch.GetTimestamp();
        Dictionary<(string, string), AnswerRecord> known = (file?.Records ?? []).ToDictionary(record => (record.Id, record.Hash));
        AnswerRecord?[] records = [.. questions.Select(question => known.GetValueOrDefault((question.Id, question.Hash)))];
        string?[] failed = new string?[questions.Count];
        int resumed = records.Count(record => record is not null), done = resumed;
        progress?.Invoke(done, questions.Count);
        ParallelOptions options = new() { MaxDegreeOfParallelism = atOnce, CancellationToken = cancel };
        await Parallel.ForEachAsync(Enumerable.Range(0, questions.Count).Where(i => records[i] is null).ToArray(), options, async (i, own) =>
        {
            try
            {
                records[i] = await Ask(questions[i], subject, own).ConfigureAwait(false);
                file?.Append(records[i]!);
            }
            catch (GemmaVkException error) when (error is not (EndpointException or UnwritableException))
            {
                failed[i] = $"{questions[i].Id}: {error.Message}";
            }

            progress?.Invoke(Interlocked.Increment(ref done), questions.Count);
        }).ConfigureAwait(false);
        return new QuestionRun([.. records.OfType<AnswerRecord>()], [.. failed.OfType<string>()], resumed, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static async Task<AnswerRecord> Ask(Question question, ISubject subject, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        if (question.Expected.Kind == ExpectedKind.Choices)
        {
            IReadOnlyList<double> weights = await subject.WeighAsync(question, cancel).ConfigureAwait(false);
            return Judge.OfChoices(question, weights, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        GivenAnswer answer = await subject.AnswerAsync(question, cancel).ConfigureAwait(false);
        return Judge.Of(question, answer, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
