using System;
using System.Runtime.InteropServices;
using System.Text;
using GemmaVk.Gpu.Driver;
using GemmaVk.Tensors;
using Silk.NET.Vulkan;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>From the system's library to addresses of commands, and what is said where there are none. lavapipe has to be installed.</summary>
public sealed unsafe class LoaderTests
{
    private static uint versionSaid;

    [Fact]
    public void MissingLibraryIsNamedWithItsRemedy()
    {
        VulkanException error = Assert.Throws<VulkanException>(() => VulkanLoader.Find(["libno-such-vulkan.so.9"]));
        Assert.Contains("libno-such-vulkan.so.9", error.Message, StringComparison.Ordinal);
        Assert.Contains("Install", error.Message, StringComparison.Ordinal);
        Assert.Null(error.Result);
        Assert.NotNull(error.Hint);
    }

    [Fact]
    public void LibraryThatIsNoVulkanLoaderIsRefused() =>
        Assert.Throws<VulkanException>(() => VulkanLoader.Find([OperatingSystem.IsWindows() ? "kernel32.dll" : "libc.so.6"]));

    [Fact]
    public void NullPointerIsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => CommandSource.OfLoader(0));

    [Fact]
    public void LoaderWithoutItsFirstCommandIsRefused()
    {
        VulkanException error = Assert.Throws<VulkanException>(() => CommandSource.OfLoader((nint)(delegate* unmanaged<nint, byte*, nint>)&Nothing));
        Assert.Contains("vkCreateInstance", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, "1.0")] // a loader of 1.0 has no command to say its version
    [InlineData(1, 1, "1.1")]
    public void OldLoaderIsNamedWithWhatIsNeeded(uint major, uint minor, string shown)
    {
        versionSaid = major << 22 | minor << 12;
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Open(&OldLoader));
        Assert.Contains($"Vulkan {GpuInstance.MinVersion} is needed, but the installed loader has {shown}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoaderWithoutADriverSaysWhatToInstall()
    {
        versionSaid = 1u << 22 | 3u << 12;
        VulkanException error = Assert.Throws<VulkanException>(() => Open(&OldLoader));
        Assert.Equal(Result.ErrorIncompatibleDriver, error.Result);
        Assert.Contains("install or update the driver", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PointerFoundElsewhereServes()
    {
        using GpuInstance gpu = GpuInstance.Create(VulkanLoader.Find(), new GpuOptions { Validation = false });
        Assert.Contains(gpu.Devices, d => d.Type == GpuDeviceType.Software);
    }

    [Fact]
    public void CommandThatTheDriverLacksIsNamedBeforeItIsCalled()
    {
        using GpuInstance gpu = GpuInstance.Create(new GpuOptions { Validation = false });
        VulkanException error = Assert.Throws<VulkanException>(() => gpu.Vk.Context.GetProcAddress("vkNoSuchCommand"));
        Assert.Contains("vkNoSuchCommand", error.Message, StringComparison.Ordinal);
        // Its extension was not enabled, so the loader must not offer it.
        Assert.False(gpu.Vk.Context.TryGetProcAddress("vkCreateDebugUtilsMessengerEXT", out _));
    }

    [Fact]
    public void CommandsOfADeviceAreTheDriversOwn()
    {
        using TestDevice test = new(options => options with { Validation = false });
        using GpuInstance gpu = GpuInstance.Create(new GpuOptions { Validation = false });
        nint own = test.Device.Vk.Context.GetProcAddress("vkCmdDispatchBase");
        nint dispatched = gpu.Vk.Context.GetProcAddress("vkCmdDispatchBase");
        Assert.NotEqual(dispatched, own);
    }

    private static void Open(delegate* unmanaged<nint, byte*, nint> loader) => GpuInstance.Create((nint)loader, new GpuOptions { Validation = false }).Dispose();

    [UnmanagedCallersOnly]
    private static nint Nothing(nint owner, byte* name) => 0;

    // A loader that says a version (or is too old to say one), lists no extensions and finds no driver.
    [UnmanagedCallersOnly]
    private static nint OldLoader(nint owner, byte* name) => Encoding.ASCII.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name)) switch
    {
        "vkCreateInstance" => (nint)(delegate* unmanaged<void*, void*, void*, Result>)&NoDriver,
        "vkEnumerateInstanceVersion" when versionSaid != 0 => (nint)(delegate* unmanaged<uint*, Result>)&SayVersion,
        "vkEnumerateInstanceExtensionProperties" => (nint)(delegate* unmanaged<byte*, uint*, void*, Result>)&NoExtensions,
        _ => 0,
    };

    [UnmanagedCallersOnly]
    private static Result NoDriver(void* info, void* allocator, void* instance) => Result.ErrorIncompatibleDriver;

    [UnmanagedCallersOnly]
    private static Result SayVersion(uint* version)
    {
        *version = versionSaid;
        return Result.Success;
    }

    [UnmanagedCallersOnly]
    private static Result NoExtensions(byte* layer, uint* count, void* properties)
    {
        *count = 0;
        return Result.Success;
    }
}
