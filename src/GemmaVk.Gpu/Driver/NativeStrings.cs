using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace GemmaVk.Gpu.Driver;

/// <summary>A <c>const char* const*</c> for create-info structs; valid until disposed.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly byte** pointers;

    public NativeStrings(IReadOnlyCollection<string> texts)
    {
        Count = (uint)texts.Count;
        pointers = (byte**)NativeMemory.AllocZeroed(Count + 1, (nuint)sizeof(byte*));
        int i = 0;
        foreach (string text in texts)
            pointers[i++] = (byte*)Marshal.StringToCoTaskMemUTF8(text);
    }

    public uint Count { get; }

    public byte** Pointers => pointers;

    public void Dispose()
    {
        for (uint i = 0; i < Count; i++)
            Marshal.FreeCoTaskMem((nint)pointers[i]);
        NativeMemory.Free(pointers);
    }
}
