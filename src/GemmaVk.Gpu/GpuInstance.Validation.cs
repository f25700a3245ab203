using System.Collections.Generic;
using GemmaVk.Tensors;
using GemmaVk.Vulkan;

namespace GemmaVk.Gpu;

/// <summary>The validation layer: on by option or GEMMAVK_VALIDATION=1, with synchronisation validation on top.</summary>
public sealed unsafe partial class GpuInstance
{
    private const string ValidationLayer = "VK_LAYER_KHRONOS_validation";

    private ValidationLog? validation;
    private VkDebugUtilsMessengerEXT messenger;

    /// <summary>Warnings and errors of the validation layer so far; empty when it is off.</summary>
    public IReadOnlyList<string> ValidationMessages => validation?.Messages ?? [];

    private static void RequireValidationLayer(VkGlobalCommands global)
    {
        uint count = 0;
        global.vkEnumerateInstanceLayerProperties(&count, null).Check("counting Vulkan layers");
        VkLayerProperties[] layers = new VkLayerProperties[count];
        fixed (VkLayerProperties* p = layers)
            global.vkEnumerateInstanceLayerProperties(&count, p).Check("listing Vulkan layers");
        foreach (VkLayerProperties layer in layers)
        {
            if (VkText.Read(layer.layerName) == ValidationLayer)
                return;
        }

        throw new GemmaVkException(
            $"Validation was asked for (GEMMAVK_VALIDATION=1), but {ValidationLayer} is not installed. "
            + "Install it (Debian: vulkan-validationlayers; elsewhere the Vulkan SDK) or turn validation off.");
    }

    private void CreateMessenger()
    {
        if (validation is null)
            return;
        VkDebugUtilsMessengerCreateInfoEXT info = validation.CreateInfo;
        VkDebugUtilsMessengerEXT created;
        Vk.vkCreateDebugUtilsMessengerEXT(Handle, &info, null, &created).Check("listening to the validation layer");
        messenger = created;
    }

    private void DestroyMessenger()
    {
        if (messenger.Value != 0)
            Vk.vkDestroyDebugUtilsMessengerEXT(Handle, messenger, null);
    }
}
