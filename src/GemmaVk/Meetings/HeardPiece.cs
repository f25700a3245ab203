using System;
using System.Collections.Generic;
using System.Text.Json.Serialization;
using GemmaVk.Media;

namespace GemmaVk.Meetings;

/// <summary>What a piece of sound gave: all that is carried on, and what a journal keeps.</summary>
/// <param name="Index">Place among the pieces.</param>
/// <param name="First">First sample that is heard.</param>
/// <param name="Count">Samples that are heard; 0 where nobody speaks.</param>
/// <param name="Pause">Whether it ends in a pause.</param>
/// <param name="Text">The words, those of an overlap included.</param>
/// <param name="Speakers">A number for each line of the text.</param>
/// <param name="People">What the model now knows of people.</param>
/// <param name="CutOff">The words were cut off.</param>
/// <param name="Unattributed">The model did not say whole who speaks.</param>
internal sealed record HeardPiece(
    int Index, long First, int Count, bool Pause, string Text, IReadOnlyList<int> Speakers, IReadOnlyList<MeetingPerson> People, bool CutOff, bool Unattributed)
{
    /// <summary>When it begins.</summary>
    [JsonIgnore]
    public TimeSpan Start => TimeSpan.FromSeconds((double)First / SampleStream.Rate);

    /// <summary>When it ends.</summary>
    [JsonIgnore]
    public TimeSpan End => TimeSpan.FromSeconds((double)(First + Count) / SampleStream.Rate);
}
