using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using GemmaVk.Media.Decoding;
using GemmaVk.Tensors;

namespace GemmaVk.Media;

/// <summary>
/// Reads videos through ffmpeg: asks for the number of frames and their rate, picks frames by <see cref="VideoSampling"/>, has only those converted
/// to RGB (ffmpeg's default conversion; upright, if the file says how it was held), and resizes each as it comes, so that one frame at
/// its own size is held at a time.
/// </summary>
public static class VideoFile
{
    private const int PixelBytes = 3;

    /// <summary>Reads what the model gets to see of a video.</summary>
    /// <param name="path">A file; an animated GIF is one too.</param>
    /// <param name="options">Frames, budget, sound.</param>
    /// <param name="limits">Or the default ones.</param>
    /// <param name="token">Stops reading, and ffmpeg.</param>
    /// <exception cref="GemmaVkException">It is no video, damaged, too long or too large, has no frames, or there is no ffmpeg.</exception>
    public static Video Read(string path, VideoOptions? options = null, MediaLimits? limits = null, CancellationToken token = default)
    {
        options ??= VideoOptions.Default;
        limits ??= MediaLimits.Default;
        ImageSizing.CheckBudget(options.Budget);
        long started = Stopwatch.GetTimestamp();
        MediaKind kind = MediaKind.Of(path);
        if (kind.Form != MediaForm.Video && kind.Format != "GIF")
        {
            throw new GemmaVkException($"{path} must be a video, but its bytes are those of {kind.WithArticle}; give it as one.");
        }

        string subject = $"{path} is a {kind}";
        string ffmpeg = Ffmpeg.Require(limits, subject), probe = Ffmpeg.RequireProbe(ffmpeg, subject);
        FileStamp stamp = FileStamp.Of(path);
        FrameReader reader = new(ffmpeg, path, kind, options, limits, token);
        VideoFacts facts = VideoFacts.Of(probe, path, kind, limits, decode: false, token);
        string? missing = facts.Note;
        if (!reader.TryRead(facts))
        {
            // Fewer frames decode than the file stores: what decodes is what the rule is about.
            facts = VideoFacts.Of(probe, path, kind, limits, decode: true, token);
            missing ??= facts.Note;
            if (!reader.TryRead(facts))
            {
                throw new GemmaVkException($"{path} must decode to the {facts.Frames} frames that were counted in it, but gave fewer; convert it again.");
            }
        }

        (float[]? sound, string? heard) = options.Sound ? ReadSound(path, limits, token) : (null, null);
        if (FileStamp.Of(path) != stamp)
        {
            throw MediaPath.Changed(path);
        }

        double[] times = [.. reader.Indices.Select(facts.TimeOf)];
        // What ffprobe complained of, ffmpeg does too, at another byte.
        string? complaint = missing?.Contains("ffmpeg says", StringComparison.Ordinal) == true ? null : reader.Complaint;
        string note = string.Join("; ", ((string?[])[missing, complaint, heard]).Where(each => each is not null).Distinct());
        return new Video
        {
            Frames = reader.Frames,
            Times = times,
            Stamps = [.. times.Select(VideoSampling.Stamp)],
            TokensPerFrame = reader.Tokens,
            Sound = sound,
            TotalFrames = facts.Frames,
            FramesPerSecond = facts.FramesPerSecond,
            Seconds = facts.Seconds,
            Note = note.Length > 0 ? note : null,
            SourceHeight = reader.Height,
            SourceWidth = reader.Width,
            Decoding = Stopwatch.GetElapsedTime(started) - reader.Resizing,
            Resizing = reader.Resizing,
        };
    }

    private static (float[] Samples, string? Note) ReadSound(string path, MediaLimits limits, CancellationToken token)
    {
        float[] samples = Sound.Read(path, out string? note, limits, token);
        return (samples, note);
    }

    /// <summary>One run of ffmpeg over the frames, and what came of it.</summary>
    private sealed class FrameReader(string ffmpeg, string path, MediaKind kind, VideoOptions options, MediaLimits limits, CancellationToken token)
    {
        public List<Picture> Frames { get; } = [];

        public long[] Indices { get; private set; } = [];

        public int Height { get; private set; }

        public int Width { get; private set; }

        public int Tokens { get; private set; }

        public TimeSpan Resizing { get; private set; }

        /// <summary>What ffmpeg said although it came to an end.</summary>
        public string? Complaint { get; private set; }

        /// <summary>Reads the frames that the rule picks.</summary>
        /// <returns>False if the video ended before the last of them.</returns>
        public bool TryRead(VideoFacts facts)
        {
            Frames.Clear();
            Indices = VideoSampling.Indices(facts.Frames, VideoSampling.Count(facts.Frames, facts.FramesPerSecond, options));

            // Frames get new times, one after the other at the output's rate, so that no version of ffmpeg repeats or drops any.
            string pick = $"select='{VideoSampling.Condition(Indices)}',settb=1/25,setpts=N";
            string[] command =
            [
                .. Ffmpeg.Input(path, kind, limits), "-map", "0:V:0", "-vf", pick, "-r", "25", "-frames:v", $"{Indices.Length}",
                "-c:v", "pam", "-pix_fmt", "rgb24", "-f", "image2pipe", "pipe:1",
            ];
            using FfmpegRun run = new(ffmpeg, command, path, "moving pictures", limits, token);
            ReadFrames(run);
            run.Finish();
            Complaint = run.Complaint;
            return Frames.Count == Indices.Length;
        }

        private void ReadFrames(FfmpegRun run)
        {
            try
            {
                using BufferedStream output = new(run.Output);
                byte[] pixels = [];
                BicubicResize? resize = null;
                (int height, int width) = (0, 0);
                while (Frames.Count < Indices.Length && Pixmap.Read(output) is { } header)
                {
                    if (resize is null)
                    {
                        PictureFile.CheckPixels(header.Width, header.Height, path, limits);
                        (Height, Width) = (header.Height, header.Width);
                        (height, width, Tokens) = ImageSizing.Target(Height, Width, options.Budget);
                        resize = new BicubicResize(Height, Width, height, width);
                        pixels = new byte[(long)PixelBytes * Height * Width];
                    }

                    if (header != new Pixmap(Height, Width, PixelBytes))
                    {
                        throw run.Failed();
                    }

                    output.ReadExactly(pixels);
                    long started = Stopwatch.GetTimestamp();
                    byte[] resized = new byte[PixelBytes * height * width];
                    resize.Run(pixels, resized);
                    Frames.Add(new Picture(height, width, resized));
                    Resizing += Stopwatch.GetElapsedTime(started);
                }
            }
            catch (Exception error) when (error is IOException or InvalidDataException)
            {
                run.ThrowIfStopped();
                throw run.Failed();
            }
        }
    }
}
