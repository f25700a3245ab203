using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace GemmaVk.Gpu.Driver;

/// <summary>
/// Finds the system's Vulkan loader. Silk.NET would search for it too, but probes a dozen places for it, which takes longer
/// than all else that happens before the first command, and has no sentence for a person when there is none.
/// </summary>
internal static class VulkanLoader
{
    /// <summary>Library names tried on this operating system, in order.</summary>
    public static IReadOnlyList<string> LibraryNames { get; } =
        OperatingSystem.IsWindows() ? ["vulkan-1.dll"]
        : OperatingSystem.IsMacOS() ? ["libvulkan.1.dylib", "libvulkan.dylib", "libMoltenVK.dylib"]
        : ["libvulkan.so.1", "libvulkan.so"];

    private static string Remedy =>
        OperatingSystem.IsWindows() ? "Install the graphics driver of your card's maker: vulkan-1.dll comes with it."
        : OperatingSystem.IsMacOS() ? "Install MoltenVK (brew install molten-vk vulkan-loader, or the Vulkan SDK for macOS)."
        : "Install the loader and a driver, e.g. on Debian or Ubuntu: apt install libvulkan1 mesa-vulkan-drivers "
            + "(NVIDIA cards: their own driver package); on Fedora: dnf install vulkan-loader mesa-vulkan-drivers.";

    /// <summary>The address of <c>vkGetInstanceProcAddr</c> in the first of <see cref="LibraryNames"/> that loads.</summary>
    /// <exception cref="VulkanException">No Vulkan loader is installed.</exception>
    public static nint Find() => Find(LibraryNames);

    /// <summary>The address of <c>vkGetInstanceProcAddr</c> in the first of <paramref name="libraryNames"/> that loads.</summary>
    /// <exception cref="VulkanException">None of them loads, or none is a Vulkan loader.</exception>
    public static nint Find(IReadOnlyList<string> libraryNames)
    {
        foreach (string name in libraryNames)
        {
            // The library stays loaded for the life of the process: drivers start threads in it.
            if (NativeLibrary.TryLoad(name, out nint library)
                && NativeLibrary.TryGetExport(library, "vkGetInstanceProcAddr", out nint getInstanceProcAddr))
            {
                return getInstanceProcAddr;
            }
        }

        throw new VulkanException(
            $"No Vulkan loader was found (tried {string.Join(", ", libraryNames)}). {Remedy}", null, "loading the Vulkan library", null, Remedy);
    }
}
