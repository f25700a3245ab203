using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using Xunit;

namespace GemmaVk.Tensors.Tests;

public class ComplaintTests
{
    [Theory]
    [InlineData("No space left on device : '/tmp/x'", "No space left on device.")]
    [InlineData("Access to the path '/x' is denied.", "Access to the path '/x' is denied.")]
    [InlineData("Broken pipe", "Broken pipe.")]
    public void IsASentence(string message, string expected) => Assert.Equal(expected, Complaint.Of(new IOException(message)));

    [Fact]
    public void NamesNoDictionary()
    {
        using JsonDocument json = JsonDocument.Parse("{}");
        Assert.Equal("something that belongs there is missing.", Complaint.Of(Assert.Throws<KeyNotFoundException>(() => json.RootElement.GetProperty("x"))));
    }
}
