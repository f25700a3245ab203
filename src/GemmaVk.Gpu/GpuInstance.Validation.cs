using System.Collections.Generic;
using GemmaVk.Gpu.Driver;
using GemmaVk.Tensors;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu;

/// <summary>The validation layer: on by option or GEMMAVK_VALIDATION=1, with synchronisation validation on top.</summary>
public sealed unsafe partial class GpuInstance
{
    private const string ValidationLayer = "VK_LAYER_KHRONOS_validation";

    private ValidationLog? validation;
    private DebugUtilsMessengerEXT messenger;

    /// <summary>Warnings and errors of the validation layer so far; empty when it is off.</summary>
    public IReadOnlyList<string> ValidationMessages => validation?.Messages ?? [];

    /// <summary>Names and labels for the layer's messages; null when it is off.</summary>
    internal ExtDebug? Debugging { get; private set; }

    private static void RequireValidationLayer(Vk loader)
    {
        uint count = 0;
        loader.EnumerateInstanceLayerProperties(&count, null).Check("counting Vulkan layers");
        LayerProperties[] layers = new LayerProperties[count];
        fixed (LayerProperties* p = layers)
            loader.EnumerateInstanceLayerProperties(&count, p).Check("listing Vulkan layers");
        foreach (LayerProperties layer in layers)
        {
            if (VkText.Read(layer.LayerName, Vk.MaxExtensionNameSize) == ValidationLayer)
                return;
        }

        throw new GemmaVkException(
            $"Validation was asked for (GEMMAVK_VALIDATION=1), but {ValidationLayer} is not installed. "
            + "Install it (Debian: vulkan-validationlayers; elsewhere the Vulkan SDK) or turn validation off.")
        { Variable = "GEMMAVK_VALIDATION" };
    }

    private void CreateMessenger()
    {
        if (validation is null)
            return;
        Debugging = new ExtDebug(Vk.Context);
        DebugUtilsMessengerCreateInfoEXT info = validation.CreateInfo;
        DebugUtilsMessengerEXT created;
        Debugging.CreateDebugUtilsMessenger(Handle, &info, null, &created).Check("listening to the validation layer");
        messenger = created;
    }

    private void DestroyMessenger()
    {
        if (messenger.Handle != 0)
            Debugging!.DestroyDebugUtilsMessenger(Handle, messenger, null);
    }
}
