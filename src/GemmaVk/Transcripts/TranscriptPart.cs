using System;

namespace GemmaVk.Transcripts;

/// <summary>What was said in a piece of sound.</summary>
/// <param name="Start">Where the piece begins.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Text">The words, without those that the piece before has already.</param>
/// <param name="NewLine">Whether a pause is before it; otherwise it goes on in the middle of what was said.</param>
public sealed record TranscriptPart(TimeSpan Start, TimeSpan End, string Text, bool NewLine);
