using System;
using System.ClientModel;
using System.ClientModel.Primitives;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Server.Tests.Wire;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>OpenAI's library for .NET and Microsoft's interface over it, against this server and over the written streams.</summary>
[Collection(ServerCollection.Name)]
public class DotnetClientTests(PebbleServer server)
{
    private ChatClient Client(string model = "pebble") => new(model, new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(server.Address + "v1"), RetryPolicy = new ClientRetryPolicy(0) });

    private static ChatCompletionOptions Greedy => new() { Temperature = 0, MaxOutputTokenCount = 64 };

    [Fact]
    public async Task OpenAI_chats_and_streams()
    {
        ChatCompletion whole = await Client().CompleteChatAsync([new UserChatMessage("What are you?")], Greedy);
        Assert.Equal("I am Pebble, a tiny model with the shape of Gemma 4 12B.", whole.Content[0].Text);
        Assert.Equal(OpenAI.Chat.ChatFinishReason.Stop, whole.FinishReason);
        string text = "";
        ChatTokenUsage? usage = null;
        await foreach (StreamingChatCompletionUpdate update in Client().CompleteChatStreamingAsync([new UserChatMessage("Count from one to three.")], Greedy))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            usage = update.Usage ?? usage;
        }

        Assert.Equal("one two three.", text);
        Assert.Equal(5, usage!.OutputTokenCount);
    }

    [Fact]
    public async Task OpenAI_calls_tools_asks_for_forms_and_shows_media()
    {
        ChatCompletionOptions options = Greedy;
        options.Tools.Add(OpenAI.Chat.ChatTool.CreateFunctionTool("turn_on", "Turn on a thing.", BinaryData.FromString("""{"type":"object","properties":{"thing":{"type":"string","description":"The thing."}},"required":["thing"]}""")));
        List<OpenAI.Chat.ChatMessage> talk = [new UserChatMessage("Turn on the map.")];
        ChatCompletion first = await Client().CompleteChatAsync(talk, options);
        OpenAI.Chat.ChatToolCall call = Assert.Single(first.ToolCalls);
        Assert.Equal("""{"thing":"map"}""", call.FunctionArguments.ToString());
        talk.Add(new AssistantChatMessage(first));
        talk.Add(new ToolChatMessage(call.Id, "ok"));
        Assert.NotEmpty(((ChatCompletion)await Client().CompleteChatAsync(talk, options)).Content[0].Text);

        ChatCompletionOptions form = Greedy;
        form.MaxOutputTokenCount = 200;
        form.ResponseFormat = OpenAI.Chat.ChatResponseFormat.CreateJsonSchemaFormat(
            "x", BinaryData.FromString("""{"type":"object","properties":{"kind":{"enum":["stone","map"]}},"required":["kind"],"additionalProperties":false}"""), jsonSchemaIsStrict: true);
        ChatCompletion formed = await Client().CompleteChatAsync([new UserChatMessage("What are you?")], form);
        Assert.Contains((string)JsonNode.Parse(formed.Content[0].Text)!["kind"]!, (string[])["stone", "map"]);

        ChatCompletion seen = await Client().CompleteChatAsync(
            [new UserChatMessage(ChatMessageContentPart.CreateTextPart("What is in this picture?"), ChatMessageContentPart.CreateImagePart(BinaryData.FromBytes(File.ReadAllBytes(Repository.Example("picture-0.png"))), "image/png"))], Greedy);
        Assert.Equal("I see a black square and an orange square.", seen.Content[0].Text);
        ChatCompletion heard = await Client().CompleteChatAsync(
            [new UserChatMessage(ChatMessageContentPart.CreateTextPart("Transcribe the audio."), ChatMessageContentPart.CreateInputAudioPart(BinaryData.FromBytes(File.ReadAllBytes(Repository.Example("sound-2.wav"))), ChatInputAudioFormat.Wav))], Greedy);
        Assert.Equal("four seven.", heard.Content[0].Text);
    }

    [Fact]
    public async Task OpenAI_transcribes_and_is_told_of_errors()
    {
        OpenAI.Audio.AudioClient audio = new("whisper-1", new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(server.Address + "v1") });
        OpenAI.Audio.AudioTranscription heard = await audio.TranscribeAudioAsync(Repository.Example("sound-2.wav"), new OpenAI.Audio.AudioTranscriptionOptions { ResponseFormat = OpenAI.Audio.AudioTranscriptionFormat.Verbose });
        Assert.Equal("four seven.", heard.Text);
        Assert.True(heard.Duration > TimeSpan.Zero);
        ClientResultException missing = await Assert.ThrowsAsync<ClientResultException>(() => Client("other").CompleteChatAsync([new UserChatMessage("Hi")]));
        Assert.Equal(404, missing.Status);
        Assert.Contains("is not served here", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Microsofts_interface_thinks_calls_functions_and_fills_types()
    {
        using IChatClient client = new ChatClientBuilder(Client().AsIChatClient()).UseFunctionInvocation().Build();
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 128, Reasoning = new ReasoningOptions { Effort = ReasoningEffort.Low } };
        ChatResponse thought = await client.GetResponseAsync("What is 47 + 85?", options);
        Assert.Equal("132", thought.Text);
        Assert.Contains("write 2, carry 1", string.Concat(thought.Messages.SelectMany(message => message.Contents).OfType<TextReasoningContent>().Select(content => content.Text)), StringComparison.Ordinal);

        List<string> things = [];
        ChatOptions tools = new() { Temperature = 0, MaxOutputTokens = 64, Tools = [AIFunctionFactory.Create((string thing) => { things.Add(thing); return "ok"; }, "turn_on", "Turn on a thing.")] };
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Turn on the map.", tools))
        {
            updates.Add(update);
        }

        Assert.NotEmpty(things);
        Assert.Single(updates.SelectMany(update => update.Contents).OfType<FunctionResultContent>().Select(result => result.CallId).Take(1));
        ChatResponse<Kind> formed = await client.GetResponseAsync<Kind>("What are you?", new ChatOptions { Temperature = 0, MaxOutputTokens = 300 });
        Assert.True(formed.TryGetResult(out Kind? kind) && Enum.IsDefined(kind.Word), formed.Text);
    }

    [Fact]
    public async Task Written_streams_are_read_as_the_written_bodies()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(WireTests.Folder, "chat"), "*.sse"))
        {
            OpenAIClientOptions options = new() { Endpoint = new Uri("http://localhost/v1"), Transport = new HttpClientPipelineTransport(new HttpClient(new Written(file))), RetryPolicy = new ClientRetryPolicy(0) };
            ChatClient client = new("x", new ApiKeyCredential("none"), options);
            string body = Path.ChangeExtension(file, ".json");
            string text = "";
            OpenAI.Chat.ChatFinishReason? finish = null;
            async Task Read()
            {
                await foreach (StreamingChatCompletionUpdate update in client.CompleteChatStreamingAsync([new UserChatMessage("x")]))
                {
                    text += string.Concat(update.ContentUpdate.Select(part => part.Text));
                    finish = update.FinishReason ?? finish;
                }
            }

            if (!File.Exists(body))
            {
                // A stream that ends in an error has no end that could be taken for an answer's.
                await Record.ExceptionAsync(Read);
                Assert.True(finish is null, file);
                continue;
            }

            await Read();
            JsonArray choices = JsonNode.Parse(File.ReadAllText(body))!["choices"]!.AsArray();
            if (choices.Count == 1)
            {
                Assert.Equal((string?)choices[0]!["message"]!["content"] ?? "", text);
                Assert.Equal((string)choices[0]!["finish_reason"]! == "tool_calls", finish == OpenAI.Chat.ChatFinishReason.ToolCalls);
            }
        }
    }

    internal enum Word
    {
        Stone,
        Map,
    }

    internal sealed record Kind(Word Word);

    private sealed class Written(string file) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage response = new(HttpStatusCode.OK) { Content = new ByteArrayContent(File.ReadAllBytes(file)) };
            response.Content.Headers.ContentType = new("text/event-stream");
            return Task.FromResult(response);
        }
    }
}
