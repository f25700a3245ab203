using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using GemmaVk.Grammar.Vocabularies;
using GemmaVk.Text;
using Json.Schema;
using Xunit;

namespace GemmaVk.Grammar.Tests;

/// <summary>Random schemas, and random walks along their masks as a model with random logits takes them.</summary>
public class WalkTests
{
    [Property(MaxTest = 200)]
    public void What_is_complete_fits_its_schema(Seed seed) => Complete(seed);

    [Fact]
    public void Many_walks_are_completed() => Assert.True(Enumerable.Range(0, 60).Sum(seed => Complete(new Seed(seed))) > 60);

    [Property(MaxTest = 40)]
    public void A_mask_is_what_its_bytes_are(Seed seed)
    {
        var random = new Random(seed);
        string schema = RandomSchema.Of(random).ToJsonString();
        if (Build(schema) is not { } constraint)
        {
            return;
        }

        int steps = 0;
        Walk(constraint, random, schema, (position, mask) =>
        {
            if (steps++ % 5 == 0)
            {
                Compare(constraint, position, mask, schema);
            }
        });
    }

    [Theory]
    [InlineData("date")]
    [InlineData("time")]
    [InlineData("date-time")]
    [InlineData("duration")]
    [InlineData("uuid")]
    [InlineData("email")]
    [InlineData("hostname")]
    [InlineData("ipv4")]
    [InlineData("ipv6")]
    [InlineData("uri")]
    [InlineData("uri-reference")]
    [InlineData("json-pointer")]
    public void What_is_written_in_a_format_is_read_in_it(string format)
    {
        string schema = $$"""{"type":"string","format":"{{format}}"}""";
        Constraint constraint = new(TextGrammar.OfSchema(schema), Pebble.Vocabulary);
        JsonSchema judge = JsonSchema.FromText(schema);
        var random = new Random(format.Length);
        for (int walk = 0; walk < 1000; walk++)
        {
            if (Walk(constraint, random, schema, (_, _) => { }) is { } text)
            {
                using JsonDocument value = JsonDocument.Parse(text);
                Assert.True(judge.Evaluate(value.RootElement, new EvaluationOptions { RequireFormatValidation = true }).IsValid, $"{format}: {text}");
            }
        }
    }

    [Theory]
    [InlineData("root ::= \"x\" | \"(\" root \")\" [a-z]{0,60}")]
    [InlineData("root ::= [^\"\\\\]* \"\\\"\" root?")]
    public void A_grammars_mask_is_what_its_bytes_are(string grammar)
    {
        Constraint constraint = new(TextGrammar.OfGbnf(grammar), Pebble.Vocabulary);
        Walk(constraint, new Random(1), grammar, (position, mask) => Compare(constraint, position, mask, grammar));
    }

    [Fact]
    public void Forced_bytes_are_the_only_ones()
    {
        Constraint constraint = new(TextGrammar.OfSchema("""{"type":"object","properties":{"answer":{"enum":["yes","yet"]}},"required":["answer"],"additionalProperties":false}""", new SchemaOptions(Blanks: false)), Pebble.Vocabulary);
        Assert.Equal("{\"answer\":\"ye", Encoding.UTF8.GetString(constraint.Forced(constraint.Start)));
        Assert.True(constraint.TryAdvance(constraint.Start, "{\"answer\":\"yes"u8, out GrammarPosition position));
        Assert.Equal("\"}", Encoding.UTF8.GetString(constraint.Forced(position)));
    }

    [Property(MaxTest = 150)]
    public void What_a_call_is_written_with_is_read_back_and_fits(Seed seed) => Called(seed);

    [Fact]
    public void Many_calls_are_completed() => Assert.True(Enumerable.Range(0, 60).Sum(seed => Called(new Seed(seed))) > 60);

    [Property(MaxTest = 15)]
    public void A_mask_of_a_call_is_what_its_bytes_are(Seed seed)
    {
        var random = new Random(seed);
        if (BuildCalls(random, out _) is { } constraint)
        {
            int steps = 0;
            Walk(constraint, random, "calls", (position, mask) =>
            {
                if (steps++ % 5 == 0)
                {
                    Compare(constraint, position, mask, "calls");
                }
            });
        }
    }

