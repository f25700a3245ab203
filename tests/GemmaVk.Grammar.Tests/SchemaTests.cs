using System;
using System.Linq;
using Xunit;

namespace GemmaVk.Grammar.Tests;

/// <summary>Keyword by keyword: texts that a schema takes, and texts that it does not.</summary>
public class SchemaTests
{
    [Theory]
    [InlineData("""{"type":"integer","minimum":-3,"maximum":12}""", "-3|0|7|12", "-4|13|1.5|01|1e1| 1")]
    [InlineData("""{"type":"number","exclusiveMinimum":0.25,"maximum":10.5}""", "0.26|0.2501|10.5|10.50|3", "0.25|0.250|10.51|11|-1|0")]
    [InlineData("""{"type":"number","minimum":-90,"maximum":90}""", "-90|-89.99|-0|0|90.0|45.5", "-90.01|90.1|91|100")]
    [InlineData("""{"type":"integer","multipleOf":7}""", "0|7|14|-21|700", "1|8|-1")]
    [InlineData("""{"type":"number","multipleOf":0.25}""", "0.25|1|3.50|-2.75", "0.3|1.26")]
    [InlineData("""{"type":"number"}""", "1e5|-0.5E-3|12.75", "1.|.5|+1|1e999|NaN")]
    [InlineData("""{"type":"string","minLength":2,"maxLength":3}""", "\"ab\"|\"äöü\"|\"\\n\\u00e4\"|\"😀😀\"|\"\\ud83d\\ude00x\"", "\"a\"|\"abcd\"|\"\\ud83d\\ude00\"|\"\\ud83dx\"|\"a\nb\"")]
    [InlineData("""{"type":"string","pattern":"^[a-c]+-\\d$"}""", "\"abc-1\"", "\"abd-1\"|\"a-1x\"|\"-1\"")]
    [InlineData("""{"type":"string","format":"date"}""", "\"2024-02-29\"|\"1999-12-31\"", "\"2023-02-29\"|\"2023-13-01\"|\"2023-1-1\"")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2024-02-29T23:59:59Z\"|\"2024-01-01T00:00:00.25+01:30\"", "\"2024-01-01\"|\"2024-01-01T24:00:00Z\"|\"2024-01-01T00:00:00\"")]
    [InlineData("""{"type":"string","format":"uuid"}""", "\"01234567-89ab-cdef-0123-456789ABCDEF\"", "\"0123456789abcdef0123456789abcdef\"")]
    [InlineData("""{"type":"string","format":"email"}""", "\"a.b+c@d-e.org\"", "\"a@b\"|\".a@b.c\"|\"a b@c.d\"")]
    [InlineData("""{"enum":["a",1,null,true,["x"],{"k":2}]}""", "\"a\"|1|null|true|[\"x\"]|{\"k\":2}|{\"k\": 2}", "\"b\"|2|false|[]|{\"k\":3}|{}")]
    [InlineData("""{"const":"é\"\n"}""", "\"é\\\"\\n\"|\"\\u00e9\\\"\\u000a\"", "\"e\"")]
    [InlineData("""{"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":2}""", "[1]|[1,2]|[ 1, 2 ]|[\n  1,\n  2\n]", "[]|[1,2,3]|[1,]|[1 ,  2]")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":false}""", "[]|[\"a\"]|[\"a\",1]", "[1]|[\"a\",1,2]")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["a"],"additionalProperties":false}""", "{\"a\":1}|{\"a\":1,\"b\":\"\"}|{ \"a\": 1 }|{\n  \"a\": 1,\n  \"b\": \"\"\n}", "{}|{ \"a\" : 1 }|{\"a\":1 ,\"b\":\"\"}|{\"a\":\n1}|{\"b\":\"\"}|{\"b\":\"\",\"a\":1}|{\"a\":1,\"c\":1}|{\"a\":1,\"a\":1}")]
    [InlineData("""{"type":"object","properties":{"name":{"type":"integer"}}}""", "{\"name\":1}|{\"names\":\"x\"}|{\"nam\":[]}|{\"\":0,\"name\":2,\"z\":{}}", "{\"name\":\"x\"}|{\"n\\u0061me\":\"x\"}|{\"n\\u0061me\":1}|{\"x\":1,\"name\":\"y\"}")]
    [InlineData("""{"type":"object","patternProperties":{"^x":{"type":"integer"},"y$":{"minimum":5}},"additionalProperties":{"type":"string"}}""", "{\"xa\":1}|{\"ay\":6}|{\"xy\":7}|{\"q\":\"s\"}", "{\"xa\":\"s\"}|{\"xy\":2}|{\"xy\":\"s\"}|{\"q\":1}")]
    [InlineData("""{"type":"object","propertyNames":{"pattern":"^[a-z]{2}$"},"minProperties":1,"maxProperties":2}""", "{\"ab\":1}|{\"ab\":1,\"cd\":2}", "{}|{\"abc\":1}|{\"ab\":1,\"cd\":2,\"ef\":3}")]
    [InlineData("""{"anyOf":[{"type":"string","maxLength":1},{"type":"integer","minimum":10}]}""", "\"a\"|10", "\"ab\"|9")]
    [InlineData("""{"oneOf":[{"type":"integer","multipleOf":2},{"type":"integer","minimum":10}]}""", "2|11|-4", "12|1")]
    [InlineData("""{"oneOf":[{"required":["a"]},{"required":["b"]}],"type":"object","properties":{"a":{},"b":{}},"additionalProperties":false}""", "{\"a\":1}|{\"b\":null}", "{}|{\"a\":1,\"b\":2}")]
    [InlineData("""{"allOf":[{"properties":{"a":{"type":"integer"}},"required":["a"]},{"properties":{"a":{"minimum":5},"b":{"type":"null"}}}],"type":"object"}""", "{\"a\":5}|{\"a\":6,\"b\":null}", "{\"a\":4}|{}|{\"a\":5,\"b\":1}")]
    [InlineData("""{"type":"string","not":{"enum":["a","b"]}}""", "\"c\"|\"ab\"", "\"a\"|\"b\"|\"\\u0061\"")]
    [InlineData("""{"type":"object","properties":{"k":{"enum":["x","y"]},"v":{}},"if":{"properties":{"k":{"const":"x"}}},"then":{"required":["v"]},"required":["k"]}""", "{\"k\":\"y\"}|{\"k\":\"x\",\"v\":1}", "{\"k\":\"x\"}")]
    [InlineData("""{"type":"object","properties":{"a":{},"b":{}},"dependentRequired":{"a":["b"]},"additionalProperties":false}""", "{}|{\"b\":1}|{\"a\":1,\"b\":1}", "{\"a\":1}")]
    [InlineData("""{"$defs":{"n":{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#/$defs/n"},{"type":"null"}]}},"required":["next"],"additionalProperties":false}},"$ref":"#/$defs/n"}""", "{\"next\":null}|{\"next\":{\"next\":{\"next\":null}}}", "{}|{\"next\":{}}|{\"next\":{\"next\":null}")]
    [InlineData("true", "{}|[1,{\"a\":[null]}]|\"x\"", "x|{]|")]
    public void Keywords(string schema, string taken, string refused)
    {
        TextGrammar grammar = TextGrammar.OfSchema(schema);
        Assert.All(taken.Split('|'), text => Assert.True(grammar.Takes(text), text));
        Assert.All(refused.Split('|'), text => Assert.False(grammar.Takes(text), text));
    }

    [Fact]
    public void Any_order_is_taken_on_request()
    {
        const string Schema = """{"type":"object","properties":{"a":{},"b":{},"c":{}},"required":["c","a"],"additionalProperties":false}""";
        TextGrammar declared = TextGrammar.OfSchema(Schema);
        TextGrammar any = TextGrammar.OfSchema(Schema, new SchemaOptions(AnyOrder: true));
        Assert.False(declared.Takes("""{"c":1,"a":2}"""));
        Assert.True(any.Takes("""{"c":1,"a":2}"""));
        Assert.True(any.Takes("""{"b":1,"c":1,"a":2}"""));
        Assert.False(any.Takes("""{"c":1,"b":2}"""));
        Assert.False(any.Takes("""{"c":1,"a":2,"c":3}"""));
    }

    [Fact]
    public void Compact_takes_no_blanks()
    {
        TextGrammar compact = TextGrammar.OfSchema("""{"type":"array","items":{"type":"integer"}}""", new SchemaOptions(Blanks: false));
        Assert.True(compact.Takes("[1,2]"));
        Assert.False(compact.Takes("[1, 2]"));
    }

    [Fact]
    public void Blanks_are_bounded()
    {
        TextGrammar grammar = TextGrammar.OfSchema("""{"type":"array"}""");
        Assert.True(grammar.Takes("[\n" + new string(' ', 32 - 1) + "]"));
        Assert.False(grammar.Takes("[\n" + new string(' ', 33) + "]"));
        Assert.False(grammar.Takes("[\n\n]"));
        Assert.False(grammar.Takes("[  ]"));
        Assert.True(grammar.Takes("[1, 2\n]"));
        Assert.False(grammar.Takes("[1 ,2]"));
    }

    [Theory]
    [InlineData("""{"properties":{"a":{"type":"string","pattern":"(?=x)y"}}}""", "/properties/a/pattern", "pattern")]
    [InlineData("""{"items":{"contains":{"type":"integer"}}}""", "/items/contains", "contains")]
    [InlineData("""{"properties":{"a":{"uniqueItems":true}}}""", "/properties/a/uniqueItems", "uniqueItems")]
    [InlineData("""{"$ref":"#"}""", "/$ref", "$ref")]
    [InlineData("""{"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"allOf":[{"$ref":"#/$defs/a"}]}},"$ref":"#/$defs/a"}""", "/$defs/a/$ref", "$ref")]
    [InlineData("""{"$ref":"http://example.org/other.json"}""", "/$ref", "$ref")]
    [InlineData("""{"properties":{"a":{"$ref":"#/$defs/none"}}}""", "/properties/a/$ref", "$ref")]
    [InlineData("""{"$defs":{"n":{"type":"object","properties":{"n":{"$ref":"#/$defs/n"}},"required":["n"]}},"$ref":"#/$defs/n"}""", "", "schema")]
    [InlineData("""{"type":"array","items":{"type":"wrong"}}""", "/items/type", "type")]
    [InlineData("""{"allOf":[{"type":"string"},{"type":"integer"}]}""", "", "schema")]
    [InlineData("""{"properties":{"a/b":{"unevaluatedProperties":false}}}""", "/properties/a~1b/unevaluatedProperties", "unevaluatedProperties")]
    [InlineData("""{"minItems":5000000}""", "/minItems", "minItems")]
    [InlineData("[]", "", "schema")]
    [InlineData("{", "", "schema")]
    public void What_cannot_be_held_is_refused_with_its_path(string schema, string path, string keyword)
    {
        GrammarException refused = Assert.Throws<GrammarException>(() => TextGrammar.OfSchema(schema));
        Assert.Equal((path, keyword), (refused.Path, refused.Keyword));
    }

    [Fact]
    public void Large_schemas_are_built_or_refused_in_time()
    {
        long start = Environment.TickCount64;
        string many = "{\"type\":\"object\",\"properties\":{"
            + string.Join(",", Enumerable.Range(0, 12_000).Select(i => $$"""
                "property{{i}}":{"type":"string","maxLength":{{i + 1}}}
                """)) + "}}";
        Assert.True(many.Length > 500_000);
        Assert.True(TextGrammar.OfSchema(many).Takes("""{"property7":"x","property11999":"y"}"""));
        string nested = string.Concat(Enumerable.Repeat("{\"items\":", 2000)) + "{}" + new string('}', 2000);
        Assert.Throws<GrammarException>(() => TextGrammar.OfSchema(nested));
        Assert.Throws<GrammarException>(() => TextGrammar.OfSchema(new string(' ', TextGrammar.MostBytes + 1)));
        string combined = $$"""{"allOf":[{{string.Join(",", Enumerable.Range(0, 40).Select(i => $$"""{"anyOf":[{"required":["a{{i}}"]},{"required":["b{{i}}"]},{"maxProperties":{{i}}}]}"""))}}]}""";
        Assert.Equal("combinations", Assert.Throws<GrammarException>(() => TextGrammar.OfSchema(combined)).Keyword);
        Assert.True(Environment.TickCount64 - start < 30_000);
    }
}
