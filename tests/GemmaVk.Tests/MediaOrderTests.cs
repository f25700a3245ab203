using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using GemmaVk.Model;
using GemmaVk.Shared;
using GemmaVk.Text;
using GemmaVk.Transcripts;
using Microsoft.Extensions.AI;
using Xunit;

namespace GemmaVk.Tests;

/// <summary>Where pictures and sounds stand when nobody says a place, and what of their files reaches the person above.</summary>
public sealed class MediaOrderTests(PebbleEngine pebble) : IClassFixture<PebbleEngine>
{
    [Theory]
    [InlineData("What?", false, "image video text audio audio")]
    [InlineData("What?", true, "audio image video audio text")]
    [InlineData("", false, "image video audio audio")]
    [InlineData("a {} b {} c {} d {}", false, "text audio text image text video text audio")]
    [InlineData("{}{}{}{} What?", true, "audio image video audio text")]
    public void Sound_comes_after_the_text_unless_the_checkpoint_or_a_marker_says_otherwise(string text, bool soundFirst, string order)
    {
        MediaLoader loader = new(pebble.Engine.Model.Config, new MediaSettings());
        LoadedMedia[] items =
        [
            loader.Load(ChatPartKind.Audio, Repository.Example("sound-0.wav")), loader.Load(ChatPartKind.Image, Repository.Example("picture-0.png")),
            loader.Load(ChatPartKind.Video, Repository.Example("clip-0.mkv")), loader.Load(ChatPartKind.Audio, Repository.Example("sound-2.wav")),
        ];
        IReadOnlyList<MessagePart> parts = PromptMarkers.Parts(text, PromptMarkers.Usual, items, soundFirst);
        Assert.Equal(order, string.Join(' ', parts.Select(part => part.Kind.ToString().ToLowerInvariant())));
    }

    [Fact]
    public void Pebble_keeps_its_order_and_the_released_models_have_the_card_s()
    {
        Gemma4Config own = pebble.Engine.Model.Config;
        Assert.True(new MediaLoader(own, new MediaSettings()).SoundFirst);
        Assert.False(new MediaLoader(own with { Processor = new ProcessorConfig() }, new MediaSettings()).SoundFirst);
        Assert.Equal("Transcribe the audio.", Transcriber.Instruction(own));
        string released = Transcriber.Instruction(own with { VocabSize = 262144 });
        Assert.All(["only the transcription", "no line breaks", "digits", "original language"], words => Assert.Contains(words, released, StringComparison.Ordinal));
        Assert.Contains("into French", Transcriber.Instruction(own with { VocabSize = 262144 }, "French"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_odd_about_a_file_reaches_the_caller_of_the_chat_client()
    {
        using GemmaChatClient client = new(pebble.Engine);
        string path = Repository.Golden("field", "audio", "trunc.wav");
        Microsoft.Extensions.AI.ChatOptions greedy = new() { Temperature = 0 };
        async Task<ChatResponse> Ask(AIContent content) =>
            await client.GetResponseAsync(new Microsoft.Extensions.AI.ChatMessage(ChatRole.User, [content, new TextContent("Transcribe the audio.")]), greedy);
        ChatResponse response = await Ask(new DataContent(File.ReadAllBytes(path), "audio/wav") { Name = "note.wav" });
        Assert.Equal("four seven.", response.Text);
        string note = Assert.Single(Assert.IsAssignableFrom<IEnumerable<string>>(response.Messages[^1].AdditionalProperties![GemmaChatClient.Notes]));
        Assert.Contains("note.wav: 1.1 s of sound; its header gives 37,280 bytes", note, StringComparison.Ordinal);
        Assert.False((await Ask(new UriContent(new Uri(Repository.Example("sound-2.wav")), "audio/wav"))).Messages[^1].AdditionalProperties?.ContainsKey(GemmaChatClient.Notes) ?? false);
    }
}
