using System;
using System.Linq;
using Xunit;

namespace GemmaVk.Grammar.Tests;

/// <summary>Texts that are no schema are refused in plain words.</summary>
public sealed class SchemaTextTests
{
    [Theory]
    [InlineData("", "it is empty")]
    [InlineData(" \n", "it is empty")]
    [InlineData("{\"type\":\n}", "from byte 1 of line 2 on")]
    public void WhatIsNoJsonIsDescribed(string schema, string says) =>
        Assert.Contains(says, Assert.Throws<GrammarException>(() => TextGrammar.OfSchema(schema)).Message, StringComparison.Ordinal);

    [Fact]
    public void DepthIsDescribed()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"not\":", 80)) + "{}" + new string('}', 80);
        Assert.Contains("nested deeper than 64 levels", Assert.Throws<GrammarException>(() => TextGrammar.OfSchema(deep)).Message, StringComparison.Ordinal);
    }
}
