using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using GemmaVk.Media;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Meetings;

/// <summary>
/// Hears a meeting of any length piece by piece: the words, then, beside the same sound, who says each line; then notes and a summary. Memory holds
/// one piece of sound and the text.
/// </summary>
/// <param name="engine">A model that takes sound.</param>
/// <param name="options">What is wanted.</param>
public sealed class MeetingListener(GemmaEngine engine, MeetingOptions options)
{
    // As for transcripts: a longer answer is a model that repeats itself.
    private const int MostTokensPerSecond = 20;
    private const int FewestTokens = 32;
    private const int Turns = 96;
    private const int Sheet = SpeakerQuestion.MostPeople * 40;

    private MeetingStats _stats = new();

    /// <summary>Hears all pieces.</summary>
    /// <param name="pieces">In order; taken as they come.</param>
    /// <param name="journal">What an earlier run heard, and where this one notes what it hears; null for none.</param>
    /// <param name="progress">Called after each piece with how far the sound was heard.</param>
    /// <param name="cancel">Ends it; with a journal the same call goes on from there.</param>
    /// <exception cref="GemmaVkException">A piece does not fit the model's context, or the journal is of another sound; and what the pieces' source throws.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public Meeting Run(IEnumerable<SpeechPiece> pieces, MeetingJournal? journal = null, Action<TimeSpan>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        long start = Stopwatch.GetTimestamp();
        _stats = new MeetingStats { Resumed = journal?.Resumed ?? 0 };
        MeetingAccount account = new();
        GemmaSession? session = null;
        int longest = 0;
        try
        {
            int index = 0;
            foreach (SpeechPiece whole in pieces)
            {
                cancel.ThrowIfCancellationRequested();
                HeardPiece heard;
                if (journal is not null && index < journal.Resumed)
                {
                    heard = journal.Pieces[index];
                    if (heard.First < whole.First || heard.First + heard.Count > whole.First + whole.Samples.Length)
                    {
                        throw new GemmaVkException($"{journal.Path}: expected piece {index} where this recording has it, but it is elsewhere; delete the journal to begin again.");
                    }
                }
                else
                {
                    SpeechPiece? piece = Silence.Trim(whole, Silence.OfRecordings);
                    if (piece is not null && (session is null || piece.Samples.Length > longest))
                    {
                        session?.Dispose();
                        longest = piece.Samples.Length;
                        session = engine.NewSession(ContextFor(longest));
                    }

                    heard = piece is null ? new HeardPiece(index, whole.First, 0, whole.EndsInPause, "", [], [], false, false) : Hear(session!, piece, index, account.People, cancel);
                    journal?.Add(heard);
                }

                index++;
                account.Add(heard);
                _stats = _stats with
                {
                    Pieces = _stats.Pieces + (heard.Count > 0 ? 1 : 0),
                    CutOff = _stats.CutOff + (heard.CutOff ? 1 : 0),
                    Unattributed = _stats.Unattributed + (heard.Unattributed ? 1 : 0),
                    Sound = whole.End,
                };
                progress?.Invoke(whole.End);
            }
        }
        finally
        {
            session?.Dispose();
        }

        account.Finish();
        (string? summary, IReadOnlyList<MeetingPoint> points) = options.Summary ? Summarize(account, journal, cancel) : (null, []);
        return new Meeting(account.Turns, account.People, summary, points, _stats with { Time = Stopwatch.GetElapsedTime(start) });
    }

    private HeardPiece Hear(GemmaSession session, SpeechPiece piece, int index, IReadOnlyList<MeetingPerson> people, CancellationToken cancel)
    {
        MessagePart sound = MessagePart.Sound(piece.Samples);
        ChatPart words = MessagePart.Words(options.Instruction).Written;
        ChatMessage heard = new("user") { Parts = engine.Model.Config.Processor.AudioBeforeText ? [sound.Written, words] : [words, sound.Written] };
        AskOptions greedy = new() { Draw = new DrawOptions(Temperature: 0) };
        Answer transcript = Ask(session, [heard], sound, greedy with { MaxTokens = MostTokens(piece.Samples.Length) }, cancel);
        string text = transcript.Text.Trim();
        bool cutOff = transcript.Stop is StopReason.Length or StopReason.Context;
        if (!options.Speakers || text.Length == 0)
        {
            return new HeardPiece(index, piece.First, piece.Samples.Length, piece.EndsInPause, text, [], [], cutOff, false);
        }

        SpeakerQuestion question = new(text, people);
        Answer answer = Ask(session, [heard, new ChatMessage("assistant", text), new ChatMessage("user", question.Text)], sound, greedy with { MaxTokens = question.MostTokens, Shape = question.Shape }, cancel);
        var said = question.Read(answer.Text);
        return new HeardPiece(index, piece.First, piece.Samples.Length, piece.EndsInPause, text, said?.Speakers ?? [], said?.People ?? [], cutOff, said is null);
    }

    private Answer Ask(GemmaSession session, IReadOnlyList<ChatMessage> messages, MessagePart sound, AskOptions how, CancellationToken cancel)
    {
        Answer answer = session.Continue(ChatTemplate.Render(messages), [sound], how, null, cancel, out _);
        cancel.ThrowIfCancellationRequested();
        Count(answer);
        return answer;
    }

    private (string Summary, IReadOnlyList<MeetingPoint> Points) Summarize(MeetingAccount account, MeetingJournal? journal, CancellationToken cancel)
    {
        MeetingSummary summary = new(engine, account.People, Count);
        List<MeetingPoint> points = [];
        for (int first = 0, stretch = 0; first < account.Turns.Count; stretch++)
        {
            int turns = summary.Stretch(account.Turns, first);
            StretchNotes notes;
            if (journal is not null && stretch < journal.Stretches.Count && journal.Stretches[stretch].Turns == turns)
            {
                notes = journal.Stretches[stretch];
            }
            else
            {
                notes = summary.Note([.. account.Turns.Skip(first).Take(turns)], cancel);
                journal?.Add(notes);
            }

            points.AddRange(notes.Points);
            _stats = _stats with { Unfinished = _stats.Unfinished + (notes.Whole ? 0 : 1) };
            first += turns;
        }

        return (summary.Write(points, cancel), points);
    }

    private void Count(Answer answer) => _stats = _stats with
    {
        PromptTokens = _stats.PromptTokens + answer.Stats.PromptTokens,
        AnswerTokens = _stats.AnswerTokens + answer.Stats.AnswerTokens,
    };

    private int ContextFor(int samples)
    {
        int per = engine.Model.Config.AudioConfig?.AudioSamplesPerToken ?? AudioFrames.Length;
        int text = MostTokens(samples);
        int question = options.Speakers ? (2 * text) + Sheet + Turns + 64 + (Lines.Most * 8) + 320 : 0;
        int wanted = (samples / per) + engine.Tokenizer.Encode(options.Instruction, specials: false).Length + text + question + Turns;
        return Math.Min(wanted, engine.Model.Config.MaxPositionEmbeddings);
    }

    private static int MostTokens(int samples) => FewestTokens + (int)((long)samples * MostTokensPerSecond / SampleStream.Rate);
}
