using System;
using System.Linq;
using System.Text;

namespace GemmaVk.VkGen;

/// <summary>How C names become C# names.</summary>
internal static class CSharpNames
{
    private static readonly string[] Vendors = ["KHR", "EXT", "NV", "AMD", "ARM", "INTEL", "QCOM", "GOOGLE", "VALVE", "NVX", "LUNARG", "HUAWEI"];
    private static readonly string[] Keywords = ["object", "event", "base", "in", "out", "ref", "params", "string", "lock", "fixed"];

    /// <summary>C# name for a scalar C type, or null when the type is declared by the registry.</summary>
    public static string? Primitive(string c) => c switch
    {
        "void" => "void",
        "char" or "uint8_t" => "byte",
        "int8_t" => "sbyte",
        "uint16_t" => "ushort",
        "int16_t" => "short",
        "uint32_t" or "VkFlags" or "VkBool32" or "VkSampleMask" => "uint",
        "int32_t" or "int" => "int",
        "uint64_t" or "VkFlags64" or "VkDeviceSize" or "VkDeviceAddress" => "ulong",
        "int64_t" => "long",
        "size_t" => "nuint",
        "float" => "float",
        "double" => "double",
        _ => null,
    };

    /// <summary>VkFooFlagBits2KHR -> VkFooFlags2KHR: single bits and sets of bits share one C# enum.</summary>
    public static string Flags(string bits) => bits.Replace("FlagBits", "Flags", StringComparison.Ordinal);

    public static string Identifier(string c) => Keywords.Contains(c) ? "@" + c : c;

    /// <summary>VK_BUFFER_USAGE_STORAGE_BUFFER_BIT of VkBufferUsageFlagBits -> StorageBuffer.</summary>
    public static string EnumMember(string enumName, string c)
    {
        string vendor = Vendors.FirstOrDefault(v => enumName.EndsWith(v, StringComparison.Ordinal)) ?? "";
        string stem = enumName[..^vendor.Length];
        bool flags = stem.Contains("FlagBits", StringComparison.Ordinal);
        string prefix = Upper(stem.Replace("FlagBits", "", StringComparison.Ordinal));
        string rest = c.StartsWith(prefix, StringComparison.Ordinal) ? c[prefix.Length..] : c["VK_".Length..];
        if (vendor.Length > 0 && rest.EndsWith("_" + vendor, StringComparison.Ordinal))
            rest = rest[..^(vendor.Length + 1)];
        if (flags)
            rest = rest.Replace("_BIT", "", StringComparison.Ordinal);
        string[] words = rest.Split('_', StringSplitOptions.RemoveEmptyEntries);
        string tail = words.Length > 1 && Vendors.Contains(words[^1]) ? words[^1] : Word(words[^1]);
        string name = string.Concat(words[..^1].Select(Word)) + tail;
        return char.IsDigit(name[0]) ? "N" + name : name;
    }

    private static string Word(string w) => char.ToUpperInvariant(w[0]) + w[1..].ToLowerInvariant();

    // VkPhysicalDeviceType -> VK_PHYSICAL_DEVICE_TYPE_
    private static string Upper(string camel)
    {
        StringBuilder s = new();
        for (int i = 0; i < camel.Length; i++)
        {
            bool boundary = i > 0 && (char.IsUpper(camel[i]) || char.IsDigit(camel[i])) && !char.IsUpper(camel[i - 1]) && !char.IsDigit(camel[i - 1]);
            if (boundary)
                s.Append('_');
            s.Append(char.ToUpperInvariant(camel[i]));
        }

        return s.Append('_').ToString();
    }
}
