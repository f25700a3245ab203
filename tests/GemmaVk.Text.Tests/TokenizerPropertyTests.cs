using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FsCheck.Xunit;
using Xunit;

namespace GemmaVk.Text.Tests;

public sealed class TokenizerPropertyTests
{
    [Property(MaxTest = 500)]
    public bool DecodeUndoesEncode(HardText text) =>
        Pebble.Tokenizer.Decode(Pebble.Tokenizer.Encode(text.Text, specials: false), skipSpecials: true) == Utf8.Repair(text.Text)
        && Pebble.Tokenizer.Decode(Pebble.Tokenizer.Encode(text.Text, specials: true), skipSpecials: false) == Utf8.Repair(text.Text);

    [Property(MaxTest = 500)]
    public bool TextAloneNeverGivesAControlToken(HardText text) =>
        !Pebble.Tokenizer.Encode(text.Text, specials: false).Any(Pebble.Tokenizer.Specials.IsControl);

    [Property(MaxTest = 500)]
    public void MergesLikeThePlainAlgorithm(ValidText text) =>
        Assert.Equal(PlainBpe.Encode(text.Text), Pebble.Tokenizer.Encode(text.Text, specials: false));

    [Property(MaxTest = 500)]
    public void StreamedChunksGiveTheDecodedText(TokenIds tokens)
    {
        var stream = new StreamingDetokenizer(Pebble.Tokenizer);
        var text = new StringBuilder();
        foreach (int id in tokens.Ids)
        {
            string chunk = stream.Append(id).Text;
            Assert.Equal(chunk, Utf8.Repair(chunk));
            text.Append(chunk);
        }

        Assert.Equal(Pebble.Tokenizer.Decode(tokens.Ids, skipSpecials: true), text.Append(stream.Finish()).ToString());
    }

    [Property(MaxTest = 500)]
    public void ByteTokensDecodeAsUtf8(byte[] bytes) =>
        Assert.Equal(Encoding.UTF8.GetString(bytes), Pebble.Tokenizer.Decode([.. bytes.Select(b => 24 + b)], skipSpecials: false));

    [Fact]
    public void RefusesIdsOutsideTheVocabulary()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Pebble.Tokenizer.Decode([1024], skipSpecials: false));
        Assert.Throws<ArgumentOutOfRangeException>(() => new StreamingDetokenizer(Pebble.Tokenizer).Append(-1));
    }

    /// <summary>The definition, slowly: find the lowest rank among all neighbours, merge its leftmost place, start again.</summary>
    private static class PlainBpe
    {
        private static readonly Dictionary<string, int> Ids = GoldenJson.Read(GoldenJson.PebbleTokenizer).GetProperty("model").GetProperty("vocab")
            .EnumerateObject().ToDictionary(token => token.Name, token => token.Value.GetInt32());

        private static readonly Dictionary<(string, string), int> Ranks = GoldenJson.Read(GoldenJson.PebbleTokenizer).GetProperty("model").GetProperty("merges")
            .EnumerateArray().Select((pair, rank) => (pair, rank)).ToDictionary(merge => (merge.pair[0].GetString()!, merge.pair[1].GetString()!), merge => merge.rank);

        public static int[] Encode(string text)
        {
            List<string> pieces = [.. text.Replace(' ', '\u2581').EnumerateRunes().SelectMany(Split)];
            while (true)
            {
                int best = -1;
                for (int i = 0; i + 1 < pieces.Count; i++)
                {
                    int rank = Rank(pieces, i);
                    best = rank < int.MaxValue && (best < 0 || rank < Rank(pieces, best)) ? i : best;
                }

                if (best < 0)
                {
                    return [.. pieces.Select(piece => Ids[piece])];
                }

                pieces[best] += pieces[best + 1];
                pieces.RemoveAt(best + 1);
            }
        }

        private static int Rank(List<string> pieces, int at) => Ranks.GetValueOrDefault((pieces[at], pieces[at + 1]), int.MaxValue);

        private static IEnumerable<string> Split(Rune rune) =>
            Ids.ContainsKey(rune.ToString()) ? [rune.ToString()] : Encoding.UTF8.GetBytes(rune.ToString()).Select(b => $"<0x{b:X2}>");
    }
}
