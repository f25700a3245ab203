using System;
using Xunit;

namespace GemmaVk.Grammar.Tests;

/// <summary>Grammars as users of llama.cpp write them.</summary>
public class GbnfTests
{
    private const string Json = """
        # any JSON value
        root   ::= object
        value  ::= object | array | string | number | ("true" | "false" | "null") ws

        object ::=
          "{" ws (
            string ":" ws value
            ("," ws string ":" ws value)*
          )? "}" ws

        array  ::= "[" ws ( value ("," ws value)* )? "]" ws
        string ::= "\"" ( [^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}) )* "\"" ws
        number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9]+)? ws
        ws ::= | " " | "\n" [ \t]{0,20}
        """;

    [Theory]
    [InlineData(Json, "{}|{\"a\": [1, 2.5e3, null], \"b\": {\"c\": \"\\u00e9\\\"\"}}|{\n  \"a\":1}", "[]|{\"a\"}|{a:1}|{\"a\":01}")]
    [InlineData("root ::= item+\nitem ::= \"- \" [^\\r\\n]+ \"\\n\"", "- a\n|- a\n- b c\n", "- a|a\n|")]
    [InlineData("root ::= expr\nexpr ::= term ([-+*/] term)*\nterm ::= num | \"(\" expr \")\"\nnum ::= [0-9]+", "1|1+2*3|(1+(2))*3|((7))", "1+|(1|)|1 2|")]
    [InlineData("root ::= \"yes\" | \"no\"\n  | \"maybe\"", "yes|no|maybe", "y|yesno|")]
    [InlineData("root ::= pair{2,3}\npair ::= \"(\" pair? \")\"", "()()|(())()()", "()|()()()()|(()")]
    [InlineData("root ::= \"a\" root | \"b\"", "b|aaab", "a|ba")]
    [InlineData("root ::= \"é\" . \"\\U0001F600\"", "éx😀|é漢😀", "é😀|ex😀")]
    public void Grammars(string grammar, string taken, string refused)
    {
        TextGrammar built = TextGrammar.OfGbnf(grammar);
        Assert.All(taken.Split('|'), text => Assert.True(built.Takes(text), text));
        Assert.All(refused.Split('|'), text => Assert.False(built.Takes(text), text));
    }

    [Theory]
    [InlineData("root ::= root \"a\" | \"b\"", "rule root", "left recursion")]
    [InlineData("root ::= a \"x\"\na ::= \"y\"? root", "rule", "left recursion")]
    [InlineData("start ::= \"a\"", "the grammar", "root")]
    [InlineData("root ::= other", "line 1", "rule")]
    [InlineData("root ::= \"a", "line 1", "grammar")]
    [InlineData("root ::= \"a\"\nroot ::= \"b\"", "line", "grammar")]
    [InlineData("root ::= \"(\" root \")\"", "rule root", "grammar")]
    [InlineData("root = \"a\"", "line 1", "grammar")]
    [InlineData("root ::= (\"a\" root?){1,5000}", "the grammar", "{m,n}")]
    public void What_cannot_be_held_is_refused(string grammar, string path, string keyword)
    {
        GrammarException refused = Assert.Throws<GrammarException>(() => TextGrammar.OfGbnf(grammar));
        Assert.StartsWith(path, refused.Path, StringComparison.Ordinal);
        Assert.Equal(keyword, refused.Keyword);
    }
}
