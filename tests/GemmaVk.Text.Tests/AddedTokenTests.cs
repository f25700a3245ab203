using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace GemmaVk.Text.Tests;

/// <summary>Added tokens that are words of the text: "special" alone decides what is hidden and never typed. Flags follow the published tokenizers library.</summary>
public sealed class AddedTokenTests
{
    private const int New = 1024;

    [Fact]
    public void AWordOfTheVocabularyThatIsAddedIsStillShown()
    {
        // " red" is a token of the vocabulary; listed among the added ones it must stay a word.
        int id = Pebble.Tokenizer.Encode(" red", specials: false).Single();
        string spelling = Pebble.Tokenizer.Spelling(id);
        Assert.StartsWith("\u2581", spelling, StringComparison.Ordinal);
        BpeTokenizer tokenizer = With((spelling, id, ""));
        Assert.False(tokenizer.Specials.IsControl(id));
        Assert.Equal("The red river", tokenizer.Decode(Pebble.Tokenizer.Encode("The red river", specials: false), skipSpecials: true));
        StreamingDetokenizer stream = new(tokenizer);
        Assert.Equal(new DetokenizedPiece(" red", null), stream.Append(id));
        Assert.Equal([id], tokenizer.Encode(spelling, specials: false));
    }

    [Theory]
    [InlineData("zyx", "azyxb", "a#b")]
    [InlineData("zyx", "zyx", "#")]
    [InlineData("zyx", "zyxzyx", "##")]
    [InlineData("a zyx", "b a zyx", "b #")]
    public void ANewWordIsOneTokenBothWays(string added, string text, string expected)
    {
        foreach (string flags in (string[])["", "normalized"])
        {
            BpeTokenizer tokenizer = With((added, New, flags));
            foreach (bool specials in (bool[])[false, true])
            {
                int[] ids = tokenizer.Encode(text, specials);
                Assert.Equal(expected, Shown(tokenizer, ids));
                Assert.Equal(text, tokenizer.Decode(ids, skipSpecials: true));
            }
        }
    }

    [Fact]
    public void ANormalisedTokenIsFoundInTheNormalisedText()
    {
        // As it came the text has a space, and the token U+2581: only a normalised token meets it.
        Assert.Equal("in Zyx", Shown(With(("\u2581Zyx", New, "")), "in Zyx"));
        Assert.Equal("in#", Shown(With(("\u2581Zyx", New, "normalized")), "in Zyx"));
        Assert.Equal("in#", Shown(With((" Zyx", New, "normalized")), "in Zyx"));
        Assert.Equal("in Zyx", With(("\u2581Zyx", New, "normalized")).Decode(With(("\u2581Zyx", New, "normalized")).Encode("in Zyx", specials: false), skipSpecials: true));
    }

    [Theory]
    [InlineData("single_word", "zyx", "#")]
    [InlineData("single_word", "a zyx b", "a # b")]
    [InlineData("single_word", "azyx zyxb _zyx zyx1 zyx,zyx", "azyx zyxb _zyx zyx1 #,#")]
    [InlineData("single_word", "\u00e9zyx \u4e2dzyx (zyx)", "\u00e9zyx \u4e2dzyx (#)")]
    [InlineData("lstrip", "a \t zyx b", "a# b")]
    [InlineData("rstrip", "a zyx \n b", "a #b")]
    [InlineData("lstrip rstrip", " zyx  zyx ", "##")]
    [InlineData("normalized rstrip", "zyx \n b", "# \n b")]
    [InlineData("normalized rstrip", "zyx\n b", "# b")]
    [InlineData("normalized single_word", "zyxy zyx zyx", "zyxy # #")]
    public void FlagsDoWhatThePublishedLibraryDoes(string flags, string text, string expected) => Assert.Equal(expected, Shown(With(("zyx", New, flags)), text));

    [Fact]
    public void TheLongestOfTheLeftmostCounts()
    {
        BpeTokenizer tokenizer = With(("zy", New, ""), ("zyx", New + 1, ""), ("yxw", New + 2, ""));
        Assert.Equal([New + 1], tokenizer.Encode("zyx", specials: false));
        Assert.Equal([New, New + 2], tokenizer.Encode("zyyxw", specials: false));
        Assert.Equal([New + 1], tokenizer.Encode("zyxw", specials: false).Take(1));
    }

