using System;

namespace GemmaVk.Vulkan;

// Three tables, resolved in three steps as the specification lays down ("Command Function Pointers"): global commands
// with a null instance, instance commands through the instance, device commands through the device (which saves the
// loader's dispatch on every call). Pointers of commands that the driver does not have are null: whoever calls a
// command beyond core 1.2 asks for its extension or version first.

/// <summary>Commands that need no instance.</summary>
public sealed unsafe partial class VkGlobalCommands
{
    private delegate* unmanaged<VkInstance, byte*, delegate* unmanaged<void>> resolver;

    internal static VkGlobalCommands Load(nint vkGetInstanceProcAddr)
    {
        ArgumentOutOfRangeException.ThrowIfZero(vkGetInstanceProcAddr);
        var resolver = (delegate* unmanaged<VkInstance, byte*, delegate* unmanaged<void>>)vkGetInstanceProcAddr;
        VkGlobalCommands commands = new(resolver) { resolver = resolver };
        if (commands.vkCreateInstance is null)
        {
            const string call = "resolving vkCreateInstance";
            throw new VulkanException("The Vulkan loader does not offer vkCreateInstance: it is not a Vulkan loader, or broken.", null, call, null, null);
        }

        return commands;
    }

    /// <summary>Commands of an instance created with this table.</summary>
    public VkInstanceCommands ForInstance(VkInstance instance) => VkInstanceCommands.Load(resolver, instance);
}

/// <summary>Commands of an instance and of its physical devices.</summary>
public sealed unsafe partial class VkInstanceCommands
{
    internal static VkInstanceCommands Load(delegate* unmanaged<VkInstance, byte*, delegate* unmanaged<void>> resolver, VkInstance instance) =>
        new(instance, resolver);

    /// <summary>Commands of a device created with this table.</summary>
    public VkDeviceCommands ForDevice(VkDevice device) => VkDeviceCommands.Load(vkGetDeviceProcAddr, device);
}

/// <summary>Commands of a device, its queues and its command buffers.</summary>
public sealed unsafe partial class VkDeviceCommands
{
    internal static VkDeviceCommands Load(delegate* unmanaged<VkDevice, byte*, delegate* unmanaged<void>> resolver, VkDevice device) =>
        new(device, resolver);
}
