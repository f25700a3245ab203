using GemmaVk.Server.Http;
using static GemmaVk.Server.Http.Outcome;

namespace GemmaVk.Server.Speech;

/// <summary>The fields of /v1/audio/transcriptions and /v1/audio/translations.</summary>
internal static class SpeechFields
{
    /// <summary>The table.</summary>
    public static FieldTable Table { get; } = new(
        "/v1/audio/transcriptions",
        new("file", Honoured, "the sound or clip, as a part of a form"),
        new("model", Honoured, "\"whisper-1\" and other names of OpenAI's too"),
        new("response_format", Honoured, "json, text, srt, vtt, verbose_json"),
        new("stream", Honoured, "transcript.text.delta and transcript.text.done"),
        new("temperature", Honoured, "default 0"),
        new("language", Honoured, "given back in verbose_json; the model hears it by itself"),
        new("timestamp_granularities[]", Honoured, "segment; words have no times"),
        new("timestamp_granularities", Honoured, "the same"),
        new("target_language", Honoured, "of translations; default English"),
        new("include[]", Refused, "likelihoods of heard words are not given; leave it out."),
        new("known_speaker_names[]", Refused, "speakers are not told apart; leave it out."),
        new("prompt", Ignored),
        new("chunking_strategy", Ignored, "a sound is always cut at its pauses"));
}
