using System;
using System.Text;

namespace GemmaVk.Gpu.Driver;

/// <summary>Text as the driver keeps it: UTF-8, ended by a zero byte.</summary>
internal static class VkText
{
    /// <summary>Text up to the first zero byte, or all of a buffer without one.</summary>
    /// <param name="text">First byte of the buffer.</param>
    /// <param name="capacity">Bytes of the buffer.</param>
    public static unsafe string Read(byte* text, uint capacity)
    {
        ReadOnlySpan<byte> bytes = new(text, (int)capacity);
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    /// <summary>Text with its closing zero byte, to be pinned for a call.</summary>
    public static byte[] Write(string text) => Encoding.UTF8.GetBytes(text + "\0");
}
