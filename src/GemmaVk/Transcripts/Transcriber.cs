using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using GemmaVk.Media;
using GemmaVk.Model;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Text;

namespace GemmaVk.Transcripts;

/// <summary>Writes down what is said, piece after piece: each is a question of its own, so a recording may have any length.</summary>
/// <param name="engine">The model.</param>
/// <param name="instruction">What the model is told about each piece: see <see cref="Instruction"/>.</param>
/// <param name="options">How its words are drawn.</param>
/// <param name="answers">What answers in place of a session of its own, beside what else it answers; null for a session.</param>
public sealed class Transcriber(GemmaEngine engine, string instruction, AskOptions options, PooledAnswers? answers = null)
{
    // A vocabulary below that of any released model: one that was taught few sentences, and these literally.
    private const int SmallVocabulary = 32768;

    // Speech has some 5 tokens a second, in the worst of languages 20: a longer answer is a model that repeats itself.
    private const int MostTokensPerSecond = 20;
    private const int FewestTokens = 32;

    /// <summary>
    /// What a model is told: the released ones the card's rules (June 2026): nothing but the words, no line breaks, numbers as digits; small ones the
    /// sentence that they know.
    /// </summary>
    /// <param name="config">The model.</param>
    /// <param name="language">A language to translate into, as a person calls it; null for what was said.</param>
    /// <param name="spoken">The language that is spoken, where that is known; the small ones are not told.</param>
    public static string Instruction(Gemma4Config config, string? language = null, string? spoken = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        const string Rules = "write the digits, such as 1.7 rather than one point seven, and 3 rather than three.";
        string segment = spoken is null ? "speech segment" : $"speech segment in {spoken}";
        return config.VocabSize < SmallVocabulary
            ? language is null ? "Transcribe the audio." : $"Translate the audio into {language}."
            : language is null
                ? $"Transcribe the following {segment}{(spoken is null ? " in its original language" : "")}. Write only the transcription, with no line breaks. Where a number is spoken, {Rules}"
                : $"Translate the following {segment} into {language}. Write only the translation, with no line breaks. Where a number is spoken, {Rules}";
    }

    /// <summary>Hears all pieces.</summary>
    /// <param name="pieces">In order; taken as they come.</param>
    /// <param name="sink">Where the text goes, word by word.</param>
    /// <param name="cancel">Ends it after the newest word.</param>
    /// <exception cref="Tensors.GemmaVkException">The model takes no sound; and what the pieces' source throws.</exception>
    public TranscriptionStats Run(IEnumerable<SpeechPiece> pieces, ITranscriptSink sink, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        TranscriptStream stream = new(sink);
        TranscriptionStats stats = new();
        long start = Stopwatch.GetTimestamp();
        GemmaSession? session = null;
        int longest = 0;
        try
        {
            foreach (SpeechPiece whole in pieces)
            {
                if (Silence.Trim(whole, Silence.OfRecordings) is not { } piece)
                {
                    stats = stats with { Sound = whole.End };
                    continue;
                }

                if (answers is null && (session is null || piece.Samples.Length > longest))
                {
                    session?.Dispose();
                    longest = piece.Samples.Length;
                    session = engine.NewSession(ContextFor(longest));
                }

                stats = Hear(session, piece, stream, stats, cancel) with { Sound = whole.End };
                if (cancel.IsCancellationRequested)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // What was heard until here is the transcript.
        }
        finally
        {
            session?.Dispose();
        }

        stream.Finish();
        return stats with { Time = Stopwatch.GetElapsedTime(start), Cancelled = cancel.IsCancellationRequested };
    }

    private TranscriptionStats Hear(GemmaSession? session, SpeechPiece piece, TranscriptStream stream, TranscriptionStats stats, CancellationToken cancel)
    {
        MessagePart sound = MessagePart.Sound(piece.Samples);
        ChatPart words = MessagePart.Words(instruction).Written;
        bool soundFirst = engine.Model.Config.Processor.AudioBeforeText;
        ChatPrompt prompt = ChatTemplate.Render([new ChatMessage("user") { Parts = soundFirst ? [sound.Written, words] : [words, sound.Written] }]);
        stream.Begin(piece.Start, piece.End, overlapsNext: !piece.EndsInPause);
        AskOptions bounded = options with { MaxTokens = MostTokens(piece.Samples.Length) };
        void Append(ResponseDelta delta) => stream.Append(delta.Content);
        Answer answer = session is not null
            ? session.Continue(prompt, [sound], bounded, Append, cancel, out _)
            : answers!.AnswerAsync(answers.Rows(prompt, [sound]), prompt.EndsInThought, bounded, Append, cancel: cancel).GetAwaiter().GetResult().Answer;
        stream.End();
        return stats with
        {
            Pieces = stats.Pieces + 1,
            PromptTokens = stats.PromptTokens + answer.Stats.PromptTokens,
            AnswerTokens = stats.AnswerTokens + answer.Stats.AnswerTokens,
            CutOff = stats.CutOff + (answer.Stop is StopReason.Length or StopReason.Context ? 1 : 0),
        };
    }

    private int ContextFor(int samples)
    {
        const int Turns = 64;
        int per = engine.Model.Config.AudioConfig?.AudioSamplesPerToken ?? AudioFrames.Length;
        int wanted = (samples / per) + engine.Tokenizer.Encode(instruction, specials: false).Length + MostTokens(samples) + Turns;
        return Math.Min(wanted, engine.Model.Config.MaxPositionEmbeddings);
    }

    private static int MostTokens(int samples) => FewestTokens + (int)((long)samples * MostTokensPerSecond / SampleStream.Rate);
}

/// <summary>What a transcript took.</summary>
public sealed record TranscriptionStats
{
    /// <summary>Pieces heard.</summary>
    public int Pieces { get; init; }

    /// <summary>Pieces whose text was cut off, because it went on for longer than anybody speaks.</summary>
    public int CutOff { get; init; }

    /// <summary>How far the sound was heard.</summary>
    public TimeSpan Sound { get; init; }

    /// <summary>Time for all of it.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>Tokens of sound and instructions.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Tokens of text.</summary>
    public int AnswerTokens { get; init; }

    /// <summary>Whether it was ended before the sound was.</summary>
    public bool Cancelled { get; init; }
}
