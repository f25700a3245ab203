using System;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Tests;

public sealed class PromptMarkersTests
{
    [Theory]
    [InlineData("Compare {} with {}.", 2, "Compare | with |.")]
    [InlineData("{}", 1, "|")]
    [InlineData("What is this?", 1, "|What is this?")]
    [InlineData("What are these?", 3, "|||What are these?")]
    [InlineData("A literal {} stays.", 0, "A literal {} stays.")]
    public void Items_stand_at_their_markers_or_before_the_text(string text, int items, string expected) =>
        Assert.Equal(expected, string.Join('|', PromptMarkers.Split(text, PromptMarkers.Usual, items)));

    [Fact]
    public void Another_marker_leaves_the_usual_one_alone() =>
        Assert.Equal(["Is {} JSON, as in ", "?"], PromptMarkers.Split("Is {} JSON, as in <it>?", "<it>", 1));

    [Theory]
    [InlineData("One {} only", 2, "1 marker {}, but 2 items")]
    [InlineData("{} and {}", 1, "2 markers {}, but 1 item came")]
    public void As_many_markers_as_items_are_needed(string text, int items, string expected) =>
        Assert.Contains(expected, Assert.Throws<GemmaVkException>(() => PromptMarkers.Split(text, PromptMarkers.Usual, items)).Message, StringComparison.Ordinal);
}
