using System.Linq;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>Answers that go on from a beginning, and how much the model gets of one picture or clip.</summary>
[Collection(ServerCollection.Name)]
public class ContinuedTests(PebbleServer server)
{
    [Fact]
    public async Task An_answer_goes_on_from_its_beginning()
    {
        JsonObject question = PebbleServer.Question("What are you?");
        question["messages"]!.AsArray().Add(ChatTests.Message("assistant", "I am Pebble, a"));
        question["continue_final_message"] = true;
        JsonNode answer = await server.Ask(ChatTests.Chat, question);
        Assert.Equal(" tiny model with the shape of Gemma 4 12B.", (string)answer["choices"]![0]!["message"]!["content"]!);
        // The prompt without the beginning has 23 tokens.
        Assert.True((int)answer["usage"]!["prompt_tokens"]! > 23);
    }

    [Fact]
    public async Task A_thought_before_the_beginning_is_the_models_own()
    {
        JsonObject question = PebbleServer.Question("What is 47 + 85?");
        question["max_tokens"] = 128;
        question["chat_template_kwargs"] = new JsonObject { ["enable_thinking"] = true };
        JsonNode message = (await server.Ask(ChatTests.Chat, question))["choices"]![0]!["message"]!;
        string content = (string)message["content"]!;
        JsonObject begun = ChatTests.Message("assistant", "");
        begun["reasoning_content"] = (string)message["reasoning_content"]!;
        question["messages"]!.AsArray().Add(begun);
        question["continue_final_message"] = true;
        JsonNode rest = (await server.Ask(ChatTests.Chat, question))["choices"]![0]!["message"]!;
        Assert.Equal(content, (string)rest["content"]!);
        Assert.Null(rest["reasoning_content"]);
    }

    [Theory]
    [InlineData("""[{"role":"user","content":"Hi"}]""")]
    [InlineData("""[{"role":"assistant","content":"Hi"}]""")]
    public async Task Without_a_beginning_it_is_refused(string messages)
    {
        (int status, JsonNode error) = await server.Refused(ChatTests.Chat, $$"""{"continue_final_message":true,"messages":{{messages}}}""");
        Assert.Equal((400, "continue_final_message"), (status, (string)error["param"]!));
    }

    private async Task<int> Tokens(string kind, string file, string type, JsonObject wish)
    {
        wish["url"] = ChatTests.DataOf(file, type);
        JsonObject question = PebbleServer.Question("x");
        question["max_tokens"] = 1;
        question["messages"] = new JsonArray(ChatTests.Message("user", new JsonArray(new JsonObject { ["type"] = kind, [kind] = wish })));
        return (int)(await server.Ask(ChatTests.Chat, question))["usage"]!["prompt_tokens"]!;
    }

    [Fact]
    public async Task A_picture_and_a_clip_may_be_seen_at_another_size()
    {
        int largest = server.Model.Engine.Model.LargestPicture;
        int usual = await Tokens("image_url", "picture-0.png", "image/png", []);
        Assert.InRange(await Tokens("image_url", "picture-0.png", "image/png", new JsonObject { ["max_soft_tokens"] = 70 }), usual / 2, usual + 70);
        int[] frames = [await Tokens("video_url", "clip-1.mkv", "video/x-matroska", new JsonObject { ["num_frames"] = 1 }), await Tokens("video_url", "clip-1.mkv", "video/x-matroska", new JsonObject { ["num_frames"] = 3 })];
        Assert.True(frames[1] > 2 * (frames[0] - 30), string.Join(' ', frames));
        foreach ((string name, JsonNode value) in ((string, JsonNode)[])[("max_soft_tokens", 71), ("max_soft_tokens", largest < 1120 ? 1120 : 2240), ("num_frames", 0), ("fps", -1)])
        {
            JsonObject question = PebbleServer.Question("x");
            question["messages"] = new JsonArray(ChatTests.Message("user", new JsonArray(new JsonObject { ["type"] = "video_url", ["video_url"] = new JsonObject { ["url"] = ChatTests.DataOf("clip-1.mkv", "video/x-matroska"), [name] = value.DeepClone() } })));
            (int status, JsonNode error) = await server.Refused(ChatTests.Chat, question.ToJsonString());
            Assert.Equal((400, $"messages[0].content[0].video_url.{name}"), (status, (string)error["param"]!));
        }
    }
}
