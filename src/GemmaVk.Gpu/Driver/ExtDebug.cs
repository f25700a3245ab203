using Silk.NET.Core.Contexts;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu.Driver;

/// <summary>
/// VK_EXT_debug_utils: messages of the validation layer, and names for them. Silk.NET has its structs; its functions are in
/// a package of their own, whose class for this extension has these methods.
/// </summary>
internal sealed unsafe class ExtDebug(INativeContext instance)
{
    public const string ExtensionName = "VK_EXT_debug_utils";

    private readonly delegate* unmanaged<Instance, DebugUtilsMessengerCreateInfoEXT*, AllocationCallbacks*, DebugUtilsMessengerEXT*, Result> create =
        (delegate* unmanaged<Instance, DebugUtilsMessengerCreateInfoEXT*, AllocationCallbacks*, DebugUtilsMessengerEXT*, Result>)
        instance.GetProcAddress("vkCreateDebugUtilsMessengerEXT");

    private readonly delegate* unmanaged<Instance, DebugUtilsMessengerEXT, AllocationCallbacks*, void> destroy =
        (delegate* unmanaged<Instance, DebugUtilsMessengerEXT, AllocationCallbacks*, void>)instance.GetProcAddress("vkDestroyDebugUtilsMessengerEXT");

    private readonly delegate* unmanaged<Device, DebugUtilsObjectNameInfoEXT*, Result> setName =
        (delegate* unmanaged<Device, DebugUtilsObjectNameInfoEXT*, Result>)instance.GetProcAddress("vkSetDebugUtilsObjectNameEXT");

    private readonly delegate* unmanaged<CommandBuffer, DebugUtilsLabelEXT*, void> beginLabel =
        (delegate* unmanaged<CommandBuffer, DebugUtilsLabelEXT*, void>)instance.GetProcAddress("vkCmdBeginDebugUtilsLabelEXT");

    private readonly delegate* unmanaged<CommandBuffer, void> endLabel =
        (delegate* unmanaged<CommandBuffer, void>)instance.GetProcAddress("vkCmdEndDebugUtilsLabelEXT");

    public Result CreateDebugUtilsMessenger(
        Instance instance, DebugUtilsMessengerCreateInfoEXT* pCreateInfo, AllocationCallbacks* pAllocator, DebugUtilsMessengerEXT* pMessenger) =>
        create(instance, pCreateInfo, pAllocator, pMessenger);

    public void DestroyDebugUtilsMessenger(Instance instance, DebugUtilsMessengerEXT messenger, AllocationCallbacks* pAllocator) =>
        destroy(instance, messenger, pAllocator);

    public Result SetDebugUtilsObjectName(Device device, DebugUtilsObjectNameInfoEXT* pNameInfo) => setName(device, pNameInfo);

    public void CmdBeginDebugUtilsLabel(CommandBuffer commandBuffer, DebugUtilsLabelEXT* pLabelInfo) => beginLabel(commandBuffer, pLabelInfo);

    public void CmdEndDebugUtilsLabel(CommandBuffer commandBuffer) => endLabel(commandBuffer);
}
