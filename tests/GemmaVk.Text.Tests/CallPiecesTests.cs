using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FsCheck.Xunit;
using GemmaVk.Shared;
using Xunit;

namespace GemmaVk.Text.Tests;

/// <summary>What is given of a call while it is written is a beginning of what it turns out to be, however it is cut into tokens and whatever stands in it.</summary>
public sealed class CallPiecesTests
{
    private static readonly string[] Words = ["a", "Oslo", "\u00e9 \ud83d\ude42", "x, y: {z} [w]", "\"quoted\"", "it's", "line\nbreak\t\\", "<b>&+", "", "\u0001\u2028", "call:f{a:1}"];

    private static string Compact(JsonElement value)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            value.WriteTo(json);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string Value(Random random, int depth) => random.Next(depth > 2 ? 4 : 6) switch
    {
        0 => $"{random.Next(-9, 99)}{(random.Next(2) == 0 ? "" : ".50")}",
        1 => ((string[])["true", "false", "null", "bare word"])[random.Next(4)],
        2 or 3 => $"<|\"|>{Words[random.Next(Words.Length)]}<|\"|>",
        4 => $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth + 1)))}]",
        _ => Pairs(random, depth + 1),
    };

    private static string Pairs(Random random, int depth) => $"{{{string.Join(',', Enumerable.Range(0, random.Next(5)).Select(i => $"key_{i}:{Value(random, depth)}"))}}}";

    // Tokens of one to four characters; a quote token is one of its own.
    private static IEnumerable<(string Piece, bool Control)> Cut(string text, Random random)
    {
        foreach ((string piece, bool control) in GoldenParseTests.Pieces(text))
        {
            for (int at = 0; at < piece.Length;)
            {
                int count = control ? piece.Length : Math.Min(piece.Length - at, random.Next(1, 5));
                yield return (piece.Substring(at, count), control);
                at += count;
            }
        }
    }

    private static (string? Name, string Given, ToolCall? Call) Follow(string arguments, Random random)
    {
        ResponseParser parser = new();
        (string? name, string given) = (null, "");
        foreach ((string piece, bool control) in Cut($"<|tool_call>call:f{arguments}<tool_call|>", random))
        {
            ResponseDelta delta = parser.Append(piece, control);
            Assert.False(name is not null && delta.Part?.Name is not null, "the name came twice");
            name ??= delta.Part?.Name;
            given += delta.Part?.Arguments;
        }

        return (name, given, parser.ToolCalls.SingleOrDefault());
    }

    [Property(MaxTest = 300)]
    public void PiecesAreABeginningOfTheCall(Seed seed)
    {
        Random random = new(seed);
        (string? name, string given, ToolCall? call) = Follow(Pairs(random, 0), random);
        Assert.Equal("f", name);
        string whole = Compact(call!.Arguments);
        // All but the last bracket.
        Assert.Equal(whole == "{}" ? "" : whole[..^1], given);
    }

    [Property(MaxTest = 500)]
    public void ADamagedCallGivesNothingThatHasToBeTakenBack(Seed seed)
    {
        Random random = new(seed);
        string arguments = Pairs(random, 0);
        for (int i = random.Next(1, 4); i > 0 && arguments.Length > 0; i--)
        {
            int at = random.Next(arguments.Length);
            arguments = random.Next(2) == 0 ? arguments.Remove(at, 1) : arguments.Insert(at, ((string[])["\"", "'", " ", ",", ":", "{", "}", "<|\"|>", "key_0:"])[random.Next(9)]);
        }

        // Half a character never comes out of a detokenizer.
        arguments = string.Concat(arguments.EnumerateRunes());
        (_, string given, ToolCall? call) = Follow(arguments, random);
        if (call is not null)
        {
            string whole = Compact(call.Arguments);
            JsonElement read = JsonElement.Parse(given + CallPart.Rest(given, whole));
            Assert.All(call.Arguments.EnumerateObject(), pair => Assert.True(JsonElement.DeepEquals(pair.Value, read.GetProperty(pair.Name)), $"{given} of {whole}"));
            Assert.True(whole.StartsWith(given, StringComparison.Ordinal) || arguments.Split("key_0:").Length > 2, $"{given} of {whole}");
        }
    }

    [Fact]
    public void AStringIsGivenLetterByLetter()
    {
        ResponseParser parser = new();
        List<string> given = [];
        foreach ((string piece, bool control) in ((string, bool)[])[("<|tool_call>", true), ("call:", false), ("write", false), ("{path:", false), ("<|\"|>", true), ("a.t", false), ("xt", false), ("<|\"|>", true), (",n:", false), ("12", false), ("}", false)])
        {
            given.Add(parser.Append(piece, control).Part is { } part ? $"{part.Name}|{part.Arguments}" : "");
        }

        Assert.Equal(["", "", "", "write|", "|{\"path\":\"", "|a.t", "|xt", "|\"", "", "", "|,\"n\":12"], given);
    }
}
