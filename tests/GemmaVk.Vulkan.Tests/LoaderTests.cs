using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Xunit;

namespace GemmaVk.Vulkan.Tests;

/// <summary>From the system's library to a list of devices. A software driver (lavapipe) has to be installed.</summary>
public sealed unsafe class LoaderTests
{
    [Fact]
    public void MissingLibraryIsNamedWithItsRemedy()
    {
        VulkanException error = Assert.Throws<VulkanException>(() => VulkanLoader.Load(["libno-such-vulkan.so.9"]));
        Assert.Contains("libno-such-vulkan.so.9", error.Message, StringComparison.Ordinal);
        Assert.Contains("Install", error.Message, StringComparison.Ordinal);
        Assert.Null(error.Result);
        Assert.NotNull(error.Hint);
    }

    [Fact]
    public void LibraryThatIsNoVulkanLoaderIsRefused() =>
        Assert.Throws<VulkanException>(() => VulkanLoader.Load([OperatingSystem.IsWindows() ? "kernel32.dll" : "libc.so.6"]));

    [Fact]
    public void NullPointerIsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => VulkanLoader.Load(0));

    [Fact]
    public void PointerOfAnotherBindingServes()
    {
        nint library = 0;
        foreach (string name in VulkanLoader.LibraryNames)
        {
            if (NativeLibrary.TryLoad(name, out library))
                break;
        }

        VkGlobalCommands vk = VulkanLoader.Load(NativeLibrary.GetExport(library, "vkGetInstanceProcAddr"));
        uint version = 0;
        vk.vkEnumerateInstanceVersion(&version).Check("asking for the loader's version");
        Assert.True(version >= (1u << 22 | 1u << 12), $"loader version {version:X}");
    }

    [Fact]
    public void SoftwareDeviceIsListed()
    {
        VkGlobalCommands global = VulkanLoader.Load();
        VkApplicationInfo application = VkApplicationInfo.New;
        application.apiVersion = 1u << 22 | 2u << 12;
        VkInstanceCreateInfo info = VkInstanceCreateInfo.New;
        info.pApplicationInfo = &application;
        VkInstance instance;
        global.vkCreateInstance(&info, null, &instance).Check("creating an instance");
        VkInstanceCommands vk = global.ForInstance(instance);
        try
        {
            uint count = 0;
            vk.vkEnumeratePhysicalDevices(instance, &count, null).Check("counting devices");
            VkPhysicalDevice[] devices = new VkPhysicalDevice[count];
            fixed (VkPhysicalDevice* p = devices)
                vk.vkEnumeratePhysicalDevices(instance, &count, p).Check("listing devices");

            List<VkPhysicalDeviceType> types = [];
            foreach (VkPhysicalDevice device in devices)
            {
                VkPhysicalDeviceProperties2 properties = VkPhysicalDeviceProperties2.New;
                vk.vkGetPhysicalDeviceProperties2(device, &properties);
                Assert.NotEmpty(Marshal.PtrToStringUTF8((nint)(&properties.properties.deviceName))!);
                Assert.True(properties.properties.limits.maxComputeWorkGroupInvocations >= 128);
                types.Add(properties.properties.deviceType);
            }

            Assert.Contains(VkPhysicalDeviceType.Cpu, types);
        }
        finally
        {
            vk.vkDestroyInstance(instance, null);
        }
    }

    [Fact]
    public void DeviceCommandsAreResolvedAndAbsentOnesAreNull()
    {
        VkGlobalCommands global = VulkanLoader.Load();
        VkInstanceCreateInfo info = VkInstanceCreateInfo.New;
        VkInstance instance;
        global.vkCreateInstance(&info, null, &instance).Check("creating an instance");
        VkInstanceCommands vk = global.ForInstance(instance);
        Assert.True(vk.vkEnumeratePhysicalDevices is not null);
        Assert.True(vk.vkGetDeviceProcAddr is not null);
        // Its extension was not enabled, so the loader must not offer it.
        Assert.True(vk.vkCreateDebugUtilsMessengerEXT is null);
        vk.vkDestroyInstance(instance, null);
    }
}
