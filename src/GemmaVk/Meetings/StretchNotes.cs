using System.Collections.Generic;

namespace GemmaVk.Meetings;

/// <summary>What is worth keeping of a stretch of turns.</summary>
/// <param name="Turns">Turns it takes in.</param>
/// <param name="Points">Notes and decisions.</param>
/// <param name="Whole">Whether the model came to an end.</param>
internal sealed record StretchNotes(int Turns, IReadOnlyList<MeetingPoint> Points, bool Whole);
