using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Threading;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Cli.Transcripts;
using GemmaVk.Media;
using GemmaVk.Meetings;
using GemmaVk.Model;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Forward;
using GemmaVk.Tensors;
using GemmaVk.Transcripts;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Commands;

/// <summary>Speech to text: of a file of any length, a pipe, or the microphone while one speaks.</summary>
internal sealed class Transcribe : Verb
{
    private const string Input = "standard input";
    private const int MostWaiting = 4;
    private const int MostWaitingLive = 1 << 16;
    private readonly Argument<string?> _file = new("file")
    {
        Description = "A sound, or a clip with a sound track; - for standard input: what can be heard from its beginning, or bare 16-bit samples at 16 kHz, one channel.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _microphone = new("--microphone")
    {
        Description = "Listen until Ctrl-C, through ffmpeg. Default: the system's microphone; 'ffmpeg -devices' lists others.",
        HelpName = "FORMAT:DEVICE",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly WordOption _format = new("--format", "Default: text, word by word as it is heard. md is for --speakers and --summary.", "leave it out for text", "text", "json", "srt", "vtt", "md");
    private readonly Option<bool> _speakers = new("--speakers") { Description = "Ask of each piece who says each line, with a sheet of who was heard before." };
    private readonly Option<bool> _summary = new("--summary") { Description = "At the end: what was decided and noted, with times, and a summary." };

    private readonly PathOption _out = new(
        "--out", "With --speakers or --summary: file to write, when all is heard. What was heard until then stands in FILE.journal: the same command goes on where one was stopped or killed.");

    private readonly Option<bool> _stamps = new("--stamps") { Description = "In text: a time before each line." };
    private readonly Option<string?> _translate = new("--translate") { Description = "Write it in another language, such as French.", HelpName = "LANGUAGE" };
    private readonly Option<string?> _prompt = new("--prompt") { Description = "What the model is told about each piece. Default: to transcribe it, in words that suit the checkpoint.", HelpName = "TEXT" };
    private readonly RealOption _piece = new(
        "--piece", "Longest piece that is heard at once, in seconds. Default: what the checkpoint says, 30.", x => x is >= 1 and <= 3600, "a number of seconds from 1 to 3600", "leave it out for the default");

    private readonly ModelOption _model = new();
    private readonly MmprojOption _mmproj = new();
    private readonly DeviceOption _device = new();
    private readonly PrecisionOptions _precision = new(new Precision());

    public Transcribe()
        : base("transcribe", "Writes down what is said. A recording is cut at pauses; what overlaps is written once. Figures go to standard error.")
    {
        Arguments.Add(_file);
        Options.Add(_microphone);
        Options.Add(_format);
        Options.Add(_speakers);
        Options.Add(_summary);
        Options.Add(_out);
        Options.Add(_stamps);
        Options.Add(_translate);
        Options.Add(_prompt);
        Options.Add(_piece);
        Options.Add(_model);
        Options.Add(_mmproj);
        Options.Add(_device);
        _precision.AddTo(this);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk transcribe weights/examples/sound-2.wav",
        "gemmavk transcribe --model ~/gemma-4-12b lecture.mp3 --stamps",
        "gemmavk transcribe --model ~/gemma-4-12b film.mkv --format srt > film.srt",
        "gemmavk transcribe --model ~/gemma-4-12b talk.m4a --translate French",
        "gemmavk transcribe --model ~/gemma-4-12b --microphone",
        "gemmavk transcribe --model ~/gemma-4-12b meeting.mp3 --speakers --summary --format md --out meeting.md",
        "cat note.mp3 | gemmavk transcribe -",
    ];

    public override IReadOnlyList<string> First { get; } = ["--model", "--device", "--format", "--speakers", "--summary", "--out", "--translate", "--microphone"];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        Terminal terminal = surroundings.Terminal;
        bool microphone = parsed.GetResult(_microphone) is not null;
        string? file = parsed.GetValue(_file);
        if ((file is null) == !microphone)
        {
            throw new GemmaVkException(
                $"transcribe: expected {(microphone ? "one of FILE and --microphone, but both came; drop one" : "a FILE, - for standard input, or --microphone, but none came; give one")}.");
        }

        string format = _format.Read(parsed) ?? "text";
        bool meeting = parsed.GetValue(_speakers) || parsed.GetValue(_summary);
        if (!meeting && (format == "md" || parsed.GetResult(_out) is not null))
        {
            throw new GemmaVkException("--format md and --out: expected together with --speakers or --summary, whose result is written at the end; add one, or send the text to a file with >.");
        }

        if (meeting && (microphone || parsed.GetValue(_stamps)))
        {
            throw new GemmaVkException(microphone
                ? "--microphone: expected a recording with --speakers and --summary, because each piece is heard twice and the end must come; record it first, and give the file."
                : "--stamps: expected without --speakers and --summary, whose lines have times always; drop it.");
        }

        string folder = _model.Folder(parsed);
        OutputTarget? target = _out.Read(parsed) is { } path ? OutOption.TargetOf(path, "--out", [folder, file == "-" ? null : file, parsed.GetValue(_mmproj)]) : null;
        Gemma4Config config = Checkpoint.ConfigOf(folder, parsed.GetValue(_mmproj)!);
        if (config.AudioConfig is null)
        {
            throw new GemmaVkException($"transcribe: expected a model that takes sound, but {config.File} has no audio_config; use another checkpoint.");
        }

        string instruction = Instruction(parsed, config);
        TimeSpan longest = _piece.Read(parsed) is { } seconds ? TimeSpan.FromSeconds(seconds) : new MediaLoader(config, new MediaSettings()).LongestSound;
        using Interruption.Listener interruption = terminal.Interruption.Listen();
        // A file is looked at before the model is loaded; a microphone is opened after, so that nothing said is lost.
        using SampleStream? given = microphone ? null : Open(file!, terminal, interruption.Token);
        using GemmaEngine engine = surroundings.Load(
            new EngineOptions { Model = folder, Mmproj = parsed.GetValue(_mmproj)!, Device = parsed.GetValue(_device)!, Precision = _precision.Read(parsed) }, out double loadSeconds);
        if (meeting)
        {
            MeetingOptions wanted = new(instruction, parsed.GetValue(_speakers), parsed.GetValue(_summary));
            return new MeetingRun(engine, wanted, format, target, surroundings).Do(file!, given!, Pieces(given!, longest, live: file == "-"), longest, interruption.Token);
        }

        using SampleStream sound = given ?? SampleStream.Microphone(parsed.GetValue(_microphone), token: interruption.Token);
        if (microphone)
        {
            terminal.Error.WriteLine("Listening; Ctrl-C ends.");
        }

        TranscriptWriter writer = TranscriptWriter.Of(format, terminal.Answers, parsed.GetValue(_stamps));
        TranscriptionStats stats = new Transcriber(engine, instruction, new AskOptions { Draw = new DrawOptions(Temperature: 0) })
            .Run(Pieces(sound, longest, live: microphone || file == "-"), writer, interruption.Token);
        if (!stats.Cancelled && !microphone && stats.Pieces == 0)
        {
            string nothing = sound.Came == TimeSpan.Zero ? "it has no samples" : string.Create(CultureInfo.InvariantCulture, $"its {sound.Came.TotalSeconds:0.0##} s are silent");
            throw new GemmaVkException($"{(file == "-" ? Input : file)}: expected a sound, but there is nothing to hear in it: {nothing}; check how it was made.");
        }

        writer.Note = sound.Note;
        writer.Finish();
        if (sound.Note is { } note)
        {
            terminal.Error.WriteLine($"{(file == "-" ? Input : file)}: {note}");
        }

        terminal.Error.WriteLine(Figures(engine, stats, loadSeconds));
        return stats.Cancelled && !microphone ? ExitCode.Interrupted : ExitCode.Done;
    }

    private string Instruction(ParseResult parsed, Gemma4Config config)
    {
        (string? prompt, string? language) = (parsed.GetValue(_prompt), parsed.GetValue(_translate));
        if (prompt is not null && language is not null)
        {
            throw new GemmaVkException("--prompt and --translate: expected one of them, because each says what the model is to write; drop one.");
        }

        if ((prompt ?? language) is { } given && string.IsNullOrWhiteSpace(given))
        {
            throw new GemmaVkException($"{(prompt is null ? "--translate" : "--prompt")} is empty: expected {(prompt is null ? "a language" : "an instruction")}; leave it out for a transcript.");
        }

        return prompt ?? Transcriber.Instruction(config, language);
    }

    private static SampleStream Open(string file, Terminal terminal, CancellationToken cancel)
    {
        if (file != "-")
        {
            return SampleStream.Open(file, token: cancel);
        }

        return terminal.InIsRedirected
            ? SampleStream.FromPipe(terminal.In, Input, cancel)
            : throw new GemmaVkException("-: expected sound on standard input, but a keyboard is there; pipe a sound in, or use --microphone.");
    }

    private static IEnumerable<SpeechPiece> Pieces(SampleStream sound, TimeSpan longest, bool live)
    {
        TimeSpan overlap = longest / 4 < SpeechPieces.OverlapDefault ? longest / 4 : SpeechPieces.OverlapDefault;
        return live
            ? PiecesAhead.Of(LivePieces.Cut(sound, longest, overlap), MostWaitingLive)
            : PiecesAhead.Of(SpeechPieces.Cut(sound, longest, overlap), MostWaiting);
    }

    private static string Figures(GemmaEngine engine, TranscriptionStats stats, double loadSeconds)
    {
        string repeats = stats.CutOff == 0 ? "" : $"; {stats.CutOff} cut off, because the model did not come to an end";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{engine.Backend.Device.Name}: {stats.Sound.TotalSeconds:F1} s of sound in {stats.Pieces} piece{(stats.Pieces == 1 ? "" : "s")}{repeats}, prompt {stats.PromptTokens} tokens, text {stats.AnswerTokens} tokens in {stats.Time.TotalSeconds:F2} s; loaded in {loadSeconds:F2} s");
    }
}
