using Silk.NET.Core.Contexts;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu.Driver;

/// <summary>
/// VK_EXT_external_memory_host: kernels read memory of the host in place. Silk.NET has its structs; its function is in a
/// package of its own, whose class has this name and this method.
/// </summary>
internal sealed unsafe class ExtExternalMemoryHost(INativeContext device)
{
    public const string ExtensionName = "VK_EXT_external_memory_host";

    private readonly delegate* unmanaged<Device, ExternalMemoryHandleTypeFlags, void*, MemoryHostPointerPropertiesEXT*, Result> properties =
        (delegate* unmanaged<Device, ExternalMemoryHandleTypeFlags, void*, MemoryHostPointerPropertiesEXT*, Result>)
        device.GetProcAddress("vkGetMemoryHostPointerPropertiesEXT");

    public Result GetMemoryHostPointerProperties(
        Device device, ExternalMemoryHandleTypeFlags handleType, void* pHostPointer, MemoryHostPointerPropertiesEXT* pProperties) =>
        properties(device, handleType, pHostPointer, pProperties);
}
