using System;
using Xunit;

namespace GemmaVk.Grammar.Tests;

/// <summary>Corners that readers see in different ways: what is taken is right in the eyes of all.</summary>
public class ReadersTests
{
    [Theory]
    // A fraction that a double rounds to a whole number is an integer to some.
    [InlineData("""{"oneOf":[{"type":"integer","minimum":-4},{"type":"number","minimum":-5}]}""", "1.5|-4.5|-5|123456789012.25", "1|399283982832661247.53|6305170233840090.82")]
    [InlineData("""{"type":"number","exclusiveMaximum":20}""", "19.9999999999999|-3", "19.99999999999999999999|20")]
    [InlineData("""{"type":"number","minimum":123456789012345678.25}""", "123456789012345678.25|123456789012345679", "123456789012345678")]
    // Decimal types end below 10^29.
    [InlineData("""{"type":"number"}""", "9.5e27|1E-99|123e19|12.5e+07|0e9", "1e28|1e99|12345678901e19|10e28")]
    // Zeros behind the point change no multiple.
    [InlineData("""{"oneOf":[{"type":"number","maximum":67.25,"multipleOf":0.5},{"type":"number","maximum":107}]}""", "29.3|100", "29.0|29|29.50|29.500")]
    [InlineData("""{"type":"number","not":{"multipleOf":0.1}}""", "0.25", "0.10|0.1|1|1.00")]
    [InlineData("""{"type":"number","multipleOf":0.25}""", "1.0|1.500|0", "1.1|0.250001")]
    // What a denial leaves out does not show that two schemas exclude each other.
    [InlineData("""{"oneOf":[{"type":"string"},{"type":["string","integer"],"not":{"type":"string","format":"time"}}]}""", "3|\"10:00:00Z\"", "\"a\"|\"\"|\"é\"")]
    [InlineData("""{"oneOf":[{"type":"array","maxItems":2,"items":{"type":"integer"}},{"type":"array","maxItems":2,"items":{"type":["integer","string"]}}]}""", "[\"a\"]|[\"a\",1]", "[1]|[]|[1,2]")]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":["string","null"],"not":{"const":["x"]}}]}""", "null", "\"a\"")]
    [InlineData("""{"oneOf":[{"type":"string","format":"ipv4"},{"type":"string","format":"ipv6"}]}""", "\"1.2.3.4\"|\"::1\"", "\"a\"")]
    [InlineData("""{"oneOf":[{"type":"string","format":"email"},{"type":"string","pattern":"^_"}]}""", "\"a@b.cc\"|\"_a\"", "\"_a@b.cc\"|\"a\"")]
    // Engines differ on digits and letters beyond ASCII, on ends of lines, and on characters above U+FFFF.
    [InlineData("""{"type":"string","not":{"pattern":"^\\d$"}}""", "\"a\"|\"12\"|\"é\"", "\"1\"|\"1\\n\"|\"\u0661\"")]
    [InlineData("""{"type":"string","not":{"pattern":"^[^\\w]$"}}""", "\"a\"|\"--\"", "\"-\"|\"é\"")]
    [InlineData("""{"type":"string","pattern":"^\\W$"}""", "\"-\"", "\"a\"|\"é\"|\"😀\"")]
    [InlineData("""{"type":"string","pattern":"^\\D[^\\s]$"}""", "\"éa\"|\"--\"", "\"\u0661a\"|\"a\uFEFF\"|\"1a\"")]
    [InlineData("""{"type":"string","pattern":"^[\\s\\S]*$"}""", "\"é😀\"|\"\"", "1")]
    [InlineData("""{"type":"string","pattern":"^.{1,2}$"}""", "\"é\"|\"ab\"", "\"😀\"|\"abc\"|\"\"")]
    [InlineData("""{"type":"string","pattern":"^.+$"}""", "\"😀\"|\"abc\"", "\"\"|\"a\\n\"")]
    [InlineData("""{"type":"string","pattern":"^[😀-😎]$"}""", "\"😀\"", "\"a\"")]
    [InlineData("""{"type":"string","format":"uri"}""", "\"ab:x\"|\"https://a.b/c?d#e\"", "\"S:x\"|\"x\"")]
    [InlineData("""{"type":"string","format":"relative-json-pointer"}""", "\"0#\"|\"123456789/a\"", "\"4294967296\"|\"01\"")]
    public void What_is_taken_is_right_for_all(string schema, string taken, string refused)
    {
        TextGrammar grammar = TextGrammar.OfSchema(schema);
        Assert.All(taken.Split('|'), text => Assert.True(grammar.Takes(text), text));
        Assert.All(refused.Split('|'), text => Assert.False(grammar.Takes(text), text));
    }

    [Fact]
    public void An_expression_alone_is_ecmascripts() => Assert.True(TextGrammar.OfExpression("\\W.").Takes("é😀"));

    [Fact]
    public void Forms_that_hold_each_other_need_an_order()
    {
        const string Schema = """
            {"$defs":{"n":{"anyOf":[{"type":"object","properties":{"a":{"$ref":"#/$defs/n"},"x":{"type":"integer"}},"required":["x"],"additionalProperties":false},
            {"type":"object","properties":{"a":{"$ref":"#/$defs/n"},"y":{"type":"integer"}},"required":["y"],"additionalProperties":false}]}},
            "type":"object","properties":{"root":{"$ref":"#/$defs/n"}}}
            """;
        Assert.True(TextGrammar.OfSchema(Schema).Takes("""{"root":{"a":{"x":1},"y":2}}"""));
        GrammarException refused = Assert.Throws<GrammarException>(() => TextGrammar.OfSchema(Schema, new SchemaOptions(AnyOrder: true)));
        Assert.StartsWith("/", refused.Path, StringComparison.Ordinal);
        Assert.Equal("any order", refused.Keyword);

        // Two forms of which one ends, or that a first byte tells apart, stay few.
        _ = TextGrammar.OfSchema("{}", new SchemaOptions(AnyOrder: true));
        _ = TextGrammar.OfSchema("""{"anyOf":[{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]},{"type":"object","properties":{"b":{}},"required":["b"],"additionalProperties":false}]}""", new SchemaOptions(AnyOrder: true));
    }
}
