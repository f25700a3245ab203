using System.Collections.Generic;

namespace GemmaVk.Server.Answers;

/// <summary>Where in an answer a token stands.</summary>
internal enum TokenPlace
{
    /// <summary>In its text.</summary>
    Content,

    /// <summary>In a thought.</summary>
    Thought,

    /// <summary>In a call.</summary>
    Call,

    /// <summary>A token that parts these, or ends the answer.</summary>
    Mark,
}

/// <summary>A token of an answer.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Text">Its spelling, a space as a space; of bytes that are no whole character U+FFFD.</param>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Drafted">Whether the drafter had guessed it.</param>
/// <param name="Place">Where it stands.</param>
/// <param name="Logprob">Its natural log-likelihood, or null where that was not asked for.</param>
/// <param name="Top">The likeliest tokens in its place.</param>
internal sealed record AnswerToken(
    int Id, string Text, byte[] Bytes, bool Drafted, TokenPlace Place, double? Logprob, IReadOnlyList<(int Id, double Logprob)> Top);
