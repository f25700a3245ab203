using System.Linq;
using System.Text.Json;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Text;
using Xunit;

namespace GemmaVk.Tests;

/// <summary>Results of calls, and what is changed in a conversation that has begun.</summary>
public sealed class GemmaSessionTurnsTests(PebbleEngine pebble) : IClassFixture<PebbleEngine>
{
    private const string First = "What is the capital of Japan?";
    private const string Second = "Count from one to three.";
    private static readonly JsonElement Ok = JsonElement.Parse("""{"status": "ok"}""");

    private static readonly AskOptions WithTool = PebbleEngine.Greedy with
    {
        Tools =
        [
            new ToolDeclaration(JsonElement.Parse(
                """{"name": "turn_on", "description": "Turn on a thing.", "parameters": {"type": "object", "properties": {"thing": {"type": "string", "description": "The thing."}}, "required": ["thing"]}}""")),
        ],
    };

    [Fact]
    public void An_undone_turn_was_never_said()
    {
        using GemmaSession plain = pebble.Engine.NewSession();
        plain.Ask(First, PebbleEngine.Greedy);
        Answer expected = plain.Ask(Second, PebbleEngine.Greedy);

        using GemmaSession session = pebble.Engine.NewSession();
        Assert.False(session.Undo());
        session.Ask(First, PebbleEngine.Greedy);
        int length = session.Length;
        session.Ask("What are you?", PebbleEngine.Greedy);
        Assert.True(session.Undo());
        Assert.Equal((length, 1), (session.Length, session.Turns));
        Assert.Equal(expected.Ids, session.Ask(Second, PebbleEngine.Greedy).Ids);
        Assert.Equal(plain.Length, session.Length);
        Assert.True(session.Undo());
        Assert.True(session.Undo());
        Assert.Equal((0, 0), (session.Length, session.Turns));
        Assert.Equal(Tokyo(), session.Ask(First, PebbleEngine.Greedy).Text);
    }

    [Fact]
    public void Undoing_the_only_turn_lets_the_system_text_change()
    {
        using GemmaSession session = pebble.Engine.NewSession();
        session.Ask(First, PebbleEngine.Greedy with { System = "Be brief." });
        int head = session.HeadTokens;
        session.Undo();
        session.Ask(First, PebbleEngine.Greedy);
        Assert.True(session.HeadTokens < head);
    }

    [Fact]
    public void A_result_goes_on_in_the_same_turn()
    {
        using GemmaSession session = pebble.Engine.NewSession();
        Answer call = session.Ask("Turn on the map.", WithTool);
        Assert.Equal("turn_on", Assert.Single(session.OpenCalls).Name);
        Assert.Equal("map", call.ToolCalls[0].Arguments.GetProperty("thing").GetString());
        int length = session.Length;

        Answer answer = session.Reply([Ok], WithTool);
        Assert.Empty(session.OpenCalls);
        // The token that closed the turn gives way to the one that opens the response.
        Assert.Equal(length + answer.Stats.PromptTokens + answer.Ids.Count, session.Length);
        Assert.Equal(1, session.Turns);
        string[] written = [.. session.Ask(First, WithTool).Ids.Select(id => id.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        Assert.NotEmpty(written);
        Assert.True(session.Undo() && session.Undo());
        Assert.Equal(0, session.Length);
    }

    [Fact]
    public void A_call_may_stay_without_a_result()
    {
        using GemmaSession session = pebble.Engine.NewSession();
        session.Ask("Turn on the map.", WithTool);
        int length = session.Length;
        Answer next = session.Ask(First, WithTool);
        int[] alone = pebble.Encode(new ChatMessage("user", First));
        Assert.Equal(alone.Length, next.Stats.PromptTokens);
        Assert.Equal(length + alone.Length + next.Ids.Count, session.Length);
    }

    [Fact]
    public void Results_without_calls_are_refused()
    {
        using GemmaSession session = pebble.Engine.NewSession();
        Assert.Contains("expected 0", Assert.Throws<GemmaVkException>(() => session.Reply([Ok], WithTool)).Message, System.StringComparison.Ordinal);
        session.Ask("Turn on the map.", WithTool);
        Assert.Contains("expected 1", Assert.Throws<GemmaVkException>(() => session.Reply([Ok, Ok], WithTool)).Message, System.StringComparison.Ordinal);
        Assert.NotEqual("", session.Reply([Ok], WithTool).Text);
    }

    [Fact]
    public void Exchanges_give_what_the_template_writes()
    {
        using GemmaSession session = pebble.Engine.NewSession();
        ToolCall call = new("turn_on", JsonElement.Parse("""{"thing": "map"}"""));
        Answer answer = session.Ask("Turn on the map.", WithTool with { Exchanges = [new ToolExchange(call, Ok)] });
        int[] written = ChatTemplate.Render(
            [new ChatMessage("user", "Turn on the map."), new ChatMessage("assistant") { ToolCalls = [call], ToolResponses = [new ToolResponse("turn_on", Ok)] }],
            WithTool.Tools).Encode(pebble.Engine.Tokenizer);
        Assert.Equal(written.Length, answer.Stats.PromptTokens);
        using GemmaSession fresh = pebble.Engine.NewSession();
        Assert.Equal(fresh.Complete(written, inThought: false, PebbleEngine.Greedy).Ids, answer.Ids);
    }

    [Fact]
    public void New_instructions_leave_what_was_said()
    {
        AskOptions brief = PebbleEngine.Greedy with { System = "Be brief." };
        using GemmaSession session = pebble.Engine.NewSession();
        Answer first = session.Ask(First, PebbleEngine.Greedy);
        session.Instruct(brief);
        Answer second = session.Ask(Second, brief);

        int[] ids =
        [
            .. pebble.Encode(new ChatMessage("system", "Be brief."), new ChatMessage("user", First)), .. first.Ids,
            .. pebble.Engine.Tokenizer.Encode("\n", specials: false), .. pebble.Encode(new ChatMessage("user", Second)).Skip(1),
        ];
        using GemmaSession fresh = pebble.Engine.NewSession();
        Assert.Equal(fresh.Complete(ids, inThought: false, PebbleEngine.Greedy).Ids, second.Ids);
        Assert.Equal(fresh.Length, session.Length);
        Assert.True(session.Undo());
        session.Instruct(PebbleEngine.Greedy);
        Assert.Equal(pebble.Encode(new ChatMessage("user", First)).Length + first.Ids.Count, session.Length);
    }

    [Fact]
    public void What_does_not_fit_leaves_no_trace()
    {
        using GemmaSession session = pebble.Engine.NewSession(60);
        session.Ask(First, PebbleEngine.Greedy);
        int length = session.Length;
        ContextFullException full = Assert.Throws<ContextFullException>(() => session.Ask(string.Concat(Enumerable.Repeat(Second, 9)), PebbleEngine.Greedy));
        Assert.True(full.Tokens > full.Context - length);
        Assert.Throws<ContextFullException>(() => session.Instruct(PebbleEngine.Greedy with { System = string.Concat(Enumerable.Repeat(Second, 9)) }));
        Assert.Equal((length, 1), (session.Length, session.Turns));
    }

    private string Tokyo()
    {
        using GemmaSession session = pebble.Engine.NewSession();
        return session.Ask(First, PebbleEngine.Greedy).Text;
    }
}
