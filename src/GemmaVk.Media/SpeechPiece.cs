using System;

namespace GemmaVk.Media;

/// <summary>A part of a long recording, short enough for the model.</summary>
/// <param name="First">Its first sample in the recording.</param>
/// <param name="Samples">One channel at 16 kHz.</param>
/// <param name="Overlap">Samples at its beginning that the piece before has too: of a pause only silence, elsewhere speech.</param>
/// <param name="EndsInPause">Whether it was cut where nobody speaks, or is the end; otherwise a word may be cut.</param>
public sealed record SpeechPiece(long First, float[] Samples, int Overlap, bool EndsInPause)
{
    /// <summary>Time of its first sample in the recording.</summary>
    public TimeSpan Start => TimeSpan.FromSeconds((double)First / SampleStream.Rate);

    /// <summary>Time behind its last sample in the recording.</summary>
    public TimeSpan End => TimeSpan.FromSeconds((double)(First + Samples.Length) / SampleStream.Rate);
}
