using System;
using System.Text;

namespace GemmaVk.Gpu;

/// <summary>Text as the driver keeps it: UTF-8, ended by a zero byte.</summary>
internal static class VkText
{
    /// <summary>Text up to the first zero byte, or all of a buffer without one.</summary>
    public static string Read(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    /// <summary>Text with its closing zero byte, to be pinned for a call.</summary>
    public static byte[] Write(string text) => Encoding.UTF8.GetBytes(text + "\0");
}
