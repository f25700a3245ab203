using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace GemmaVk.Text.Tests;

/// <summary>The embedded checkpoint's tokenizer under the template, against prompts of the published implementation.</summary>
public sealed class PebbleTests
{
    private static readonly JsonElement File = GoldenJson.Of("pebble", "prompts.json");

    [Fact]
    public void WritesEveryPrompt()
    {
        int cases = 0;
        foreach (JsonElement item in File.Cases())
        {
            IReadOnlyList<ToolDeclaration> tools = item.TryGetProperty("tools", out JsonElement list) ? Conversations.Tools(list) : [];
            var options = new ChatOptions { EnableThinking = item.GetProperty("think").GetBoolean() };
            ChatPrompt prompt = ChatTemplate.Render(Conversations.Messages(item.GetProperty("messages")), tools, options);
            prompt = prompt.Expand(item.TryGetProperty("media", out JsonElement media) ? [Item(media)] : []);
            Assert.Equal(item.GetProperty("prompt_ids").Ints(), prompt.Encode(Pebble.Tokenizer));
            cases++;
        }

        Assert.True(cases > 40, $"only {cases} cases");
    }

    [Fact]
    public void DecodesEveryAnswer()
    {
        foreach (JsonElement item in File.Cases())
        {
            Assert.Equal(item.Str("answer"), Pebble.Tokenizer.Decode(item.GetProperty("answer_ids").Ints(), skipSpecials: false));
        }
    }

    [Fact]
    public void ReadsACallFromItsIds()
    {
        JsonElement item = File.Cases().First(example => example.Str("name") == "tool-0");
        var stream = new StreamingDetokenizer(Pebble.Tokenizer);
        var parser = new ResponseParser();
        foreach (int id in item.GetProperty("answer_ids").Ints())
        {
            parser.Append(stream.Append(id));
        }

        ToolCall call = Assert.Single(parser.ToolCalls);
        Assert.Equal("turn_on", call.Name);
        Assert.Equal("stone", call.Arguments.Str("thing"));
        Assert.Equal("<|tool_response>", parser.Stop);
        Assert.Equal("", parser.Content);
    }

    [Fact]
    public void TakesIdsFromTheFile()
    {
        SpecialTokens specials = Pebble.Tokenizer.Specials;
        Assert.Equal([5, 6, 7, 8], [specials.TurnOpen, specials.TurnClose, specials.ChannelOpen, specials.ChannelClose]);
        Assert.Equal([1, 6, 14], specials.Stops);
        Assert.Equal([22, 19], specials.Suppressed);
        Assert.Equal("<|turn>", Pebble.Tokenizer.Spelling(specials.TurnOpen));
    }

    private static MediaItem Item(JsonElement media) => new(
        media.Str("kind") switch { "image" => ChatPartKind.Image, "audio" => ChatPartKind.Audio, _ => ChatPartKind.Video },
        media.GetProperty("soft").GetInt32(),
        media.TryGetProperty("stamps", out JsonElement stamps) ? [.. stamps.EnumerateArray().Select(stamp => stamp.GetString()!)] : null);
}
