using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Threading;
using GemmaVk.Tensors;

namespace GemmaVk.Media.Decoding;

/// <summary>What ffprobe says of a video's first track of moving pictures (cover pictures are not one).</summary>
internal sealed class VideoFacts
{
    private const int LongestLine = 4096;

    // Three hours at 1,500 frames a second.
    private const int MostFrames = 1 << 24;

    private readonly List<long> _shown = [];
    private readonly List<long> _decoded = [];
    private double _tick;
    private bool _byRate;
    private double _lastTicks;
    private double? _trackSeconds;
    private double? _fileSeconds;
    private double? _rate;

    private VideoFacts()
    {
    }

    /// <summary>How many frames there are, counted.</summary>
    public int Frames { get; private set; }

    /// <summary>Frames a second: what the header says where the frames' own times agree with it, else what those times give.</summary>
    public double FramesPerSecond { get; private set; }

    /// <summary>Seconds from the first frame to the end of the last.</summary>
    public double Seconds { get; private set; }

    /// <summary>What a person should know of these numbers, or null.</summary>
    public string? Note { get; private set; }

    /// <summary>Seconds of a frame from the first one.</summary>
    public double TimeOf(long index) => _byRate ? index / FramesPerSecond : (_shown[(int)index] - _shown[0]) * _tick;

    /// <summary>Asks.</summary>
    /// <param name="probe">ffprobe.</param>
    /// <param name="path">The video.</param>
    /// <param name="kind">What its bytes say.</param>
    /// <param name="limits">Its length, and the time the question may take.</param>
    /// <param name="decode">Counts what decodes instead of what is stored: slower, for files where both differ.</param>
    /// <param name="token">Stops it.</param>
    public static VideoFacts Of(string probe, string path, MediaKind kind, MediaLimits limits, bool decode, CancellationToken token)
    {
        string entries = decode ? "frame=best_effort_timestamp,pkt_dts,duration,pkt_duration" : "packet=pts,dts,duration,flags";
        string[] command =
        [
            "-hide_banner", "-loglevel", "error", .. Ffmpeg.Guards(kind, limits), "-select_streams", "V:0",
            "-show_entries", $"{entries}:stream=avg_frame_rate,time_base,duration:format=duration", "-of", "compact", "-i", Ffmpeg.Name(path),
        ];
        using FfmpegRun run = new(probe, command, path, "moving pictures", limits, token);
        try
        {
            if (Parse(run.Output, path, limits) is not { } facts)
            {
                run.ThrowIfStopped();
                GemmaVkException failed = run.Failed();
                throw run.Complaint is not null ? failed : new GemmaVkException(
                    $"{path} could not be examined: ffprobe gave something other than the lines it was asked for; check that '{probe}' is ffprobe.", failed);
            }

            run.Finish(came: true);
            if (run.Complaint is { } complaint)
            {
                facts.Note = facts.Note is null ? complaint : $"{facts.Note}; {complaint}";
            }

            return facts;
        }
        catch (IOException)
        {
            run.ThrowIfStopped();
            throw run.Failed();
        }
    }

    /// <summary>Reads an answer: a line for each frame, one for the track and one for the file, such as "packet|pts=512|duration=256".</summary>
    /// <returns>Null where it is something else.</returns>
    /// <exception cref="GemmaVkException">The video has no frames, or too many, or is too long.</exception>
    internal static VideoFacts? Parse(Stream answer, string path, MediaLimits limits)
    {
        VideoFacts facts = new();
        using StreamReader lines = new(answer);
        bool file = false, track = false;
        while (ReadLine(lines) is { } line)
        {
            string[] words = line.Split('|');
            switch (words[0])
            {
                case "packet" or "frame":
                    facts.Add(words, path);
                    break;
                case "stream":
                    (facts._rate, facts._trackSeconds, track) = (Ratio(Value(words, "avg_frame_rate")), Number(Value(words, "duration")), true);
                    facts._tick = Ratio(Value(words, "time_base")) ?? 0;
                    break;
                case "format":
                    (facts._fileSeconds, file) = (Number(Value(words, "duration")), true);
                    break;
                case "":
                    break;
                default:
                    // ffprobe also tells of what lies beside a packet.
                    if (!words[0].Contains("side_data", StringComparison.Ordinal) && facts.Frames == 0)
                    {
                        return null;
                    }

                    break;
            }
        }

        if (!file && !track)
        {
            return null;
        }

        if (facts.Frames == 0)
        {
            throw NoFrames(path);
        }

        facts.Settle();
        double longest = Math.Max(facts.Seconds, facts._fileSeconds ?? 0);
        return longest <= limits.Duration.TotalSeconds ? facts : throw new GemmaVkException(
            $"{path} must be at most {limits.Duration:c} long, but lasts {TimeSpan.FromSeconds(Math.Min(longest, 1e9)):c}; cut it into pieces.");
    }

