using System;
using FsCheck.Xunit;
using GemmaVk.Gpu.Driver;
using GemmaVk.Kernels;
using Xunit;
using Result = Silk.NET.Vulkan.Result;

namespace GemmaVk.Gpu.Tests;

/// <summary>What becomes of a VkResult.</summary>
public sealed class CheckTests
{
    [Fact]
    public void ErrorsSayWhatWasBeingDoneAndWhere()
    {
        DeviceLostException lost = Assert.Throws<DeviceLostException>(() => Result.ErrorDeviceLost.Check("waiting for a pass", "llvmpipe"));
        VulkanException error = Assert.IsType<VulkanException>(lost.InnerException);
        Assert.Equal(Result.ErrorDeviceLost, error.Result);
        Assert.Equal("waiting for a pass", error.Call);
        Assert.Equal("llvmpipe", error.Device);
        Assert.StartsWith("Vulkan failed while waiting for a pass on llvmpipe: ErrorDeviceLost (-4).", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(error.Hint!, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Result.ErrorOutOfDeviceMemory)]
    [InlineData(Result.ErrorOutOfHostMemory)]
    [InlineData(Result.ErrorIncompatibleDriver)]
    public void CommonErrorsCarryAHint(Result result) =>
        Assert.NotNull(Assert.Throws<VulkanException>(() => result.Check("testing")).Hint);

    [Property(MaxTest = 100)]
    public bool ExactlyTheNegativeResultsThrow(int code)
    {
        Result result = (Result)code;
        if (code >= 0)
            return result.Check("testing") == result;
        return result == Result.ErrorDeviceLost
            ? Assert.Throws<DeviceLostException>(() => result.Check("testing")).InnerException is VulkanException { Result: Result.ErrorDeviceLost }
            : Assert.Throws<VulkanException>(() => result.Check("testing")).Result == result;
    }
}
