using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Silk.NET.Core;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu.Driver;

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
    public DebugUtilsMessengerCreateInfoEXT CreateInfo
    {
        get
        {
            DebugUtilsMessengerCreateInfoEXT info = new()
            {
                SType = StructureType.DebugUtilsMessengerCreateInfoExt,
                MessageSeverity = DebugUtilsMessageSeverityFlagsEXT.WarningBitExt | DebugUtilsMessageSeverityFlagsEXT.ErrorBitExt,
                MessageType = DebugUtilsMessageTypeFlagsEXT.ValidationBitExt,
                PfnUserCallback = new(&OnMessage),
                PUserData = (void*)GCHandle.ToIntPtr(self),
            };
            return info;
        }
    }

    public void Dispose() => self.Free();

    // Native code is the caller: nothing may be thrown from here.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static Bool32 OnMessage(
        DebugUtilsMessageSeverityFlagsEXT severity,
        DebugUtilsMessageTypeFlagsEXT types,
        DebugUtilsMessengerCallbackDataEXT* data,
        void* user)
    {
        if (GCHandle.FromIntPtr((nint)user).Target is ValidationLog log)
        {
            string text = Marshal.PtrToStringUTF8((nint)data->PMessage) ?? "";
            lock (log.gate)
                log.messages.Add($"{severity}: {text}");
        }

        return Vk.False;
    }
}
