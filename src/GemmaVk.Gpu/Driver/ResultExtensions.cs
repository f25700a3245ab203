using GemmaVk.Kernels;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu.Driver;

/// <summary>The one place where a VkResult becomes an exception.</summary>
internal static class ResultExtensions
{
    /// <summary>Passes success codes (zero and positive, e.g. Incomplete or Timeout) through.</summary>
    /// <param name="result">What the driver answered.</param>
    /// <param name="doing">What was being done, to fit after "Vulkan failed while".</param>
    /// <param name="device">Name of the device, where one is involved.</param>
    /// <exception cref="VulkanException">The result is an error (negative).</exception>
    /// <exception cref="DeviceLostException">The device stopped answering.</exception>
    public static Result Check(this Result result, string doing, string? device = null)
    {
        if (result >= Result.Success)
            return result;
        VulkanException error = Error(result, doing, device);
        throw result == Result.ErrorDeviceLost ? new DeviceLostException(error.Message, "nothing", [], error) : error;
    }

    /// <summary>The exception for an error.</summary>
    public static VulkanException Error(Result result, string doing, string? device = null)
    {
        string? hint = Hint(result);
        string where = device is null ? "" : $" on {device}";
        string message = $"Vulkan failed while {doing}{where}: {result} ({(int)result}).";
        return new VulkanException(hint is null ? message : $"{message} {hint}", result, doing, device, hint);
    }

    private static string? Hint(Result result) => result switch
    {
        Result.ErrorDeviceLost =>
            "The device stopped answering: a kernel ran too long or touched memory outside its buffers, or the driver was reset. "
            + "Look into the system's log, and run once with the validation layer on.",
        Result.ErrorOutOfDeviceMemory =>
            "The device has no memory left: close other programs that use it, or ask for less (shorter context, smaller weights).",
        Result.ErrorOutOfHostMemory => "The machine has no memory left.",
        Result.ErrorIncompatibleDriver =>
            "No installed driver offers the Vulkan version asked for: install or update the driver (vulkaninfo --summary lists what there is).",
        Result.ErrorLayerNotPresent => "A layer asked for is not installed (the validation layer comes in vulkan-validationlayers or the Vulkan SDK).",
        Result.ErrorExtensionNotPresent or Result.ErrorFeatureNotPresent => "The driver is too old for something asked for: update it.",
        Result.ErrorInitializationFailed => "The driver is installed but could not start: its device may be missing or not open to this user.",
        _ => null,
    };
}
