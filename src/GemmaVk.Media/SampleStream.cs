using System;
using System.IO;
using System.Linq;
using System.Threading;
using GemmaVk.Media.Audio;
using GemmaVk.Media.Decoding;
using GemmaVk.Tensors;
using static System.FormattableString;

namespace GemmaVk.Media;

/// <summary>
/// Sound as it comes, in the model's form: one channel at 16 kHz, pulled block by block. From a file, a pipe or the microphone. WAV files and
/// pipes need nothing; other files and the microphone run through ffmpeg. For one thread at a time.
/// </summary>
public sealed class SampleStream : IDisposable
{
    /// <summary>Samples a second.</summary>
    public const int Rate = Resampler.TargetRate;

    private const int BlockFrames = 4096;
    private const int WavStart = 12;

    private static readonly string[] Samples = ["-ac", "1", "-ar", $"{Rate}", "-c:a", "pcm_f32le", "-f", "f32le"];

    private readonly string _name;
    private readonly WavFormat _format;
    private readonly Stream _bytes;
    private readonly Source _source;
    private readonly FfmpegRun? _run;
    private readonly FileStamp? _stamp;
    private readonly Resampler? _resampler;
    private readonly long _mostSamples;
    private readonly TimeSpan _longest;
    private readonly byte[] _block;
    private readonly float[] _mono;
    private int _blockCount;
    private long _bytesCame;
    private long? _bytesLeft;
    private long _samples;
    private bool _inputEnded;

    private SampleStream(string name, Source source, MediaLimits? limits)
    {
        _name = name;
        _source = source;
        (_format, _bytes, _bytesLeft, _run, _stamp) = (source.Format, source.Bytes, source.Left, source.Run, source.Stamp);
        _resampler = _format.Rate == Rate ? null : new Resampler(_format.Rate);
        _longest = limits?.Duration ?? TimeSpan.MaxValue;
        _mostSamples = limits is null ? long.MaxValue : (long)(limits.Duration.TotalSeconds * Rate);
        _block = new byte[BlockFrames * _format.FrameBytes];
        _mono = new float[BlockFrames];
    }

    /// <summary>
    /// What is not to be passed over, known at the end: that the header gives another length than came, or what ffmpeg complained about; or null.
    /// </summary>
    public string? Note { get; private set; }

    /// <summary>How much came until now.</summary>
    public TimeSpan Came => TimeSpan.FromSeconds((double)_samples / Rate);

    /// <summary>Samples that are certain to come at most, where a header says so.</summary>
    internal long? Expected => _run is null && _bytesLeft is { } left
        ? Math.Min(_mostSamples, ((left / _format.FrameBytes * Rate) + _format.Rate - 1) / _format.Rate)
        : null;

    /// <summary>Opens a sound file, or the sound track of a video.</summary>
    /// <param name="path">A file.</param>
    /// <param name="limits">Or the default ones.</param>
    /// <param name="token">Stops reading, and ffmpeg.</param>
    /// <exception cref="GemmaVkException">It is no sound, damaged, or needs ffmpeg and there is none; reads throw it too.</exception>
    public static SampleStream Open(string path, MediaLimits? limits = null, CancellationToken token = default)
    {
        limits ??= MediaLimits.Default;
        MediaKind kind = MediaKind.Of(path);
        if (kind.Form == MediaForm.Picture)
        {
            throw new GemmaVkException($"{path} must be a sound, but its bytes are those of {kind.WithArticle}; give it as one.");
        }

        if (kind == MediaKind.Wav && OpenWav(path, token) is { } own)
        {
            return new SampleStream(path, own, limits);
        }

        FileStamp stamp = FileStamp.Of(path);
        string ffmpeg = Ffmpeg.Require(limits, $"{path} is a {kind}");
        FfmpegRun run = new(
            ffmpeg,
            [.. Ffmpeg.Input(path, kind, limits), "-map", "0:a:0", "-t", Invariant($"{Math.Ceiling(limits.Duration.TotalSeconds) + 1:F0}"), .. Samples, "pipe:1"],
            path, "a sound track", limits, token);
        return new SampleStream(path, new Source(WavFormat.FromFfmpeg, run.Output, null, run, stamp, null, came => SoundLength.Missing(ffmpeg, path, kind, came, limits, token)), limits);
    }

