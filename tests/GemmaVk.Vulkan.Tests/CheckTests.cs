using System;
using FsCheck.Xunit;
using Xunit;

namespace GemmaVk.Vulkan.Tests;

/// <summary>What becomes of a VkResult.</summary>
public sealed class CheckTests
{
    [Fact]
    public void ErrorsSayWhatWasBeingDoneAndWhere()
    {
        VulkanException error = Assert.Throws<VulkanException>(() => VkResult.ErrorDeviceLost.Check("waiting for a pass", "llvmpipe"));
        Assert.Equal(VkResult.ErrorDeviceLost, error.Result);
        Assert.Equal("waiting for a pass", error.Call);
        Assert.Equal("llvmpipe", error.Device);
        Assert.StartsWith("Vulkan failed while waiting for a pass on llvmpipe: ErrorDeviceLost (-4).", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(error.Hint!, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(VkResult.ErrorDeviceLost)]
    [InlineData(VkResult.ErrorOutOfDeviceMemory)]
    [InlineData(VkResult.ErrorOutOfHostMemory)]
    [InlineData(VkResult.ErrorIncompatibleDriver)]
    public void CommonErrorsCarryAHint(VkResult result) =>
        Assert.NotNull(Assert.Throws<VulkanException>(() => result.Check("testing")).Hint);

    [Property(MaxTest = 100)]
    public bool ExactlyTheNegativeResultsThrow(int code)
    {
        VkResult result = (VkResult)code;
        if (code >= 0)
            return result.Check("testing") == result;
        return Assert.Throws<VulkanException>(() => result.Check("testing")).Result == result;
    }
}
