using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Evaluation.Questions;

namespace GemmaVk.Evaluation.Subjects;

/// <summary>What is asked: a model in this process or a server. Several questions may be asked at once.</summary>
public interface ISubject
{
    /// <summary>Answers, always with the likeliest token.</summary>
    /// <exception cref="Tensors.GemmaVkException">This question cannot be asked; others may.</exception>
    Task<GivenAnswer> AnswerAsync(Question question, CancellationToken cancel);

    /// <summary>The log-likelihood of each of the question's choices behind it.</summary>
    /// <exception cref="Tensors.GemmaVkException">As for <see cref="AnswerAsync"/>.</exception>
    Task<IReadOnlyList<double>> WeighAsync(Question question, CancellationToken cancel);
}
