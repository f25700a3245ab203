using System;
using System.Collections.Generic;

namespace GemmaVk.Meetings;

/// <summary>What was said in a meeting, by whom, and what came of it.</summary>
/// <param name="Turns">In order.</param>
/// <param name="People">Who was heard, by number.</param>
/// <param name="Summary">In some sentences; null where none was asked for.</param>
/// <param name="Points">What was noted and decided, with the time of a turn; empty where no summary was asked for.</param>
/// <param name="Stats">What it took.</param>
public sealed record Meeting(IReadOnlyList<MeetingTurn> Turns, IReadOnlyList<MeetingPerson> People, string? Summary, IReadOnlyList<MeetingPoint> Points, MeetingStats Stats);

/// <summary>What one person says without another between.</summary>
/// <param name="Start">When it begins: exact where a piece of sound does, else shared out by letters.</param>
/// <param name="End">When it ends.</param>
/// <param name="Speaker">Number of the person; 0 where nobody asked, or the model gave no answer.</param>
/// <param name="Text">The words.</param>
public sealed record MeetingTurn(TimeSpan Start, TimeSpan End, int Speaker, string Text);

/// <summary>A person of the sheet that is carried from piece to piece.</summary>
/// <param name="Number">From 1 on.</param>
/// <param name="Name">As it was said; empty where it was not.</param>
/// <param name="About">What is known, such as a role or a voice; may be empty.</param>
public sealed record MeetingPerson(int Number, string Name, string About);

/// <summary>Something worth keeping.</summary>
/// <param name="At">Begin of the turn in which it was said.</param>
/// <param name="Text">What.</param>
/// <param name="IsDecision">Whether it was decided, and not only said.</param>
public sealed record MeetingPoint(TimeSpan At, string Text, bool IsDecision);

/// <summary>What a meeting took.</summary>
public sealed record MeetingStats
{
    /// <summary>Pieces of sound, those of an earlier run included.</summary>
    public int Pieces { get; init; }

    /// <summary>Pieces that an earlier run had heard.</summary>
    public int Resumed { get; init; }

    /// <summary>Pieces whose words went on for longer than anybody speaks, and were cut off.</summary>
    public int CutOff { get; init; }

    /// <summary>Pieces of which the model did not say whole who speaks.</summary>
    public int Unattributed { get; init; }

    /// <summary>Stretches of turns whose notes the model did not bring to an end: nothing of them is noted.</summary>
    public int Unfinished { get; init; }

    /// <summary>How far the sound was heard.</summary>
    public TimeSpan Sound { get; init; }

    /// <summary>Time of this run.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>Tokens of sound and questions of this run.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Tokens of answers of this run.</summary>
    public int AnswerTokens { get; init; }
}
