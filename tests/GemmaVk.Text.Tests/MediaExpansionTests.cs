using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace GemmaVk.Text.Tests;

/// <summary>Placeholders with their soft tokens, against the published processor.</summary>
public sealed class MediaExpansionTests
{
    private static readonly JsonElement File = GoldenJson.Of("chat", "expand.json");

    [Fact]
    public void ExpandsEveryCase()
    {
        int cases = 0;
        foreach (JsonElement item in File.Cases())
        {
            Assert.Equal(item.Str("expanded"), Expand(item).Text);
            cases++;
        }

        Assert.Equal(17, cases);
    }

    [RealVocabularyFact]
    public void EncodesEveryCase()
    {
        SpecialTokens specials = RealVocabulary.Tokenizer.Specials;
        foreach (JsonElement item in File.Cases())
        {
            int[] ids = Expand(item).Encode(RealVocabulary.Tokenizer);
            Assert.Equal(Runs(item.GetProperty("input_ids_rle")), ids);
            int[] kinds = [.. ids.Select(id => id == specials.ImageSoft ? 1 : id == specials.VideoSoft ? 2 : id == specials.AudioSoft ? 3 : 0)];
            Assert.Equal(Runs(item.GetProperty("mm_token_type_ids_rle")), kinds);
        }
    }

    [Fact]
    public void LeavesPlaceholdersOfTheCallerAlone()
    {
        var message = new ChatMessage("user") { Parts = [new(ChatPartKind.Text, "not one: <|image|>"), new(ChatPartKind.Image)] };
        ChatPrompt prompt = ChatTemplate.Render([message]).Expand([new MediaItem(ChatPartKind.Image, 3)]);
        Assert.Contains("not one: <|image|><|image><|image|><|image|><|image|><image|><turn|>", prompt.Text, StringComparison.Ordinal);
        int[] ids = prompt.Encode(Pebble.Tokenizer);
        Assert.Equal(3, ids.Count(id => id == Pebble.Tokenizer.Specials.ImageSoft));
        Assert.Equal(prompt.Text, Pebble.Tokenizer.Decode(ids, skipSpecials: false));
    }

    [Fact]
    public void RefusesItemsThatDoNotFit()
    {
        ChatPrompt prompt = ChatTemplate.Render([new ChatMessage("user") { Parts = [new(ChatPartKind.Audio)] }]);
        Assert.Contains("is Audio, but nothing", Assert.Throws<TextException>(() => prompt.Expand([])).Message, StringComparison.Ordinal);
        Assert.Contains("is Audio, but Image", Assert.Throws<TextException>(() => prompt.Expand([new(ChatPartKind.Image, 1)])).Message, StringComparison.Ordinal);
        var two = new MediaItem(ChatPartKind.Audio, 1);
        Assert.Contains("2 items", Assert.Throws<TextException>(() => prompt.Expand([two, two])).Message, StringComparison.Ordinal);
        Assert.Throws<TextException>(() => prompt.Expand([new(ChatPartKind.Audio, -1)]));
        ChatPrompt film = ChatTemplate.Render([new ChatMessage("user") { Parts = [new(ChatPartKind.Video)] }]);
        Assert.Throws<TextException>(() => film.Expand([new(ChatPartKind.Video, 1)]));
    }

    private static ChatPrompt Expand(JsonElement item)
    {
        string text = item.Str("text");
        var writer = new ChatPrompt.Writer();
        writer.Template(text);
        int budget = item.GetProperty("image_budget").GetInt32();

        // The file lists media by kind; the prompt takes them in its own order.
        IEnumerable<MediaItem> items = item.GetProperty("media").EnumerateArray().Select(media => Item(media, budget));
        ILookup<ChatPartKind, MediaItem> byKind = items.ToLookup(media => media.Kind);
        var used = new Dictionary<ChatPartKind, int>();
        var ordered = new List<MediaItem>();
        foreach ((string piece, bool control) in GoldenParseTests.Pieces(text))
        {
            ChatPartKind? kind = !control ? null : piece switch { "<|image|>" => ChatPartKind.Image, "<|audio|>" => ChatPartKind.Audio, "<|video|>" => ChatPartKind.Video, _ => null };
            if (kind is { } found)
            {
                int index = used.GetValueOrDefault(found);
                ordered.Add(byKind[found].ElementAt(index));
                used[found] = index + 1;
            }
        }

        return writer.Finish().Expand(ordered);
    }

    private static MediaItem Item(JsonElement media, int budget)
    {
        switch (media[0].GetString())
        {
            case "image":
                return new MediaItem(ChatPartKind.Image, SoftTokens(media[1].GetInt32(), media[2].GetInt32(), budget));
            case "audio":
                return new MediaItem(ChatPartKind.Audio, (media[1].GetInt32() + 639) / 640);
            default:
                int total = media[1].GetInt32();
                double fps = media[4].GetDouble();
                string[] stamps = [.. Enumerable.Range(0, 32).Select(k => TimeSpan.FromSeconds(Math.Floor(k * total / 32 / fps)).ToString(@"mm\:ss", CultureInfo.InvariantCulture))];
                return new MediaItem(ChatPartKind.Video, SoftTokens(media[2].GetInt32(), media[3].GetInt32(), 70), stamps);
        }
    }

    private static int SoftTokens(int height, int width, int budget)
    {
        double scale = Math.Sqrt(budget * 2304.0 / ((double)height * width));
        int rows = (int)(scale * height / 48);
        int columns = (int)(scale * width / 48);
        return rows == 0 ? Math.Min(width / height, budget) : columns == 0 ? Math.Min(height / width, budget) : rows * columns;
    }

    private static int[] Runs(JsonElement list) => [.. list.EnumerateArray().SelectMany(run => Enumerable.Repeat(run[0].GetInt32(), run[1].GetInt32()))];
}
