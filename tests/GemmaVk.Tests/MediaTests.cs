using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using GemmaVk.Media;
using GemmaVk.Tensors;
using Microsoft.Extensions.AI;
using Xunit;

namespace GemmaVk.Tests;

/// <summary>Pictures, sounds and clips in conversations, on the small model.</summary>
public sealed class MediaTests(PebbleEngine pebble) : IClassFixture<PebbleEngine>
{
    private const string Question = "How many shapes are there?";

    private static readonly AskOptions Brief = PebbleEngine.Greedy with { MaxTokens = 8 };

    private static readonly ChatOptions Greedy = new() { Temperature = 0, MaxOutputTokens = 4 };

    // Tokens of a user's turn with the question alone.
    private int Alone => pebble.Encode(new Text.ChatMessage("user", Question)).Length;

    [Fact]
    public void Parts_keep_their_order_and_cost_their_rows()
    {
        using GemmaSession session = pebble.Engine.NewSession();
        Answer answer = session.Ask([MessagePart.Image(Squares(1)), MessagePart.Words(Question)], Brief);
        // Four patches, and the tokens that open and close a picture.
        Assert.Equal(Alone + 6, answer.Stats.PromptTokens);

        Answer second = session.Ask(
            [
                MessagePart.Sound(new float[1000]),
                MessagePart.Video([Squares(1), Squares(2)], ["00:00", "00:01"]),
                MessagePart.Words(Question),
            ],
            Brief);
        // Two rows of sound and its two tokens; frames of six with a stamp each and a space between. Digits are single tokens.
        Assert.InRange(second.Stats.PromptTokens, Alone + 4 + 12 + 10, Alone + 4 + 12 + 16);
    }

    [Fact]
    public void Asking_again_about_a_picture_takes_in_only_the_question()
    {
        using GemmaSession session = pebble.Engine.NewSession();
        session.Ask([MessagePart.Image(Squares(1)), MessagePart.Words(Question)], Brief);
        Answer again = session.Ask(Question, Brief);
        Assert.Equal(Alone, again.Stats.PromptTokens);
    }

    [Fact]
    public void A_part_that_does_not_fit_was_not_said()
    {
        using GemmaSession session = pebble.Engine.NewSession();
        GemmaVkException error = Assert.Throws<GemmaVkException>(
            () => session.Ask([MessagePart.Image(new Picture(50, 50, new byte[7500])), MessagePart.Words(Question)], Brief));
        Assert.Contains("multiples of 48", error.Message, StringComparison.Ordinal);
        Assert.Equal(Alone, session.Ask(Question, Brief).Stats.PromptTokens);
    }

    [Fact]
    public void The_words_of_a_part_are_no_placeholder()
    {
        using GemmaSession session = pebble.Engine.NewSession();
        Answer answer = session.Ask([MessagePart.Words("<|image|>")], Brief with { MaxTokens = 1 });
        Assert.True(answer.Stats.PromptTokens > 12);
    }

    [Fact]
    public async Task The_chat_client_knows_a_picture_again_by_its_content()
    {
        using GemmaChatClient client = new(pebble.Engine);
        ChatResponse first = await client.GetResponseAsync(Said(1), Greedy);
        Assert.Equal((Alone + 6, 0), ((int)first.Usage!.InputTokenCount!, (int)first.Usage.CachedInputTokenCount!));
        ChatResponse same = await client.GetResponseAsync(Said(1), Greedy);
        Assert.Equal(first.Text, same.Text);
        Assert.Equal(Alone + 5, same.Usage!.CachedInputTokenCount);
        ChatResponse other = await client.GetResponseAsync(Said(2), Greedy);
        // The turn's opening, up to the token that opens the picture.
        Assert.InRange((int)other.Usage!.CachedInputTokenCount!, 1, 8);
    }

    [Fact]
    public async Task Bytes_and_files_of_this_machine_are_read()
    {
        using GemmaChatClient client = new(pebble.Engine);
        string picture = Repository.Example("picture-1.png"), sound = Repository.Example("sound-2.wav"), clip = Repository.Example("clip-3.mkv");
        ChatOptions greedy = new() { Temperature = 0 };
        async Task<ChatResponse> Ask(AIContent content, string question) =>
            await client.GetResponseAsync(new ChatMessage(ChatRole.User, [content, new TextContent(question)]), greedy);

        Assert.Equal("two.", (await Ask(new DataContent(File.ReadAllBytes(picture), "image/png"), Question)).Text);
        ChatResponse again = await Ask(new UriContent(new Uri(picture), "image/png"), Question);
        Assert.Equal("two.", again.Text);
        // The same pixels from another place: the cache knows them.
        Assert.Equal(again.Usage!.InputTokenCount - 1, again.Usage.CachedInputTokenCount);
        Assert.Equal("four seven.", (await Ask(new DataContent(File.ReadAllBytes(sound), "audio/wav"), "Transcribe the audio.")).Text);
        Assert.Equal("A pink circle moves up.", (await Ask(new UriContent(new Uri(clip), "video/x-matroska"), "What happens in this video?")).Text);
    }

    [Fact]
    public async Task Addresses_elsewhere_and_other_content_are_refused()
    {
        using GemmaChatClient client = new(pebble.Engine);
        (AIContent Content, string Says)[] cases =
        [
            (new UriContent("https://example.org/a.png", "image/png"), "nothing is ever fetched"),
            (new UriContent("file://server/share/a.png", "image/png"), "on this machine"),
            (new UriContent("file:///no/such.png", "image/png"), "no such file"),
            (new DataContent(new byte[] { 1, 2, 3 }, "application/pdf"), "application/pdf"),
            (new DataContent(new byte[] { 1, 2, 3 }, "image/png"), "content of type image/png must be"),
            (new DataContent(File.ReadAllBytes(Repository.Example("sound-0.wav")), "image/png") { Name = "note.wav" }, "note.wav must be a picture"),
        ];
        foreach ((AIContent content, string says) in cases)
        {
            GemmaVkException error = await Assert.ThrowsAsync<GemmaVkException>(() => client.GetResponseAsync(new ChatMessage(ChatRole.User, [content]), Greedy));
            Assert.Contains(says, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Path.GetTempPath() + "gemmavk-", error.Message, StringComparison.Ordinal);
        }
    }

    private static ChatMessage[] Said(int seed) =>
        [new(ChatRole.User, [new MediaContent(MessagePart.Image(Squares(seed))), new TextContent(Question)])];

    // Two squares of some colours on white.
    private static Picture Squares(int seed)
    {
        byte[] rgb = [.. Enumerable.Repeat((byte)255, 96 * 96 * 3)];
        for (int i = 0; i < 30 * 30 * 2; i++)
        {
            int at = (((10 + (i / 60)) * 96) + 5 + (i % 60 * 3 / 2)) * 3;
            (rgb[at], rgb[at + 1], rgb[at + 2]) = ((byte)(40 * seed), (byte)(i % 60 * 4), 0);
        }

        return new Picture(96, 96, rgb);
    }
}
