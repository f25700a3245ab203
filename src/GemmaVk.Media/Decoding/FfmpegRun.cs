using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Tensors;
using static System.FormattableString;

namespace GemmaVk.Media.Decoding;

/// <summary>
/// One run of ffmpeg, ffprobe or another program that reads files for us. It is killed, with what it started, when it is cancelled, takes too long, or is disposed of before its end;
/// of what it complains about the end is kept.
/// </summary>
internal sealed class FfmpegRun : IDisposable
{
    private const int KeptErrorBytes = 4096;

    // Runs that are under way: where the whole process ends in their midst, they end with it.
    private static readonly HashSet<FfmpegRun> UnderWay = [];

    private readonly string _subject;
    private readonly string _wanted;
    private readonly string _called;
    private readonly MediaLimits _limits;
    private readonly CancellationToken _token;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenRegistration _killing;
    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly Task _feeding;
    private volatile Exception? _inputFailed;

    static FfmpegRun() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        lock (UnderWay)
        {
            foreach (FfmpegRun run in UnderWay)
            {
                run.Kill();
            }
        }
    };

    /// <param name="program">Full path.</param>
    /// <param name="arguments">One by one: there is no shell.</param>
    /// <param name="subject">The file, for messages.</param>
    /// <param name="wanted">What is taken out of it, for messages: "a sound track".</param>
    /// <param name="limits">The longest time it may take.</param>
    /// <param name="token">Kills it.</param>
    /// <param name="input">What it gets to read; not closed here.</param>
    /// <param name="called">What the program is called in messages.</param>
    public FfmpegRun(string program, IEnumerable<string> arguments, string subject, string wanted, MediaLimits limits, CancellationToken token, Stream? input = null, string called = "ffmpeg")
    {
        _called = called;
        token.ThrowIfCancellationRequested();
        _subject = subject;
        _wanted = wanted;
        _limits = limits;
        _token = token;
        ProcessStartInfo start = new(program)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            // Under the lock, so that no child is started that the end of the process does not know of.
            lock (UnderWay)
            {
                _process = Process.Start(start)!;
                UnderWay.Add(this);
            }
        }
        catch (Exception error) when (error is Win32Exception or InvalidOperationException)
        {
            throw new GemmaVkException($"{subject} is read through {program}, but that could not be started: {Tensors.Complaint.Of(error)} Install {called} with '{(called == "ffmpeg" ? Ffmpeg.Installation : PdfPagePicture.Installation)}'.", error);
        }

        _deadline = CancellationTokenSource.CreateLinkedTokenSource(token);
        _killing = _deadline.Token.Register(Kill);
        _deadline.CancelAfter(limits.Time);
        _errors = Task.Run(ReadErrors, CancellationToken.None);
        _feeding = Task.Run(() => Feed(input), CancellationToken.None);
    }

    /// <summary>Its standard output, which ends when it does. A read after its end calls for <see cref="Finish"/>.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>What it complained about although it came to an end: a line, or null. For after <see cref="Finish"/>.</summary>
    public string? Complaint => _errors.Wait(TimeSpan.FromSeconds(5)) && Short(_errors.Result) is { Length: > 0 } said ? $"{_called} says \"{said}\"" : null;

    /// <summary>Whether it said words. For after <see cref="Finish"/>.</summary>
    public bool Says(string words) => _errors.Wait(TimeSpan.FromSeconds(5)) && _errors.Result.Contains(words, StringComparison.Ordinal);

    /// <summary>Counts its time from now on: one that is read slowly is not slow itself.</summary>
    public void Wait() => _deadline.CancelAfter(_limits.Time);

    /// <summary>Stops counting its time.</summary>
    public void Rest() => _deadline.CancelAfter(Timeout.InfiniteTimeSpan);

    /// <summary>Waits for the end and judges it.</summary>
    /// <param name="came">Something came that is of use: that it failed behind it is then a <see cref="Complaint"/>, for the person to judge.</param>
    /// <exception cref="GemmaVkException">It failed or took too long.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Finish(bool came = false)
    {
        try
        {
            _process.WaitForExitAsync(_deadline.Token).Wait(CancellationToken.None);
        }
        catch (AggregateException error) when (error.InnerException is OperationCanceledException)
        {
            ThrowIfStopped();
        }

        ThrowIfStopped();
        if (_inputFailed is { } failed)
        {
            throw MediaPath.Unreadable(_subject, failed);
        }

        if (_process.ExitCode != 0 && !(came && Complaint is not null))
        {
            throw Failed();
        }
    }

    /// <summary>The error to throw when what came out makes no sense: the reason ffmpeg gives, or that it gives none.</summary>
    public GemmaVkException Failed()
    {
        // One that has closed its output is about to say why; one that goes on is stopped.
        bool stopped = !_errors.Wait(TimeSpan.FromSeconds(5));
        if (stopped)
        {
            Kill();
        }

        string errors = _errors.Wait(TimeSpan.FromSeconds(5)) ? _errors.Result : "";
        if (errors.Contains("matches no streams", StringComparison.Ordinal))
        {
            return new GemmaVkException($"{_subject} must have {_wanted}, but has none; give it as what it is, or use another file.");
        }

        if (errors.Contains("max pixel count", StringComparison.Ordinal))
        {
            return PictureFile.TooLarge(_subject, "more", _limits);
        }

        string reason = Short(errors);
        // The runtime gives a child that a signal ended 128 and its number, a moment after its streams are closed.
        if (reason.Length == 0 && !stopped && _process.WaitForExit(TimeSpan.FromSeconds(5)) && _process.ExitCode is > 128 and <= 192 and int code)
        {
            return new GemmaVkException(Invariant($"{_subject} could not be decoded: {_called} was ended by signal {code - 128}{(code == 137 ? ", as the system does when memory runs out" : "")}; try again with more memory free, or use a smaller file."));
        }

        return new GemmaVkException($"{_subject} could not be decoded: {_called} {(reason.Length > 0 ? $"says \"{reason}\"" : "ends without a reason, and what it gave is not what was asked")}; check that the file plays elsewhere, or convert it.");
    }

    /// <summary>Throws if somebody cancelled, or the time is up.</summary>
    public void ThrowIfStopped()
    {
        _token.ThrowIfCancellationRequested();
        if (_deadline.IsCancellationRequested)
        {
            throw new GemmaVkException(Invariant($"{_subject} must be decoded within {_limits.Time.TotalSeconds:N0} seconds, but {_called} was not done by then and has been stopped; use a shorter or smaller file."));
        }
    }

    public void Dispose()
    {
        _killing.Dispose();
        Kill();
        lock (UnderWay)
        {
            UnderWay.Remove(this);
        }

        _deadline.Dispose();
        _process.Dispose();
    }

    /// <summary>How ffmpeg ends a line that refuses an input: a name, a colon, and one of these.</summary>
    private static readonly string[] Verdicts = ["Invalid data found when processing input", "End of file"];

    /// <summary>The line worth showing: the last that has a reason, without addresses and bytes that a terminal would obey.</summary>
    internal static string Short(string errors)
    {
        const int Longest = 160;
        string[] lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string line = lines.LastOrDefault(line => !IsConsequence(line)) ?? lines.LastOrDefault(line => !line.StartsWith("Conversion failed", StringComparison.Ordinal)) ?? "";
        if (line.StartsWith('[') && line.Contains("] ", StringComparison.Ordinal))
        {
            line = line[(line.IndexOf("] ", StringComparison.Ordinal) + 2)..];
        }

        // The sentence around it names the input already.
        if (Verdicts.FirstOrDefault(verdict => line.EndsWith(": " + verdict, StringComparison.Ordinal)) is { } bare)
        {
            line = bare;
        }

        line = string.Concat(line.Where(letter => !char.IsControl(letter) && letter is not '"' and not '\uFFFD'));
        return line.Length <= Longest ? line : line[..Longest] + "...";
    }

    private static bool IsConsequence(string line)
    {
        foreach (string start in (ReadOnlySpan<string>)["Conversion failed", "Error while decoding", "Cannot determine format", "Error marking filters", "Error writing", "Finishing stream", "Nothing was written"])
        {
            if (line.StartsWith(start, StringComparison.Ordinal))
            {
                return true;
            }
        }

        // That the input is refused is said last; a line before it says why.
        return Verdicts.Any(verdict => line.EndsWith(": " + verdict, StringComparison.Ordinal));
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception or NotSupportedException or AggregateException)
        {
            // It has ended by itself.
        }
    }

    // A program that complains without end must not fill the memory: the last bytes are kept.
    private string ReadErrors()
    {
        byte[] kept = new byte[2 * KeptErrorBytes];
        int count = 0;
        try
        {
            for (int came; (came = _process.StandardError.BaseStream.Read(kept, count, kept.Length - count)) > 0;)
            {
                count += came;
                if (count > KeptErrorBytes)
                {
                    kept.AsSpan(count - KeptErrorBytes, KeptErrorBytes).CopyTo(kept);
                    count = KeptErrorBytes;
                }
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Disposed of: nobody asks any more.
        }

        return Encoding.UTF8.GetString(kept, 0, count);
    }

    private void Feed(Stream? input)
    {
        byte[] block = new byte[1 << 16];
        try
        {
            using Stream to = _process.StandardInput.BaseStream;
            for (int came; input is not null && (came = Take(input, block)) > 0;)
            {
                to.Write(block, 0, came);
                to.Flush();
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It does not want the rest.
        }
    }

    private int Take(Stream input, byte[] block)
    {
        try
        {
            return input.Read(block);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException or NotSupportedException or OperationCanceledException)
        {
            _inputFailed = error;
            return 0;
        }
    }
}
