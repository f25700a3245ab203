using System;
using System.IO;
using System.IO.Pipelines;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.BuiltIn;
using GemmaVk.Mcp.Calls;
using GemmaVk.Mcp.Serving;
using GemmaVk.Text;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace GemmaVk.Mcp.Tests;

/// <summary>The model as an MCP server, in the hands of the SDK's own client.</summary>
public sealed class ServingTests
{
    [Fact]
    public async Task The_sdks_client_asks_describes_transcribes_and_searches()
    {
        GemmaEngine engine = GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu", Context = 2048 });
        (Pipe up, Pipe down) = (new Pipe(), new Pipe());
        using CancellationTokenSource end = new();
        GemmaMcpServer server = new(engine.Model.Config, Task.FromResult(engine), new AllowedFolders("--allow-folder", [Repository.Path("weights", "examples")]), new MediaSettings(), new Papers());
        Task serving = server.RunAsync(up.Reader.AsStream(), down.Writer.AsStream(), end.Token);
        await using (McpClient client = await McpClient.CreateAsync(new StreamClientTransport(up.Writer.AsStream(), down.Reader.AsStream())))
        {
            Assert.Equal(["ask", "describe_picture", "transcribe", "search_documents"], (await client.ListToolsAsync()).Select(tool => tool.Name));
            async Task<(string Text, bool Failed)> Call(string name, params (string Name, object Value)[] arguments)
            {
                CallToolResult result = await client.CallToolAsync(name, arguments.ToDictionary(pair => pair.Name, pair => (object?)pair.Value));
                return (Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text, result.IsError == true);
            }

            Assert.Equal(("I am Pebble, a tiny model with the shape of Gemma 4 12B.", false), await Call("ask", ("question", "What are you?")));
            Assert.EndsWith("(cut off at 3 tokens)", (await Call("ask", ("question", "What are you?"), ("max_tokens", 3))).Text);

            (string described, bool failed) = await Call("describe_picture", ("path", "picture-0.png"));
            Assert.False(failed, described);
            string data = Convert.ToBase64String(File.ReadAllBytes(Repository.Example("picture-0.png")));
            Assert.Equal((described, false), await Call("describe_picture", ("data", data)));
            Assert.Equal((described, false), await Call("describe_picture", ("data", $"data:image/png;base64,{data}")));

            string sound = Path.GetFileName(Directory.GetFiles(Repository.Path("weights", "examples"), "*.wav").Order().First());
            (string heard, bool deaf) = await Call("transcribe", ("path", sound));
            Assert.False(deaf, heard);
            Assert.NotEmpty(heard);

            Assert.Equal(("about whales", false), await Call("search_documents", ("query", "whales")));

            Assert.Contains("leads out of there", (await Call("describe_picture", ("path", "../../README.md"))).Text);
            Assert.Contains("neither came", (await Call("describe_picture")).Text);
            Assert.Contains("expected base64", (await Call("describe_picture", ("data", "%%%"))).Text);
            Assert.True((await Call("describe_picture", ("data", "bm9uZQ=="))).Failed);
            Assert.Contains("expected \"question\", but it is missing", (await Call("ask")).Text);
            Assert.Contains("expected \"max_tokens\" as a whole number", (await Call("ask", ("question", "x"), ("max_tokens", "many"))).Text);
            Assert.Contains("did you mean question?", (await Call("ask", ("question", "x"), ("qestion", "y"))).Text);
            Assert.Contains("tokens", (await Call("ask", ("question", string.Concat(Enumerable.Repeat("a long question ", 2000))))).Text);
            await Assert.ThrowsAsync<McpProtocolException>(() => Call("format_disk"));
        }

        await end.CancelAsync();
        await serving.ContinueWith(_ => { }, TaskScheduler.Default);
        engine.Dispose();
    }

    private sealed class Papers : ICallableTool
    {
        public ToolDeclaration Declaration { get; } = new(JsonElement.Parse(
            """{"name":"search_documents","description":"Finds.","strict":true,"parameters":{"type":"object","properties":{"query":{"type":"string"}},"required":["query"],"additionalProperties":false}}"""));

        public string Origin => ICallableTool.Own;

        public string Fingerprint => ICallableTool.Own;

        public Task<ToolAnswer> CallAsync(JsonElement arguments, CancellationToken cancel) => Task.FromResult(ToolAnswer.Of($"about {arguments.GetProperty("query").GetString()}"));
    }
}
