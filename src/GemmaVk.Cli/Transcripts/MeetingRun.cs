using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using GemmaVk.Cli.Terminals;
using GemmaVk.Media;
using GemmaVk.Meetings;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Transcripts;

/// <summary>A meeting from a recording to a file, with a journal beside the file while it lasts.</summary>
/// <param name="engine">The model.</param>
/// <param name="wanted">Speakers, summary, and what the model is told.</param>
/// <param name="format">text, json, srt, vtt or md.</param>
/// <param name="target">Where to; null for standard output, without a journal.</param>
/// <param name="surroundings">The terminal.</param>
internal sealed class MeetingRun(GemmaEngine engine, MeetingOptions wanted, string format, OutputTarget? target, Surroundings surroundings)
{
    /// <summary>Hears it and writes the result.</summary>
    /// <param name="file">The recording, or - for a pipe, which leaves no journal: it cannot be heard again.</param>
    /// <param name="sound">The recording, open.</param>
    /// <param name="pieces">Its pieces.</param>
    /// <param name="longest">Longest piece.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public int Do(string file, SampleStream sound, IEnumerable<SpeechPiece> pieces, TimeSpan longest, CancellationToken cancel)
    {
        Terminal terminal = surroundings.Terminal;
        string name = file == "-" ? "standard input" : file;
        using MeetingJournal? journal = target?.Kind is OutputKind.New or OutputKind.File && file != "-" ? MeetingJournal.Open(target.Path + ".journal", About(file, longest)) : null;
        if (journal?.Resumed > 0)
        {
            terminal.Error.WriteLine(VisibleText.Line($"{journal.Path}: goes on after {journal.Resumed} pieces that were heard before."));
        }

        Meeting meeting;
        try
        {
            meeting = new MeetingListener(engine, wanted).Run(pieces, journal, Progress, cancel);
        }
        catch (OperationCanceledException) when (journal is not null)
        {
            terminal.Error.WriteLine("The same command goes on where this one stopped.");
            throw;
        }

        if (meeting.Stats.Pieces == 0)
        {
            journal?.Remove();
            throw new GemmaVkException($"{name}: expected a sound, but there is nothing to hear in it; check how it was made.");
        }

        if (target is null)
        {
            new MeetingDocument(meeting, sound.Note).Write(terminal.Answers, format);
        }
        else
        {
            using StringWriter text = new(CultureInfo.InvariantCulture) { NewLine = "\n" };
            new MeetingDocument(meeting, sound.Note).Write(text, format);
            target.Write(stream => stream.Write(Encoding.UTF8.GetBytes(text.ToString())));
            journal?.Remove();
        }

        if (sound.Note is { } note)
        {
            terminal.Error.WriteLine(VisibleText.Sentence($"{name}: {note}"));
        }

        terminal.Error.WriteLine(VisibleText.Sentence($"{(target is null ? "" : $"{target.Name}: ")}{Figures(meeting.Stats)}"));
        return ExitCode.Done;
    }

    private void Progress(TimeSpan heard)
    {
        if (surroundings.Terminal.ErrorIsScreen)
        {
            surroundings.Terminal.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\rheard until {heard:hh\\:mm\\:ss} "));
        }
    }

    /// <summary>What a journal must be of to be gone on with: the same bytes, cut, asked and answered alike.</summary>
    private string About(string file, TimeSpan longest)
    {
        using FileStream bytes = File.OpenRead(file);
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"sound {sha256}, pieces of {longest.TotalSeconds} s, model {engine.Model.Identity}, {engine.Model.Precision}, speakers {wanted.Speakers}, told: {wanted.Instruction}");
    }

    private string Figures(MeetingStats stats)
    {
        List<string> odd = [];
        void Add(int count, string what)
        {
            if (count > 0)
            {
                odd.Add(string.Create(CultureInfo.InvariantCulture, $"; {count} {what}"));
            }
        }

        Add(stats.Resumed, "of them heard before");
        Add(stats.CutOff, "cut off, because the model did not come to an end");
        Add(stats.Unattributed, "without speakers, because the model did not say them whole");
        Add(stats.Unfinished, "parts without notes, because the model did not come to an end");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{engine.Backend.Device.Name}: {stats.Sound.TotalSeconds:F1} s of sound in {stats.Pieces} piece{(stats.Pieces == 1 ? "" : "s")}{string.Concat(odd)}, prompts {stats.PromptTokens} tokens, answers {stats.AnswerTokens} tokens in {stats.Time.TotalSeconds:F2} s");
    }
}
