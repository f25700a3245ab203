namespace GemmaVk.Meetings;

/// <summary>What is wanted of a meeting.</summary>
/// <param name="Instruction">What the model is told about each piece (<see cref="Transcripts.Transcriber.Instruction"/>).</param>
/// <param name="Speakers">Ask who says each line.</param>
/// <param name="Summary">Ask what was noted and decided, and for a summary.</param>
public sealed record MeetingOptions(string Instruction, bool Speakers, bool Summary);
