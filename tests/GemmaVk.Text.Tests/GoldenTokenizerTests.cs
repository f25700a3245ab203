using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Xunit;

namespace GemmaVk.Text.Tests;

/// <summary>The real vocabulary against vectors of the published tokenizer.</summary>
public sealed class GoldenTokenizerTests
{
    [RealVocabularyFact]
    public void EncodesEveryCase()
    {
        var wrong = new List<string>();
        int cases = 0;
        foreach (JsonElement item in GoldenJson.Of("tokenizer", "encode.json").Cases())
        {
            string text = item.Str("text");
            int[] expected = item.GetProperty("ids").Ints();
            int[] ids = RealVocabulary.Tokenizer.Encode(text, item.GetProperty("specials").GetBoolean());
            string decoded = item.TryGetProperty("decoded", out JsonElement other) ? other.GetString()! : text;
            string skipped = item.TryGetProperty("decoded_skip", out JsonElement skip) ? skip.GetString()! : decoded;
            if (!ids.SequenceEqual(expected))
            {
                wrong.Add($"{item.Str("group")} {JsonSerializer.Serialize(text)}: expected {string.Join(' ', expected)}, got {string.Join(' ', ids)}");
            }
            else if (RealVocabulary.Tokenizer.Decode(ids, skipSpecials: false) != decoded || RealVocabulary.Tokenizer.Decode(ids, skipSpecials: true) != skipped)
            {
                wrong.Add($"{item.Str("group")} {JsonSerializer.Serialize(text)} decodes to something else");
            }

            cases++;
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {cases} wrong:\n" + string.Join('\n', wrong.Take(20)));
        Assert.Equal(2083, cases);
    }

    [RealVocabularyFact]
    public void DecodesEveryCase()
    {
        int cases = 0;
        foreach (JsonElement item in GoldenJson.Of("tokenizer", "decode.json").Cases())
        {
            int[] ids = item.GetProperty("ids").Ints();
            bool broken = item.TryGetProperty("text_skip_stream", out JsonElement stream);
            Assert.Equal(broken ? stream.GetString() : item.Str("text_skip"), RealVocabulary.Tokenizer.Decode(ids, skipSpecials: true));
            if (!broken)
            {
                Assert.Equal(item.Str("text"), RealVocabulary.Tokenizer.Decode(ids, skipSpecials: false));
            }

            cases++;
        }

        Assert.Equal(300, cases);
    }

    [RealVocabularyFact]
    public void StreamsEveryCase()
    {
        int cases = 0;
        foreach (JsonElement item in GoldenJson.Of("tokenizer", "stream.json").Cases())
        {
            var stream = new StreamingDetokenizer(RealVocabulary.Tokenizer);
            string[] chunks = [.. item.GetProperty("ids").Ints().Select(id => stream.Append(id).Text)];
            string final = stream.Finish();
            Assert.Equal(item.Str("text"), string.Concat(chunks) + final);

            // Of broken bytes only the concatenation is fixed: where in it a U+FFFD appears is free.
            if (item.GetProperty("valid").GetBoolean() && !item.Str("text").Contains('\uFFFD', StringComparison.Ordinal))
            {
                Assert.Equal(item.GetProperty("chunks").EnumerateArray().Select(chunk => chunk.GetString()), chunks);
                Assert.Equal(item.Str("final"), final);
            }

            cases++;
        }

        Assert.Equal(102, cases);
    }

    [RealVocabularyFact]
    public void EncodesLongTexts()
    {
        int cases = 0;
        foreach (JsonElement item in GoldenJson.Read(Path.Combine(Repository.Shared ?? "", "golden", "tokenizer", "long.json")).Cases())
        {
            string text = item.GetProperty("repeat") is { ValueKind: JsonValueKind.Array } repeat
                ? string.Concat(Enumerable.Repeat(repeat[0].GetString()!, repeat[1].GetInt32()))
                : item.Str("text");
            Assert.Equal(item.Str("utf8_sha256"), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
            int[] ids = RealVocabulary.Tokenizer.Encode(text, specials: true);
            Assert.Equal(item.GetProperty("id_count").GetInt32(), ids.Length);
            Assert.Equal(item.GetProperty("ids_head").Ints(), ids[..16]);
            Assert.Equal(item.GetProperty("ids_tail").Ints(), ids[^16..]);
            Assert.Equal(item.Str("ids_sha256"), Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<int>(ids))));
            Assert.Equal(text, RealVocabulary.Tokenizer.Decode(ids, skipSpecials: false));
            cases++;
        }

        Assert.Equal(16, cases);
    }

    [RealVocabularyFact]
    public void FindsTheReleasedIdsOfControlTokens()
    {
        SpecialTokens specials = RealVocabulary.Tokenizer.Specials;
        Assert.Equal(262_144, RealVocabulary.Tokenizer.VocabularySize);
        Assert.Equal([0, 1, 2], [specials.Pad, specials.Eos, specials.Bos]);
        Assert.Equal([1, 106, 50], specials.Stops);
        Assert.Equal([258883, 258882], specials.Suppressed);
        Assert.Equal([255999, 258880, 258882], [specials.ImageOpen, specials.ImageSoft, specials.ImageClose]);
        Assert.Equal([256000, 258881, 258883], [specials.AudioOpen, specials.AudioSoft, specials.AudioClose]);
        Assert.Equal(258884, specials.VideoSoft);
        Assert.Equal(24, Enumerable.Range(0, RealVocabulary.Tokenizer.VocabularySize).Count(specials.IsControl));
    }
}
