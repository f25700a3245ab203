using System;
using System.Text;

namespace GemmaVk.Text;

/// <summary>What one more token showed: whole characters, then the control token if it was one.</summary>
/// <param name="Text">Characters that are complete now; may be empty.</param>
/// <param name="Control">The spelling of the control token, else null.</param>
public readonly record struct DetokenizedPiece(string Text, string? Control);

/// <summary>
/// Step 10 of the token path; from the Runtime's generator, to <see cref="ResponseParser"/> or the screen. Takes ids one at a time and
/// shows text only at character boundaries: bytes of an unfinished UTF-8 sequence are held back until it is complete or cannot become
/// valid, which gives one U+FFFD for each maximal invalid part. A control token ends a pending sequence. Not for several threads.
/// </summary>
public sealed class StreamingDetokenizer
{
    private readonly BpeTokenizer _tokenizer;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>Starts an empty stream.</summary>
    public StreamingDetokenizer(BpeTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _tokenizer = tokenizer;
    }

    /// <summary>Takes the next id and gives what can be shown.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not of the vocabulary.</exception>
    public DetokenizedPiece Append(int id)
    {
        if (_tokenizer.Specials.TryGetText(id, out string control))
        {
            return new DetokenizedPiece(Finish(), control);
        }

        ReadOnlySpan<byte> spelling = _tokenizer.Bytes(id);
        if (_tokenizer.TryGetByte(id, out byte single))
        {
            return new DetokenizedPiece(Decode([single], flush: false), null);
        }

        return new DetokenizedPiece(Decode(spelling, flush: false).Replace('\u2581', ' '), null);
    }

    /// <summary>What was still held back: at most one U+FFFD. The stream is empty afterwards.</summary>
    public string Finish() => Decode([], flush: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        // Three held bytes can give one character more than the new bytes do.
        Span<char> few = stackalloc char[256];
        Span<char> characters = bytes.Length + 4 <= few.Length ? few : new char[bytes.Length + 4];
        int count = _decoder.GetChars(bytes, characters, flush);
        return new string(characters[..count]);
    }
}
