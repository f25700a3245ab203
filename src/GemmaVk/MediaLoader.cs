using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using GemmaVk.Media;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk;

/// <summary>Turns files into what the model takes: pictures and frames resized to its budget, sound in pieces it can hear.</summary>
/// <param name="config">Says what the model takes and how much of it.</param>
/// <param name="settings">What differs from that.</param>
/// <param name="limits">What reading may cost.</param>
public sealed class MediaLoader(Gemma4Config config, MediaSettings settings, MediaLimits? limits = null)
{
    /// <summary>Most soft tokens of a picture.</summary>
    public int ImageTokens => settings.ImageTokens ?? config.Processor.ImageMaxSoftTokens;

    /// <summary>Most soft tokens of a clip's frame.</summary>
    public int FrameTokens => settings.FrameTokens ?? config.Processor.VideoMaxSoftTokens;

    /// <summary>Most soft tokens of a picture or frame: what the engine has to be loaded for.</summary>
    public int LargestPicture => Math.Max(ImageTokens, FrameTokens);

    /// <summary>Whether sounds come before a text that gives them no place; the released models want them after it.</summary>
    public bool SoundFirst => config.Processor.AudioBeforeText;

    /// <summary>The sound that the model hears at a time: 30 s.</summary>
    public TimeSpan LongestSound => TimeSpan.FromMilliseconds((double)config.Processor.AudioSeqLength * config.Processor.AudioMsPerToken);

    /// <summary>Reads a file.</summary>
    /// <param name="kind">What it must be.</param>
    /// <param name="path">The file.</param>
    /// <param name="cancel">Ends reading.</param>
    /// <exception cref="GemmaVkException">It is missing, damaged, of another kind, or nothing that the model takes.</exception>
    public LoadedMedia Load(ChatPartKind kind, string path, CancellationToken cancel = default) => Load(kind, path, path, cancel);

    /// <summary>Reads a file by what its bytes are: a moving GIF is a picture.</summary>
    /// <exception cref="GemmaVkException">As for the other overload.</exception>
    public LoadedMedia Load(string path, CancellationToken cancel = default) => Load(KindOf(path), path, cancel);

    /// <summary>Reads bytes that are in no file. They are put into one for as long as they are read.</summary>
    /// <param name="kind">What they must be.</param>
    /// <param name="bytes">Read to the end.</param>
    /// <param name="name">What they are called in messages.</param>
    /// <param name="cancel">Ends reading.</param>
    /// <exception cref="GemmaVkException">As for files.</exception>
    public LoadedMedia Load(ChatPartKind kind, Stream bytes, string name, CancellationToken cancel = default) => Load((ChatPartKind?)kind, bytes, name, cancel);

    /// <summary>Reads bytes that are in no file, by what they are.</summary>
    /// <param name="bytes">Read to the end.</param>
    /// <param name="name">What they are called in messages.</param>
    /// <param name="cancel">Ends reading.</param>
    /// <exception cref="GemmaVkException">As for files.</exception>
    public LoadedMedia Load(Stream bytes, string name, CancellationToken cancel = default) => Load(null, bytes, name, cancel);

    private LoadedMedia Load(ChatPartKind? kind, Stream bytes, string name, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        string file = "";
        try
        {
            using FileStream copy = Nameless(out file);
            bytes.CopyTo(copy);
            copy.Flush();
            return Load(kind ?? KindOf(file), file, name, cancel);
        }
        catch (GemmaVkException error)
        {
            throw new GemmaVkException(file.Length == 0 ? error.Message : error.Message.Replace(file, name, StringComparison.Ordinal), error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ObjectDisposedException)
        {
            throw new GemmaVkException(
                name == "standard input" && Directory.Exists("/dev/stdin")
                    ? $"{name} must be a picture, sound or video, but is a folder; give a file in it."
                    : $"{name} is put into a file in {Path.GetTempPath()} while it is read, but that failed: {Complaint.Of(error)} Check what sends it, and the room there.",
                error);
        }
    }

    /// <summary>
    /// A temporary file that goes with the process, however that ends: on Linux it has no name in any folder, and ffmpeg, too, opens it
    /// through this process's descriptor.
    /// </summary>
    internal static FileStream Nameless(out string path)
    {
        string name = Path.Combine(Path.GetTempPath(), $"gemmavk-{Guid.NewGuid():N}");
        FileStream file = new(name, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            Options = FileOptions.DeleteOnClose,
        });
        path = string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{file.SafeFileHandle.DangerousGetHandle()}");
        if (OperatingSystem.IsLinux() && File.Exists(path))
        {
            File.Delete(name);
        }
        else
        {
            path = name;
        }

        return file;
    }

    /// <summary>What a file is by its first bytes.</summary>
    /// <exception cref="GemmaVkException">It cannot be read, or is nothing that is known.</exception>
    public static ChatPartKind KindOf(string path) => MediaKind.Of(path).Form switch
    {
        MediaForm.Picture => ChatPartKind.Image,
        MediaForm.Sound => ChatPartKind.Audio,
        _ => ChatPartKind.Video,
    };

