using System;
using System.Collections.Generic;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Http;
using GemmaVk.Tensors;

namespace GemmaVk.Server.Tests.Wire;

/// <summary>The shapes an answer can have, each with a name.</summary>
internal static class WireScripts
{
    private const string City = """{"city":"Oslo","days":[1,2.50],"deep":{"a":null,"b":true}}""";

    /// <summary>Shapes of one answer; each is written in all three APIs.</summary>
    public static Dictionary<string, Func<WireScript>> All { get; } = new()
    {
        ["text"] = () => new WireScript().Says("Hello").Says(", world").Says("!").Ends(),
        ["empty"] = () => new WireScript().Ends(),
        ["letters"] = () => new WireScript().Says("é 日本 👩‍👩‍👧 \"quoted\" <b> & \\ /\n\t\u0001").Ends(),
        ["thinking"] = () => new WireScript().Thinks("Let me").Thinks(" see.").Says("4").Ends(),
        ["only-thinking"] = () => new WireScript().Thinks("and so on").Ends(StopReason.Length),
        ["hidden-thinking"] = () => new WireScript { Asked = new WireScript().Asked with { ShowsThinking = false } }.Thinks("secret").Says("4").Ends(),
        ["call"] = () => new WireScript().Calls("weather", City).Ends(),
        ["call-without-arguments"] = () => new WireScript().Calls("now", "{}").Ends(),
        ["calls"] = () => new WireScript().Calls("a", """{"x":1}""").Calls("a", """{"x":1}""").Calls("b", """{"text":"é\n"}""").Ends(),
        ["text-and-call"] = () => new WireScript().Says("I look.").Calls("weather", City).Ends(),
        ["thinking-and-calls"] = () => new WireScript().Thinks("Two cities.").Calls("weather", """{"city":"Oslo"}""").Calls("weather", """{"city":"Rome"}""").Ends(),
        ["unread-call"] = () => new WireScript().Says("Now").Mumbles("<|tool_call>call:{").Ends(),
        ["length"] = () => new WireScript().Says("one two").Ends(StopReason.Length),
        ["context"] = () => new WireScript().Says("one two").Ends(StopReason.Context),
        ["call-cut"] = () => new WireScript().Says("So ").Mumbles("<|tool_call>call:weather{city:").Ends(StopReason.Length),
        ["cached"] = () => new WireScript { Reused = 8, Usage = true }.Says("Hi").Ends(),
        ["usage"] = () => new WireScript { Usage = true }.Says("Hi").Ends(),
        ["failure"] = () => new WireScript().Says("He").Fails(new GemmaVkException("the device: expected an answer, but none came; try again.")),
        ["late"] = () => new WireScript().Says("He").Fails(new TimeoutException()),
        ["ending"] = () => new WireScript().Fails(new ApiException(503, "The server is ending; ask another, or come again.", code: "ending")),
    };

    /// <summary>Shapes that responses alone have.</summary>
    public static Dictionary<string, Func<WireScript>> OfResponses { get; } = new()
    {
        ["custom-call"] = () => new WireScript().Declares("""[{"type":"custom","name":"patch"},{"type":"namespace","name":"home","tools":[{"type":"function","name":"turn_on"}]}]""")
            .Calls("patch", """{"input":"*** \"a\"\n"}""").Calls("home__turn_on", """{"thing":"map"}""").Calls("patch", """{"other":1}""").Ends(),
    };

    /// <summary>Shapes that chat completions alone have.</summary>
    public static Dictionary<string, Func<WireScript>> OfChat { get; } = new()
    {
        ["two-choices"] = () => new WireScript { Usage = true, Asked = new WireScript().Asked with { Choices = 2 } }
            .Choice(0).Says("one").Choice(1).Says("uno").Choice(0).Says(" two").Ends().Choice(1).Ends(StopReason.Length),
        ["two-choices-with-calls"] = () => new WireScript { Asked = new WireScript().Asked with { Choices = 2 } }
            .Choice(1).Calls("b", "{}").Choice(0).Calls("a", "{}").Ends().Choice(1).Calls("c", "{}").Ends(),
        ["logprobs"] = () => new WireScript { Asked = new WireScript().Asked with { Logprobs = 2 } }
            .Token("He", TokenPlace.Content, -0.25, false, (5, -0.25), (6, -1.5)).Token("y", TokenPlace.Content, -1e-9, true, (7, -1e-9)).Ends(),
        ["logprobs-without-others"] = () => new WireScript { Asked = new WireScript().Asked with { Logprobs = 0 } }.Token("Hey", TokenPlace.Content, double.NegativeInfinity).Ends(),
        ["tokens"] = () => new WireScript { Asked = new WireScript().Asked with { Tokens = true } }.Token("So", TokenPlace.Thought).Token("He").Token("y", drafted: true).Ends(),
        ["tokens-and-logprobs"] = () => new WireScript { Usage = true, Asked = new WireScript().Asked with { Tokens = true, Logprobs = 1 } }
            .Token("Hey", TokenPlace.Content, -0.5, true, (9, -0.5)).Ends(),
        ["call-in-pieces"] = () => new WireScript { Asked = new WireScript().Asked with { CallPieces = true } }
            .Says("I look.").Begins("weather", "{\"city\":\"Os").Begins(null, "lo\"").Calls("weather", """{"city":"Oslo","days":2}""").Begins("now", "").Calls("now", "{}").Ends(),
        ["call-in-pieces-cut"] = () => new WireScript { Asked = new WireScript().Asked with { CallPieces = true } }
            .Begins("weather", "{\"city\":\"Os").Mumbles("<|tool_call>call:weather{city:Os").Calls("now", "{}").Ends(StopReason.Length),
        ["pieces-not-asked-for"] = () => new WireScript().Begins("weather", "{\"city\":\"Os").Calls("weather", """{"city":"Oslo"}""").Ends(),
    };
}