    [Theory]
    [InlineData("{\"type\":\"string\"}", "tool#", "object")]
    [InlineData("{\"type\":\"object\",\"properties\":{\"a\":{\"pattern\":\"(?=b)\"}}}", "tool#/properties/a", "look")]
    public void Parameters_that_cannot_be_held_are_refused_where_they_stand(string schema, string path, string says)
    {
        GrammarException refused = Assert.Throws<GrammarException>(() => TextGrammar.OfCalls([new CallSchema("tool", JsonDocument.Parse(schema).RootElement)]));
        Assert.StartsWith(path, refused.Path, StringComparison.Ordinal);
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>How many of three calls came to an end; what is read back of them fits the schema of the tool they name.</summary>
    private static int Called(Seed seed)
    {
        var random = new Random(seed);
        if (BuildCalls(random, out Dictionary<string, string> schemas) is not { } constraint)
        {
            return 0;
        }

        int completed = 0;
        for (int walk = 0; walk < 3; walk++)
        {
            if (Tokens(constraint, random, "calls", (_, _) => { }) is not { } tokens)
            {
                continue;
            }

            completed++;
            var reader = new ResponseParser();
            var detokenizer = new StreamingDetokenizer(Pebble.Tokenizer);
            SpecialTokens specials = Pebble.Tokenizer.Specials;
            ToolCall? call = null;
            foreach (int token in (int[])[specials.ToolCallOpen, .. tokens, specials.ToolCallClose])
            {
                call = reader.Append(detokenizer.Append(token)).Call;
            }

            Assert.True(call is not null, $"not read: {string.Join('\n', reader.MalformedCalls)}");
            bool fits = JsonSchema.FromText(schemas[call.Name]).Evaluate(call.Arguments, new EvaluationOptions { RequireFormatValidation = true }).IsValid;
            Assert.True(fits, $"{schemas[call.Name]} must not have let {call.Arguments} through");
        }

        return completed;
    }

    /// <summary>One to three tools by chance.</summary>
    private static Constraint? BuildCalls(Random random, out Dictionary<string, string> schemas)
    {
        schemas = [];
        foreach (string name in ((string[])["get", "get_more", "x.y-z"]).Take(1 + random.Next(3)))
        {
            schemas[name] = RandomSchema.Object(random, 3).ToJsonString();
        }

        try
        {
            return new Constraint(TextGrammar.OfCalls(schemas.Select(tool => new CallSchema(tool.Key, JsonDocument.Parse(tool.Value).RootElement))), Pebble.Vocabulary);
        }
        catch (GrammarException)
        {
            return null;
        }
    }

    /// <summary>How many of three walks came to an end; what they wrote fits the schema.</summary>
    private static int Complete(Seed seed)
    {
        var random = new Random(seed);
        string schema = RandomSchema.Of(random).ToJsonString();
        if (Build(schema) is not { } constraint)
        {
            return 0;
        }

        JsonSchema judge = JsonSchema.FromText(schema);
        int completed = 0;
        for (int walk = 0; walk < 3; walk++)
        {
            if (Walk(constraint, random, schema, (_, _) => { }) is { } text)
            {
                completed++;
                using JsonDocument value = JsonDocument.Parse(Counted(text));
                bool fits = judge.Evaluate(value.RootElement, new EvaluationOptions { RequireFormatValidation = true }).IsValid;
                Assert.True(fits, $"{schema} must not have let {text} through");
            }
        }

        return completed;
    }

    /// <summary>
    /// A text for the judge, which counts what a reader sees as one character where RFC 8259 counts code points: marks that combine with
    /// a character before them are replaced by a sign that does not.
    /// </summary>
    private static string Counted(string text)
    {
        var plain = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool joins = plain.Length > 0 && new StringInfo($"a{rune}").LengthInTextElements + new StringInfo($"\u1100{rune}").LengthInTextElements + new StringInfo($"\U0001F600\u200D{rune}").LengthInTextElements < 6;
            plain.Append(joins || rune.Value == 0x200D ? "\u2603" : rune.ToString());
        }

        return plain.ToString();
    }

    private static void Compare(Constraint constraint, GrammarPosition position, uint[] mask, string source)
    {
        Vocabulary vocabulary = constraint.Vocabulary;
        for (int token = 0; token < vocabulary.Size; token++)
        {
            bool expected = vocabulary.Stops.Contains(token) ? position.IsComplete : constraint.TryAdvance(position, token, out _);
            Assert.True(expected == Bit(mask, token), $"{source}: token {token} '{Encoding.UTF8.GetString(vocabulary.Bytes(token))}'");
        }
    }

    private static Constraint? Build(string schema)
    {
        try
        {
            return new Constraint(TextGrammar.OfSchema(schema), Pebble.Vocabulary);
        }
        catch (GrammarException)
        {
            // Nothing fits some of them, and some combine to too much: then nothing is written either.
            return null;
        }
    }

    /// <summary>The text of a walk that came to its end, or null where it grew too long.</summary>
    private static string? Walk(Constraint constraint, Random random, string source, Action<GrammarPosition, uint[]> look) =>
        Tokens(constraint, random, source, look) is { } tokens ? Encoding.UTF8.GetString([.. tokens.SelectMany(token => constraint.Vocabulary.Bytes(token).ToArray())]) : null;

    /// <summary>The tokens of a walk that came to its end, or null where it grew too long.</summary>
    private static List<int>? Tokens(Constraint constraint, Random random, string source, Action<GrammarPosition, uint[]> look)
    {
        Vocabulary vocabulary = constraint.Vocabulary;
        uint[] mask = new uint[vocabulary.Words];
        var tokens = new List<int>();
        GrammarPosition position = constraint.Start;
        for (int step = 0; step < 150; step++)
        {
            constraint.Fill(position, mask);
            Assert.True(TokenMask.Count(mask) > 0, "a mask is never empty");
            look(position, mask);
            int[] allowed = [.. Enumerable.Range(0, vocabulary.Size).Where(token => Bit(mask, token))];
            int[] closing = [.. allowed.Where(token => vocabulary.Bytes(token) is [.., (byte)'"' or (byte)'}' or (byte)']' or (byte)',' or 0xFF])];
            int chosen = position.IsComplete && random.Next(2) == 0 ? vocabulary.Stops[0]
                : closing.Length > 0 && random.Next(3) == 0 ? closing[random.Next(closing.Length)] : allowed[random.Next(allowed.Length)];
            if (vocabulary.Stops.Contains(chosen))
            {
                Assert.True(position.IsComplete);
                return tokens;
            }

            bool follows = constraint.TryAdvance(position, chosen, out position);
            Assert.True(follows, $"token {chosen} is in the mask behind {string.Join(' ', tokens)} but does not follow: {source}");
            tokens.Add(chosen);
        }

        return null;
    }

    private static bool Bit(uint[] mask, int token) => (mask[token >> 5] >> token & 1) != 0;
}