    public static GemmaVkException NoFrames(string path) =>
        new($"{path} must be a video with at least one frame, but has none; if it is a sound, give it as one.");

    private void Add(string[] words, string path)
    {
        // A packet that is only there to decode others is not shown.
        if (Value(words, "flags").Contains('D', StringComparison.Ordinal))
        {
            return;
        }

        if (++Frames > MostFrames)
        {
            throw new GemmaVkException(FormattableString.Invariant($"{path} must have at most {MostFrames:N0} frames, but has more; cut it into pieces."));
        }

        long? shown = Whole(Value(words, "pts")) ?? Whole(Value(words, "best_effort_timestamp"));
        if (shown is { } time && (_shown.Count == 0 || time >= _shown[^1]))
        {
            _lastTicks = Number(Value(words, "duration")) ?? Number(Value(words, "pkt_duration")) ?? 0;
        }

        _shown.AddRange(shown is { } at ? [at] : []);
        _decoded.AddRange((Whole(Value(words, "dts")) ?? Whole(Value(words, "pkt_dts"))) is { } order ? [order] : []);
    }

    private void Settle()
    {
        // Formats without times of showing have times of decoding, in the same order where no frame waits for a later one.
        if (_shown.Count < Frames && _decoded.Count == Frames)
        {
            _shown.Clear();
            _shown.AddRange(_decoded);
        }

        _shown.Sort();
        bool timed = _shown.Count == Frames && _tick > 0 && (Frames == 1 || _shown[^1] > _shown[0]) && (double)_shown[^1] - _shown[0] < long.MaxValue;
        double last = timed ? (_shown[^1] - _shown[0]) * _tick : 0;
        double step = timed && Frames > 1 ? last / (Frames - 1) : 0;
        double shows = Math.Max(0, _lastTicks * _tick);
        double tail = shows > 0 ? shows : _rate is { } said ? 1 / said : step;

        // The published rule is index / rate: so it is where the frames come at that rate.
        _byRate = _rate is { } rate && (!timed || Agrees(rate));
        if (_byRate)
        {
            FramesPerSecond = _rate!.Value;
            Seconds = Frames / FramesPerSecond;
        }
        else if (timed && (Frames > 1 || tail > 0))
        {
            Seconds = last + (Frames > 1 && tail > 4 * step ? step : tail);
            FramesPerSecond = Frames / Seconds;
        }
        else if ((_trackSeconds ?? _fileSeconds) is { } whole and > 0)
        {
            Seconds = whole;
            (FramesPerSecond, _byRate) = (Frames / Seconds, true);
        }
        else
        {
            (FramesPerSecond, _byRate) = (VideoSampling.UnknownFramesPerSecond, true);
            Seconds = Frames / FramesPerSecond;
            Note = Frames == 1 ? null : string.Create(
                CultureInfo.InvariantCulture, $"neither the file nor its frames say a time: {FramesPerSecond:0} frames a second are assumed, as the published processor does");
        }

        if (_trackSeconds is { } declared && declared - Seconds > Math.Max(1, declared / 50))
        {
            Note = string.Create(CultureInfo.InvariantCulture, $"its header gives {declared:0.##} s, but its pictures end after {Seconds:0.##} s: the rest is missing (a truncated download?)");
        }
    }

    private bool Agrees(double rate)
    {
        double most = Math.Max(0.5 / rate, _tick);
        for (int i = 0; i < Frames; i++)
        {
            if (Math.Abs(((_shown[i] - _shown[0]) * _tick) - (i / rate)) > most)
            {
                return false;
            }
        }

        return true;
    }

    // A line of any length costs no more than the longest that ffprobe writes.
    private static string? ReadLine(StreamReader lines)
    {
        Span<char> line = stackalloc char[LongestLine];
        int count = 0;
        int letter;
        while ((letter = lines.Read()) >= 0 && letter != '\n')
        {
            if (count < line.Length && letter != '\r')
            {
                line[count++] = (char)letter;
            }
        }

        return letter < 0 && count == 0 ? null : line[..count].ToString();
    }

    private static string Value(string[] words, string key)
    {
        foreach (string word in words)
        {
            if (word.Length > key.Length && word[key.Length] == '=' && word.StartsWith(key, StringComparison.Ordinal))
            {
                return word[(key.Length + 1)..];
            }
        }

        return "";
    }

    // Above 0 and of a size that something has.
    private static double? Ratio(string text)
    {
        string[] ratio = text.Split('/');
        double? value = ratio.Length == 2 ? Number(ratio[0]) / Number(ratio[1]) : null;
        return value is > 0 and < 1e6 ? value : null;
    }

    private static long? Whole(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && Math.Abs((double)number) < 1L << 60 ? number : null;

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
}
