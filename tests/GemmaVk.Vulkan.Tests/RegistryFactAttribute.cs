using System.IO;
using Xunit;

namespace GemmaVk.Vulkan.Tests;

/// <summary>A test that needs Khronos' vk.xml, which is too big to commit: skipped, visibly, where it is not beside the checkout.</summary>
internal sealed class RegistryFactAttribute : FactAttribute
{
    public RegistryFactAttribute()
    {
        if (!File.Exists(RegistryPath))
            Skip = "vk.xml 1.4.309 is not at ../shared/vk/vk.xml";
    }

    public static string RegistryPath { get; } = Repository.Path("..", "shared", "vk", "vk.xml");
}