    [Fact]
    public void AWordDoesNotSwallowTheTurnThatTheTemplateWrites()
    {
        BpeTokenizer tokenizer = With(("zyx<turn|>", New, ""), ("zyx<tu", New + 1, ""));
        ChatPrompt prompt = ChatTemplate.Render([new ChatMessage("user", "say zyx")]);
        int[] ids = prompt.Encode(tokenizer);
        Assert.Contains(tokenizer.Specials.TurnClose, ids);
        Assert.DoesNotContain(New, ids);
        Assert.DoesNotContain(New + 1, ids);
    }

    [Fact]
    public void OnlySpecialOnesAreHiddenAndNeverTyped()
    {
        BpeTokenizer tokenizer = With(("<tool_note>", New, "special"), ("<b>", New + 1, ""), ("\u2603", New + 2, "special"), ("\U0001F9FF", New + 3, "special"));
        Assert.True(tokenizer.Specials.IsControl(New));
        Assert.False(tokenizer.Specials.IsControl(New + 1));
        const string Typed = "<tool_note><b>\u2603\U0001F9FF";
        int[] typed = tokenizer.Encode(Typed, specials: false);
        Assert.DoesNotContain(typed, tokenizer.Specials.IsControl);
        Assert.Contains(New + 1, typed);
        Assert.Equal(Typed, tokenizer.Decode(typed, skipSpecials: true));
        Assert.Equal([New, New + 1, New + 2, New + 3], tokenizer.Encode(Typed, specials: true));
        Assert.Equal("<b>", tokenizer.Decode([New, New + 1, New + 2, New + 3], skipSpecials: true));
    }

    [Fact]
    public void AMergeDoesNotMakeAControlToken()
    {
        // "he" is a merge of the vocabulary; called special, it must not come out of what a user types.
        int id = Pebble.Tokenizer.Encode("he", specials: false).Single();
        BpeTokenizer tokenizer = With(("he", id, "special"));
        int[] ids = tokenizer.Encode("he", specials: false);
        Assert.DoesNotContain(id, ids);
        Assert.Equal("he", tokenizer.Decode(ids, skipSpecials: true));
    }

    [Fact]
    public void GemmasOwnAreControlTokensWhateverTheFileCallsThem()
    {
        JsonObject file = JsonNode.Parse(Pebble.Bytes)!.AsObject();
        foreach (JsonNode? token in file["added_tokens"]!.AsArray())
        {
            token!["special"] = false;
        }

        BpeTokenizer tokenizer = BpeTokenizer.Parse(Encoding.UTF8.GetBytes(file.ToJsonString()), "plain.json");
        Assert.DoesNotContain(tokenizer.Encode("<turn|>", specials: false), tokenizer.Specials.IsControl);
        Assert.Equal([tokenizer.Specials.TurnClose], tokenizer.Encode("<turn|>", specials: true));
    }

    private static string Shown(BpeTokenizer tokenizer, string text) => Shown(tokenizer, tokenizer.Encode(text, specials: false));

    /// <summary>The text with # for each new token.</summary>
    private static string Shown(BpeTokenizer tokenizer, int[] ids)
    {
        StringBuilder text = new();
        List<int> run = [];
        foreach (int id in ids.Append(-1))
        {
            if (id is >= 0 and < New)
            {
                run.Add(id);
                continue;
            }

            text.Append(tokenizer.Decode(run.ToArray(), skipSpecials: false)).Append(id < 0 ? "" : "#");
            run.Clear();
        }

        return text.ToString();
    }

    private static BpeTokenizer With(params (string Text, int Id, string Flags)[] tokens)
    {
        JsonObject file = JsonNode.Parse(Pebble.Bytes)!.AsObject();
        foreach ((string text, int id, string flags) in tokens)
        {
            JsonObject token = new() { ["id"] = id, ["content"] = text };
            foreach (string flag in (string[])["special", "normalized", "single_word", "lstrip", "rstrip"])
            {
                token[flag] = flags.Split(' ').Contains(flag);
            }

            file["added_tokens"]!.AsArray().Add(token);
        }

        return BpeTokenizer.Parse(Encoding.UTF8.GetBytes(file.ToJsonString()), "added.json");
    }
}
