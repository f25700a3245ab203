using System.Collections.Generic;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Text;

namespace GemmaVk.Server.Answers;

/// <summary>What a request wants of the model, whichever API it came through.</summary>
/// <param name="Rows">The whole prompt.</param>
/// <param name="InThought">Whether it ends inside a thought.</param>
/// <param name="Options">How to answer.</param>
internal sealed record Asked(PromptRows Rows, bool InThought, AskOptions Options)
{
    /// <summary>Answers to the same prompt; each draws with a seed of its own.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Whether thoughts are given.</summary>
    public bool ShowsThinking { get; init; } = true;

    /// <summary>Whether calls are given while they are written.</summary>
    public bool CallPieces { get; init; }

    /// <summary>Whether each token is given with what is known of it.</summary>
    public bool Tokens { get; init; }

    /// <summary>Alternatives of each token that are given, or null where likelihoods are not.</summary>
    public int? Logprobs { get; init; }

    /// <summary>Whom it may share rows of a cache with: those with the same salt.</summary>
    public string Salt { get; init; } = "";

    /// <summary>What is not to be passed over of the request's pictures, sounds and clips.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What its documents gave to answer from, or null without any.</summary>
    public AnswerSources? Sources { get; init; }

    /// <summary>Soft tokens of sounds in the prompt.</summary>
    public int AudioTokens { get; init; }
}

/// <summary>What happened to one of a request's answers: a delta, or its end.</summary>
/// <param name="Choice">Which.</param>
/// <param name="Delta">What was added.</param>
/// <param name="Tokens">The tokens that added it, where they are wanted.</param>
/// <param name="Done">The answer, at its end.</param>
/// <param name="Reused">Tokens of the prompt that were in a cache, at its end.</param>
internal readonly record struct AnswerEvent(int Choice, ResponseDelta Delta, IReadOnlyList<AnswerToken> Tokens, Answer? Done = null, int Reused = 0);
