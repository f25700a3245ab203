using System;
using System.IO;
using GemmaVk.Media;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Transcripts;
using Microsoft.Extensions.AI;

namespace GemmaVk.Speech;

/// <summary>What is to be heard, and how it is to be written.</summary>
/// <param name="Audio">Read once, from where it stands.</param>
/// <param name="Instruction">What the model is told about each piece.</param>
internal sealed record SpeechRequest(Stream Audio, string Instruction)
{
    /// <summary>What the sound is called in messages.</summary>
    public const string Name = "the audio stream";

    /// <exception cref="GemmaVkException">An option that cannot be honoured.</exception>
    public static SpeechRequest From(Gemma4Config config, Stream audio, SpeechToTextOptions? options)
    {
        ArgumentNullException.ThrowIfNull(audio);
        if (!audio.CanRead)
        {
            throw new GemmaVkException($"{Name}: expected one that can be read, but {(audio.CanWrite ? "it can only be written" : "it is closed")}; open it for reading.");
        }

        if (options?.SpeechSampleRate is { } rate and not SampleStream.Rate)
        {
            throw new GemmaVkException($"SpeechSampleRate {rate}: expected none, or {SampleStream.Rate} for bare samples; a sound file says its own rate. Leave it out, or resample.");
        }

        if (options?.RawRepresentationFactory is not null)
        {
            throw new GemmaVkException("RawRepresentationFactory: expected none, because no other service's options stand behind this client; leave it out.");
        }

        string? spoken = SpokenLanguage.NameOf(options?.SpeechLanguage, nameof(SpeechToTextOptions.SpeechLanguage));
        string? written = SpokenLanguage.NameOf(options?.TextLanguage, nameof(SpeechToTextOptions.TextLanguage));
        return new SpeechRequest(audio, Transcriber.Instruction(config, written == spoken ? null : written, spoken));
    }

    /// <summary>
    /// Opens the sound. A stream that can go back and cannot be heard from its beginning, such as a clip with its index at the end, is put into a
    /// file for as long as it is read.
    /// </summary>
    /// <param name="copy">That file, or null; the caller's to dispose of, after the sound.</param>
    /// <param name="cancel">Stops reading.</param>
    public SampleStream Open(out FileStream? copy, System.Threading.CancellationToken cancel)
    {
        copy = null;
        long from = Audio.CanSeek ? Audio.Position : 0;
        try
        {
            return SampleStream.FromPipe(Audio, Name, cancel);
        }
        catch (GemmaVkException) when (Audio.CanSeek)
        {
            Audio.Position = from;
            string file = "";
            try
            {
                copy = MediaLoader.Nameless(out file);
                Audio.CopyTo(copy);
                copy.Flush();
                return SampleStream.Open(file, token: cancel);
            }
            catch (Exception error) when (error is GemmaVkException or IOException or UnauthorizedAccessException)
            {
                copy?.Dispose();
                copy = null;
                throw new GemmaVkException(file.Length == 0 ? $"{Name}: {error.Message}" : error.Message.Replace(file, Name, StringComparison.Ordinal), error);
            }
        }
    }
}