    private LoadedMedia Load(ChatPartKind kind, string path, string name, CancellationToken cancel)
    {
        bool taken = kind == ChatPartKind.Audio ? config.AudioConfig is not null : config.VisionConfig is not null;
        if (!taken || (kind == ChatPartKind.Video && settings.VideoSound && config.AudioConfig is null))
        {
            string section = taken || kind == ChatPartKind.Audio ? "audio_config" : "vision_config";
            throw new GemmaVkException(
                $"{name}: expected a model that takes {(section == "audio_config" ? "sound" : "pictures")}, but {config.File} has no {section}; use another checkpoint, or leave the file out.");
        }

        return kind switch
        {
            ChatPartKind.Image => LoadImage(path, name, cancel),
            ChatPartKind.Audio => LoadAudio(path, name, cancel),
            ChatPartKind.Video => LoadVideo(path, name, cancel),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "text is in no media file"),
        };
    }

    private LoadedMedia LoadImage(string path, string name, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        Picture source = PictureFile.Read(path, limits, cancel);
        TimeSpan decoding = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        (int height, int width, int tokens) = ImageSizing.Target(source.Height, source.Width, ImageTokens);
        Picture picture = BicubicResize.Resize(source, height, width);
        return new LoadedMedia(
            ChatPartKind.Image, name, $"{source.Width} x {source.Height} pixels", [new MediaUnit(ChatPartKind.Image, tokens, TimeSpan.Zero, picture)],
            source.Note, decoding, Stopwatch.GetElapsedTime(start));
    }

    private LoadedMedia LoadAudio(string path, string name, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        (float[] samples, bool more, string? odd) = Samples(path, cancel);
        List<MediaUnit> units = [.. Cut(samples, TimeSpan.Zero)];
        if (units.Count == 0)
        {
            throw new GemmaVkException($"{name}: expected a sound, but it has no samples{(odd is null ? "" : $" ({odd})")}; check how it was made.");
        }

        string?[] notes =
        [
            odd,
            units.Count > 1 ? FormattableString.Invariant($"heard as {units.Count} pieces in a row, because the model hears {LongestSound.TotalSeconds:0.#} s at a time") : null,
            more ? "the rest is left out by --max-audio" : null,
        ];
        string note = string.Join("; ", notes.Where(each => each is not null));
        return new LoadedMedia(
            ChatPartKind.Audio, name, Seconds(samples.Length), units, note.Length > 0 ? note : null, Stopwatch.GetElapsedTime(start), TimeSpan.Zero);
    }

    private LoadedMedia LoadVideo(string path, string name, CancellationToken cancel)
    {
        if (settings is { VideoFps: not null, VideoFrames: not null })
        {
            throw new GemmaVkException("--video-fps and --video-frames: expected one of them, because each says how many frames are taken; drop one.");
        }

        Video video = VideoFile.Read(
            path,
            new VideoOptions
            {
                Frames = settings.VideoFrames ?? config.Processor.NumFrames,
                FramesPerSecond = settings.VideoFps,
                Budget = FrameTokens,
                Sound = settings.VideoSound,
            },
            limits,
            cancel);
        List<MediaUnit> units = [];
        for (int i = 0; i < video.Frames.Count; i++)
        {
            units.Add(new MediaUnit(ChatPartKind.Video, video.TokensPerFrame, TimeSpan.FromSeconds(video.Times[i]), video.Frames[i], video.Stamps[i]));
            if (video.Sound is { } sound)
            {
                // What is heard until the next frame stands between the two; before the first frame nothing is heard.
                int from = At(i == 0 ? 0 : video.Times[i], sound.Length);
                int to = i + 1 < video.Times.Count ? At(video.Times[i + 1], sound.Length) : sound.Length;
                units.AddRange(Cut(sound.AsMemory(from, to - from), TimeSpan.FromSeconds((double)from / SampleStream.Rate)));
            }
        }

        string source = string.Create(
            CultureInfo.InvariantCulture,
            $"{video.TotalFrames} frame{(video.TotalFrames == 1 ? "" : "s")} of {video.SourceWidth} x {video.SourceHeight} pixels in {video.Seconds:0.##} s");
        string note = string.Join("; ", ((string?[])[video.Note, video.Sound is { Length: 0 } ? "its sound track is empty" : null]).Where(each => each is not null));
        return new LoadedMedia(ChatPartKind.Video, name, source, units, note.Length > 0 ? note : null, video.Decoding, video.Resizing);
    }

    private static int At(double seconds, int most) => (int)Math.Clamp(Math.Round(seconds * SampleStream.Rate), 0, most);

    /// <summary>All samples, or as many as --max-audio wants; whether there are more; and what is odd about them.</summary>
    private (float[] Samples, bool More, string? Odd) Samples(string path, CancellationToken cancel)
    {
        if (settings.MostAudio is not { } most)
        {
            return (Sound.Read(path, out string? note, limits, cancel), false, note);
        }

        using SampleStream stream = SampleStream.Open(path, limits, cancel);
        List<float> samples = [];
        double wanted = Math.Ceiling(most.TotalSeconds * SampleStream.Rate);
        float[] block = new float[SampleStream.Rate];
        for (int came; (came = stream.Read(block)) > 0;)
        {
            int take = (int)Math.Min(came, wanted - samples.Count);
            samples.AddRange(block.AsSpan(0, take));
            if (take < came)
            {
                return ([.. samples], true, null);
            }
        }

        return ([.. samples], false, stream.Note);
    }

    /// <summary>Pieces the model can hear, cut at pauses where there are some; nothing is heard twice.</summary>
    private IEnumerable<MediaUnit> Cut(ReadOnlyMemory<float> samples, TimeSpan start)
    {
        int per = config.AudioConfig!.AudioSamplesPerToken;
        return SpeechPieces.Cut(samples, LongestSound, TimeSpan.Zero).Select(piece => new MediaUnit(
            ChatPartKind.Audio, (piece.Samples.Length + per - 1) / per, start + piece.Start, Samples: piece.Samples));
    }

    private static string Seconds(int samples) => string.Create(CultureInfo.InvariantCulture, $"{(double)samples / SampleStream.Rate:0.##} s of sound");
}
