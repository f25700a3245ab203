using Silk.NET.Core.Contexts;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu.Driver;

/// <summary>
/// VK_KHR_cooperative_matrix: the shapes of matrices that a device multiplies as a whole. Silk.NET has its structs; its
/// function is in a package of its own, whose class has this name and this method.
/// </summary>
internal sealed unsafe class KhrCooperativeMatrix(INativeContext instance)
{
    public const string ExtensionName = "VK_KHR_cooperative_matrix";

    private readonly delegate* unmanaged<PhysicalDevice, uint*, CooperativeMatrixPropertiesKHR*, Result> properties =
        (delegate* unmanaged<PhysicalDevice, uint*, CooperativeMatrixPropertiesKHR*, Result>)
        instance.GetProcAddress("vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR");

    public Result GetPhysicalDeviceCooperativeMatrixProperties(
        PhysicalDevice physicalDevice, uint* pPropertyCount, CooperativeMatrixPropertiesKHR* pProperties) =>
        properties(physicalDevice, pPropertyCount, pProperties);
}
