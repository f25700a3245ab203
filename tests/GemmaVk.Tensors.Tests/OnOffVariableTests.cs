using Xunit;

namespace GemmaVk.Tensors.Tests;

public sealed class OnOffVariableTests
{
    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("0", false)]
    [InlineData("1", true)]
    public void One_is_on(string? text, bool on) => Assert.Equal(on, OnOffVariable.IsOn("GEMMAVK_X", text));

    [Theory]
    [InlineData("true")]
    [InlineData("yes")]
    [InlineData(" 1")]
    [InlineData("2")]
    public void Anything_else_is_said_and_not_taken_for_off(string text) => Assert.Equal(
        $"GEMMAVK_X: expected 1 for on, or 0 for off, but '{text}' came; correct it, or unset the variable.",
        Assert.Throws<GemmaVkException>(() => OnOffVariable.IsOn("GEMMAVK_X", text)).Message);
}
