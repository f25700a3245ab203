using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using GemmaVk.Vulkan;

namespace GemmaVk.Gpu;

/// <summary>Collects what the validation layer says. Thread safe: the layer calls from whichever thread called Vulkan.</summary>
internal sealed unsafe class ValidationLog : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<string> messages = [];
    private GCHandle self;

    public ValidationLog() => self = GCHandle.Alloc(this);

    /// <summary>Warnings and errors so far, in order.</summary>
    public IReadOnlyList<string> Messages
    {
        get
        {
            lock (gate)
                return [.. messages];
        }
    }

    /// <summary>What the messenger is created with: warnings and errors about correctness, none about style.</summary>
    public VkDebugUtilsMessengerCreateInfoEXT CreateInfo
    {
        get
        {
            VkDebugUtilsMessengerCreateInfoEXT info = VkDebugUtilsMessengerCreateInfoEXT.New;
            info.messageSeverity = VkDebugUtilsMessageSeverityFlagsEXT.Warning | VkDebugUtilsMessageSeverityFlagsEXT.Error;
            info.messageType = VkDebugUtilsMessageTypeFlagsEXT.Validation;
            info.pfnUserCallback = &OnMessage;
            info.pUserData = (void*)GCHandle.ToIntPtr(self);
            return info;
        }
    }

    public void Dispose() => self.Free();

    // Native code is the caller: nothing may be thrown from here.
    [UnmanagedCallersOnly]
    private static uint OnMessage(
        VkDebugUtilsMessageSeverityFlagsEXT severity,
        VkDebugUtilsMessageTypeFlagsEXT types,
        VkDebugUtilsMessengerCallbackDataEXT* data,
        void* user)
    {
        if (GCHandle.FromIntPtr((nint)user).Target is ValidationLog log)
        {
            string text = Marshal.PtrToStringUTF8((nint)data->pMessage) ?? "";
            lock (log.gate)
                log.messages.Add($"{severity}: {text}");
        }

        return VkConstants.VK_FALSE;
    }
}
