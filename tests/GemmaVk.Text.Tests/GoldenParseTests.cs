using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace GemmaVk.Text.Tests;

/// <summary>The response parser against outputs whose parts are known.</summary>
public sealed class GoldenParseTests
{
    private static readonly JsonElement File = GoldenJson.Of("chat", "parse.json");

    [Fact]
    public void ParsesEveryCase()
    {
        int cases = 0;
        foreach (JsonElement item in File.Cases())
        {
            var parser = new ResponseParser();
            foreach ((string piece, bool control) in Pieces(item.Str("text")))
            {
                parser.Append(piece, control);
            }

            parser.Finish();
            HashSet<string> loose = item.TryGetProperty("loose", out JsonElement names) ? [.. names.EnumerateArray().Select(name => name.GetString()!)] : [];
            Check(item, parser, loose);
            cases++;
        }

        Assert.Equal(104, cases);
    }

    [Fact]
    public void NeverShowsMoreThanIsSure()
    {
        int cases = 0;
        foreach (JsonElement item in File.Cases("streams"))
        {
            var parser = new ResponseParser();
            string thinking = "";
            string content = "";
            int calls = 0;
            foreach ((JsonElement piece, JsonElement most) in item.GetProperty("pieces").EnumerateArray().Zip(item.GetProperty("after_each_piece").EnumerateArray()))
            {
                ResponseDelta delta = parser.Append(piece[0].GetString()!, piece[1].GetInt32() == 1);
                thinking += delta.Thinking;
                content += delta.Content;
                calls += delta.Call is null ? 0 : 1;
                Assert.StartsWith(thinking, most[0].GetString(), StringComparison.Ordinal);
                Assert.StartsWith(content, most[1].GetString(), StringComparison.Ordinal);
                Assert.InRange(calls, 0, most[2].GetInt32());
            }

            ResponseDelta last = parser.Finish();
            Assert.Equal(parser.Thinking, thinking + last.Thinking);
            Assert.Equal(parser.Content, content + last.Content);
            Assert.Equal(parser.ToolCalls.Count, calls);
            Check(item, parser, []);
            cases++;
        }

        Assert.Equal(12, cases);
    }

    /// <summary>Cuts text at the control tokens that are visible in it.</summary>
    internal static IEnumerable<(string Piece, bool Control)> Pieces(string text)
    {
        int plain = 0;
        for (int at = 0; at < text.Length;)
        {
            string? control = ControlText.All.Where(token => string.CompareOrdinal(text, at, token, 0, token.Length) == 0).MaxBy(token => token.Length);
            if (control is null)
            {
                at++;
                continue;
            }

            if (at > plain)
            {
                yield return (text[plain..at], false);
            }

            yield return (control, true);
            at += control.Length;
            plain = at;
        }

        if (plain < text.Length)
        {
            yield return (text[plain..], false);
        }
    }

    private static void Check(JsonElement item, ResponseParser parser, HashSet<string> loose)
    {
        string name = item.Str("name");
        JsonElement expect = item.GetProperty("expect");
        void Same(string field, object? expected, object? actual) =>
            Assert.True(loose.Contains(field) || Equals(expected, actual), $"{name}: {field}: expected {expected ?? "null"}, got {actual ?? "null"}");
        Same("thinking", expect.Str("thinking").TrimEnd(), parser.Thinking.TrimEnd());
        Same("content", expect.Str("content"), parser.Content);
        Same("stop", expect.GetProperty("stop").GetString(), parser.Stop);
        string? open = parser.Open switch { OpenPart.Thinking => "thinking", OpenPart.ToolCall => "tool_call", _ => null };
        Same("open", expect.GetProperty("open").GetString(), open);
        Same("malformed", expect.GetProperty("malformed").GetBoolean(), parser.MalformedCalls.Count > 0);
        JsonElement[] calls = [.. expect.Cases("tool_calls")];
        Same("tool_calls", calls.Length, parser.ToolCalls.Count);
        foreach ((JsonElement expected, ToolCall call) in calls.Zip(parser.ToolCalls))
        {
            Same("tool_calls", expected.Str("name"), call.Name);
            bool equal = JsonNode.DeepEquals(JsonNode.Parse(expected.GetProperty("arguments").GetRawText()), JsonNode.Parse(call.Arguments.GetRawText()));
            Assert.True(equal || loose.Contains("tool_calls"), $"{name}: expected {expected.GetProperty("arguments")}, got {call.Arguments}");
        }
    }
}
