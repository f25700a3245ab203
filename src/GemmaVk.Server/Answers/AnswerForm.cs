using System;
using System.Collections.Generic;
using GemmaVk.Server.Http;

namespace GemmaVk.Server.Answers;

/// <summary>An event of a stream.</summary>
/// <param name="Json">Its data.</param>
/// <param name="Name">Its name, or null where the API's events have none.</param>
internal readonly record struct StreamEvent(ReadOnlyMemory<byte> Json, string? Name = null);

/// <summary>How an API writes answers: whole, or as the events of a stream.</summary>
internal abstract class AnswerForm
{
    /// <summary>Whether the stream ends with the mark of OpenAI's.</summary>
    public virtual bool EndsWithMark => true;

    /// <summary>The body of an answer that is given whole.</summary>
    public abstract ReadOnlyMemory<byte> Whole(IReadOnlyList<Choice> choices, Spent spent);

    /// <summary>Events before anything is known.</summary>
    public virtual IEnumerable<StreamEvent> Begin(IReadOnlyList<Choice> choices) => [];

    /// <summary>Events for more of an answer.</summary>
    public abstract IEnumerable<StreamEvent> More(Choice choice, Shown shown);

    /// <summary>Events for the end of one answer.</summary>
    /// <param name="choice">Which.</param>
    /// <param name="spent">What was spent so far.</param>
    /// <param name="last">Whether it is the last to end.</param>
    public abstract IEnumerable<StreamEvent> End(Choice choice, Spent spent, bool last);

    /// <summary>Events after all answers.</summary>
    public virtual IEnumerable<StreamEvent> After(IReadOnlyList<Choice> choices, Spent spent) => [];

    /// <summary>The event for an error after the head was sent.</summary>
    public virtual StreamEvent Error(ApiException error) => new(ErrorBody.Of(error));
}
