using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Xml.Linq;

namespace GemmaVk.VkGen;

/// <summary>Enumerants: base blocks plus what versions and extensions add to them.</summary>
internal sealed partial class VkRegistry
{
    private const long ExtensionBase = 1_000_000_000;
    private const long ExtensionRange = 1000;

    private string RegistryVersion()
    {
        // "#define VK_HEADER_VERSION 309" and "VK_HEADER_VERSION_COMPLETE VK_MAKE_API_VERSION(0, 1, 4, VK_HEADER_VERSION)"
        string header = types["VK_HEADER_VERSION"].Value.Split(' ')[^1].Trim();
        string[] complete = types["VK_HEADER_VERSION_COMPLETE"].Value.Split('(')[^1].Split(',', StringSplitOptions.TrimEntries);
        return $"{complete[1]}.{complete[2]}.{header}";
    }

    private IEnumerable<VkConstant> Constants()
    {
        string[] wanted = ["VK_WHOLE_SIZE", "VK_QUEUE_FAMILY_IGNORED", "VK_TRUE", "VK_FALSE"];
        foreach (string name in wanted)
        {
            string value = constants[name];
            yield return value switch
            {
                "(~0U)" => new VkConstant(name, "uint", "uint.MaxValue"),
                "(~0ULL)" => new VkConstant(name, "ulong", "ulong.MaxValue"),
                _ => new VkConstant(name, "uint", value),
            };
        }
    }

    private VkEnum Enum(XElement type, ImmutableArray<VkStruct> structs)
    {
        string name = NameOf(type);
        XElement? block = root.Elements("enums").FirstOrDefault(e => (string?)e.Attribute("name") == name);
        bool flags = name.Contains("FlagBits", StringComparison.Ordinal);
        bool wide = (string?)block?.Attribute("bitwidth") == "64";

        // Enumerants of promoted structs may come from a later core version than the allow-list's, so every version is read.
        IEnumerable<(XElement Value, XElement? Owner)> added = Features().Concat(Extensions())
            .SelectMany(owner => owner.Elements("require").Where(ForVulkan).Elements("enum").Select(value => (value, (XElement?)owner)))
            .Where(v => (string?)v.value.Attribute("extends") == name);
        IEnumerable<(XElement Value, XElement? Owner)> own = (block?.Elements("enum") ?? []).Select(v => (v, (XElement?)null));

        Dictionary<string, VkEnumMember> members = [];
        foreach ((XElement value, XElement? owner) in own.Concat(added))
        {
            if (!ForVulkan(value) || value.Attribute("alias") is not null)
                continue;
            string source = NameOf(value);
            string member = CSharpNames.EnumMember(name, source);
            members.TryAdd(member, new VkEnumMember(member, Literal(value, owner, flags), source));
        }

        IEnumerable<VkEnumMember> kept = members.Values;
        if (name == "VkStructureType")
        {
            // The hundreds of others would name structs that do not exist here.
            HashSet<string?> used = [.. structs.Select(s => s.StructureType)];
            kept = kept.Where(m => used.Contains(m.Name));
        }

        return new VkEnum(CSharpNames.Flags(name), wide ? "ulong" : flags ? "uint" : "int", flags, [.. kept]);
    }

    private static string Literal(XElement value, XElement? owner, bool flags)
    {
        if ((string?)value.Attribute("bitpos") is { } bit)
            return "0x" + (1UL << int.Parse(bit, CultureInfo.InvariantCulture)).ToString("X", CultureInfo.InvariantCulture);
        if ((string?)value.Attribute("value") is { } literal)
            return flags ? literal.Replace("ULL", "UL", StringComparison.Ordinal) : literal;
        long extension = long.Parse((string?)value.Attribute("extnumber") ?? (string)owner!.Attribute("number")!, CultureInfo.InvariantCulture);
        long offset = long.Parse((string)value.Attribute("offset")!, CultureInfo.InvariantCulture);
        long number = ExtensionBase + (extension - 1) * ExtensionRange + offset;
        return ((string?)value.Attribute("dir") == "-" ? -number : number).ToString(CultureInfo.InvariantCulture);
    }
}