    /// <summary>
    /// Takes a pipe: a WAV file as it is written; what else of sounds and clips can be heard from its beginning, through ffmpeg; or, where nothing known
    /// begins so, bare 16-bit little-endian samples at 16 kHz, one channel.
    /// </summary>
    /// <param name="pipe">Standard input, for one; not closed here. It may go on for ever.</param>
    /// <param name="name">For messages: "-".</param>
    /// <param name="token">Stops waiting for the pipe.</param>
    /// <exception cref="GemmaVkException">It carries what is no sound, or what cannot be heard from a pipe, or needs ffmpeg and there is none.</exception>
    public static SampleStream FromPipe(Stream pipe, string name, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        PrefixedStream bytes = new(pipe, token);
        try
        {
            MediaKind? kind = PipeStart.KindOf(bytes, name);
            if (kind is null)
            {
                return new SampleStream(name, new Source(WavFormat.RawPipe, bytes, null, null, null, null), null);
            }

            // Of a WAV file with another's codec ffmpeg must have all again.
            if (kind == MediaKind.Wav && WavCodec.IsOwn(bytes))
            {
                bytes.ReadExactly(new byte[WavStart]);
                WavHead head = WavFormat.Read(bytes, name, left: null);
                return head.Format is { } format
                    ? new SampleStream(name, new Source(format, bytes, head.Bytes, null, null, head.Said), null)
                    : throw WavFormat.Bad(name, "one chunk \"fmt \"", "several");
            }

            // A pipe takes as long as somebody speaks.
            MediaLimits limits = MediaLimits.Default with { Time = Timeout.InfiniteTimeSpan };
            FfmpegRun run = new(
                Ffmpeg.Require(limits, $"{name} carries a {kind}"), [.. Ffmpeg.Input(null, kind, limits), "-map", "0:a:0", .. Samples, "-flush_packets", "1", "pipe:1"],
                name, "a sound track", limits, token, bytes);
            return new SampleStream(name, new Source(WavFormat.FromFfmpeg, run.Output, null, run, null, null), null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException or NotSupportedException)
        {
            throw MediaPath.Unreadable(name, error);
        }
    }

    /// <summary>Listens to a microphone through ffmpeg, until cancelled or disposed of.</summary>
    /// <param name="device">ffmpeg's input format and device with a colon between ("pulse:default", "alsa:hw:0", "avfoundation::0", "dshow:audio=Microphone"), or null for the system's usual one.</param>
    /// <param name="limits">Names the program; its other limits do not apply.</param>
    /// <param name="token">Ends it.</param>
    /// <exception cref="GemmaVkException">There is no ffmpeg, or no such device.</exception>
    public static SampleStream Microphone(string? device = null, MediaLimits? limits = null, CancellationToken token = default)
    {
        string input = device ?? Audio.Microphone.Usual();
        int colon = input.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1 || colon == input.Length - 1)
        {
            throw new GemmaVkException($"The microphone must be given as FORMAT:DEVICE, such as pulse:default, but is \"{input}\"; 'ffmpeg -devices' lists the formats.");
        }

        limits = (limits ?? MediaLimits.Default) with { Time = Timeout.InfiniteTimeSpan };
        string program = Ffmpeg.Require(limits, $"The microphone {input} is a sound device");
        string[] command =
        [
            "-nostdin", "-hide_banner", "-loglevel", "error", "-f", input[..colon], "-i", input[(colon + 1)..],
            .. Samples, "-flush_packets", "1", "pipe:1",
        ];
        FfmpegRun run = new(program, command, $"The microphone {input}", "a sound track", limits, token);
        return new SampleStream($"The microphone {input}", new Source(WavFormat.FromFfmpeg, run.Output, null, run, null, null), null);
    }

