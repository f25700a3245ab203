using Xunit;

namespace GemmaVk.Tests;

/// <summary>How the reason for a device is said.</summary>
public class DeviceSurveyTests
{
    [Theory]
    [InlineData("No Vulkan loader is here. Install it.", "no Vulkan loader is here")]
    [InlineData("GEMMAVK_X: expected a list, but 'x' came; correct it.", "GEMMAVK_X: expected a list, but 'x' came; correct it")]
    public void A_message_becomes_part_of_a_sentence(string message, string part) => Assert.Equal(part, DeviceSurvey.FirstSentence(message));
}
