using System;
using System.Collections.Generic;
using System.IO;
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

    private readonly string _name;
    private readonly WavFormat _format;
    private readonly Stream _bytes;
    private readonly FfmpegRun? _run;
    private readonly FileStamp? _stamp;
    private readonly Resampler? _resampler;
    private readonly long _mostSamples;
    private readonly TimeSpan _longest;
    private readonly CancellationToken _token;
    private readonly byte[] _block;
    private readonly float[] _mono;
    private ReadOnlyMemory<byte> _ahead;
    private int _blockCount;
    private long? _bytesLeft;
    private long _samples;
    private bool _inputEnded;

    private SampleStream(string name, Source source, MediaLimits? limits, CancellationToken token)
    {
        _name = name;
        (_format, _bytes, _bytesLeft, _run, _ahead, _stamp) = source;
        _resampler = _format.Rate == Rate ? null : new Resampler(_format.Rate);
        _longest = limits?.Duration ?? TimeSpan.MaxValue;
        _mostSamples = limits is null ? long.MaxValue : (long)(limits.Duration.TotalSeconds * Rate);
        _token = token;
        _block = new byte[BlockFrames * _format.FrameBytes];
        _mono = new float[BlockFrames];
    }

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
            throw new GemmaVkException($"{path} must be a sound, but its bytes are those of a {kind}; give it as one.");
        }

        if (kind == MediaKind.Wav && OpenWav(path) is { } own)
        {
            return new SampleStream(path, own, limits, token);
        }

        FileStamp stamp = FileStamp.Of(path);
        string[] command =
        [
            .. Ffmpeg.Input(path, kind, limits),
            "-map", "0:a:0", "-t", Invariant($"{Math.Ceiling(limits.Duration.TotalSeconds) + 1:F0}"), "-ac", "1", "-ar", $"{Rate}", "-c:a", "pcm_f32le", "-f", "f32le", "pipe:1",
        ];
        FfmpegRun run = new(Ffmpeg.Require(limits, $"{path} is a {kind}"), command, path, "a sound track", limits, token);
        return new SampleStream(path, new Source(WavFormat.FromFfmpeg, run.Output, null, run, default, stamp), limits, token);
    }

    /// <summary>Takes a pipe: a WAV file as it is written, or bare 16-bit little-endian samples at 16 kHz, one channel.</summary>
    /// <param name="pipe">Standard input, for one; not closed here. It may go on for ever.</param>
    /// <param name="name">For messages: "-".</param>
    /// <param name="token">Stops waiting for the pipe.</param>
    /// <exception cref="GemmaVkException">It carries another format.</exception>
    public static SampleStream FromPipe(Stream pipe, string name, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        byte[] head = new byte[WavStart];
        int count = 0;
        for (int came; count < head.Length && (came = ReadPatiently(pipe, head.AsMemory(count), token)) > 0;)
        {
            count += came;
        }

        ReadOnlyMemory<byte> start = head.AsMemory(0, count);
        if (start.Span.StartsWith("RIFF"u8) && start.Span.EndsWith("WAVE"u8))
        {
            (WavFormat? format, long? bytes) = WavFormat.Read(pipe, name, left: null);
            return new SampleStream(name, new Source(format ?? throw Foreign(name, "a WAV file with a compressed codec"), pipe, bytes, null, default, null), null, token);
        }

        if (start.Span.StartsWith("fLaC"u8) || start.Span.StartsWith("OggS"u8) || start.Span.StartsWith("ID3"u8) || (count > 8 && start.Span[4..].StartsWith("ftyp"u8)))
        {
            throw Foreign(name, MediaKind.OfBytes(start.Span)?.ToString() ?? "another format");
        }

        return new SampleStream(name, new Source(WavFormat.RawPipe, pipe, null, null, start, null), null, token);
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
            "-ac", "1", "-ar", $"{Rate}", "-c:a", "pcm_f32le", "-f", "f32le", "-flush_packets", "1", "pipe:1",
        ];
        FfmpegRun run = new(program, command, $"The microphone {input}", "a sound track", limits, token);
        return new SampleStream($"The microphone {input}", new Source(WavFormat.FromFfmpeg, run.Output, null, run, default, null), null, token);
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
        if (_bytes is FileStream)
        {
            _bytes.Dispose();
        }
    }

    private static GemmaVkException Foreign(string name, string what) =>
        new($"{name} must carry a WAV file or bare 16-bit samples at 16 kHz, but carries {what}; put 'ffmpeg -i pipe:0 -f wav pipe:1' in between.");

    // Null where the codec needs ffmpeg.
    private static Source? OpenWav(string path)
    {
        FileStream file = MediaPath.Open(path);
        try
        {
            FileStamp stamp = FileStamp.Of(file, path);
            byte[] start = new byte[WavStart];
            file.ReadExactly(start);
            (WavFormat? format, long? bytes) = start.AsSpan().StartsWith("RIFF"u8) ? WavFormat.Read(file, path, stamp.Length - WavStart) : (null, null);
            if (format is not null)
            {
                return new Source(format.Value, file, bytes, null, default, stamp);
            }

            file.Dispose();
            return null;
        }
        catch (IOException error)
        {
            file.Dispose();
            throw new GemmaVkException($"{path} must be a readable file, but reading it failed: {error.Message} Check the disk and the file.", error);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // A read from a terminal's pipe cannot be called back: it is left waiting when the token comes.
    private static int ReadPatiently(Stream stream, Memory<byte> buffer, CancellationToken token)
    {
        if (stream is FileStream or MemoryStream || !token.CanBeCanceled)
        {
            token.ThrowIfCancellationRequested();
            return stream.Read(buffer.Span);
        }

        return stream.ReadAsync(buffer, CancellationToken.None).AsTask().WaitAsync(token).GetAwaiter().GetResult();
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
        if (!_ahead.IsEmpty)
        {
            int count = Math.Min(_ahead.Length, buffer.Length);
            _ahead[..count].CopyTo(buffer);
            _ahead = _ahead[count..];
            return count;
        }

        buffer = _bytesLeft < buffer.Length ? buffer[..(int)_bytesLeft.Value] : buffer;
        if (buffer.IsEmpty)
        {
            return 0;
        }

        int came;
        try
        {
            came = ReadPatiently(_bytes, buffer, _token);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException && _run is null)
        {
            throw new GemmaVkException($"{_name} must be readable to its end, but reading it failed: {error.Message} Check the disk and the file.", error);
        }

        _bytesLeft -= came;
        return came;
    }

    private void Finish()
    {
        _run?.Finish();
        if (_stamp is { } stamp && FileStamp.Of(_name) != stamp)
        {
            throw MediaPath.Changed(_name);
        }
    }

    /// <summary>Where the bytes come from.</summary>
    private sealed record Source(WavFormat Format, Stream Bytes, long? Left, FfmpegRun? Run, ReadOnlyMemory<byte> Ahead, FileStamp? Stamp);
}