    /// <summary>Waits for samples.</summary>
    /// <param name="samples">Where they go, in [-1, 1] unless the file goes beyond.</param>
    /// <returns>How many came, at least 1; 0 at the end.</returns>
    /// <exception cref="GemmaVkException">The source is damaged, failed, or is longer than the limit.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public int Read(Span<float> samples)
    {
        int count = samples.IsEmpty ? 0 : _resampler is null ? ReadMono(samples) : ReadResampled(_resampler, samples);
        _samples += count;
        return _samples <= _mostSamples ? count : throw new GemmaVkException(
            $"{_name} must be at most {_longest:c} long, but is longer; cut it into pieces.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _run?.Dispose();
        if (_run is null)
        {
            _bytes.Dispose();
        }
    }

    // Null where the codec needs ffmpeg.
    private static Source? OpenWav(string path, CancellationToken token)
    {
        FileStream file = MediaPath.Open(path);
        try
        {
            FileStamp stamp = FileStamp.Of(file, path);
            file.Seek(WavStart, SeekOrigin.Begin);
            PrefixedStream bytes = new(file, token);
            WavHead head = WavFormat.Read(bytes, path, stamp.Length - WavStart);
            if (head.Format is { } format)
            {
                return new Source(format, bytes, head.Bytes, null, stamp, head.Said);
            }

            file.Dispose();
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            file.Dispose();
            throw MediaPath.Unreadable(path, error);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private int ReadResampled(Resampler resampler, Span<float> samples)
    {
        int count;
        while ((count = resampler.Take(samples)) == 0 && !_inputEnded)
        {
            int came = ReadMono(_mono);
            resampler.Add(_mono.AsSpan(0, came));
            if (came == 0)
            {
                _inputEnded = true;
                resampler.End();
            }
        }

        return count;
    }

    private int ReadMono(Span<float> samples)
    {
        int frameBytes = _format.FrameBytes;
        int wanted = Math.Min(samples.Length, BlockFrames) * frameBytes;
        while (_blockCount < frameBytes)
        {
            int came = ReadBytes(_block.AsMemory(_blockCount, wanted - _blockCount));
            if (came == 0)
            {
                // A frame that is not whole at the very end is left out.
                Finish();
                return 0;
            }

            _blockCount += came;
        }

        int frames = _blockCount / frameBytes;
        MonoSamples.Decode(_block.AsSpan(0, frames * frameBytes), _format, samples[..frames], _name);
        _blockCount -= frames * frameBytes;
        _block.AsSpan(frames * frameBytes, _blockCount).CopyTo(_block);
        return frames;
    }

    private int ReadBytes(Memory<byte> buffer)
    {
        buffer = _bytesLeft < buffer.Length ? buffer[..(int)_bytesLeft.Value] : buffer;
        if (buffer.IsEmpty)
        {
            return 0;
        }

        int came;
        try
        {
            _run?.Wait();
            came = _bytes.Read(buffer.Span);
            _run?.Rest();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException && _run is null)
        {
            throw MediaPath.Unreadable(_name, error);
        }

        _bytesLeft -= came;
        _bytesCame += came;
        return came;
    }

    private void Finish()
    {
        _run?.Finish(came: _samples > 0);
        if (_stamp is { } stamp && FileStamp.Of(_name) != stamp)
        {
            throw MediaPath.Changed(_name);
        }

        if (Note is null && _run is not null)
        {
            string?[] odd = [_source.Missing?.Invoke(Came.TotalSeconds), _run.Complaint];
            string note = string.Join("; ", odd.Where(each => each is not null));
            Note = note.Length > 0 ? note : null;
        }
        else if (Note is null && (_source.Said ?? (_bytesLeft > 0 ? _bytesCame + _bytesLeft : null)) is { } said && said + _bytesCame > 0)
        {
            // What was promised and did not come; of a pipe that is known at its end.
            Note = WavHead.Note(_format, said, _bytesCame);
        }
    }

    /// <summary>Where the bytes come from, and what the header gives where that cannot be.</summary>
    private sealed record Source(WavFormat Format, Stream Bytes, long? Left, FfmpegRun? Run, FileStamp? Stamp, long? Said, Func<double, string?>? Missing = null);
}
