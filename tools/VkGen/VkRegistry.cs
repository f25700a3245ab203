using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace GemmaVk.VkGen;

/// <summary>Reads vk.xml and keeps what the allow-list reaches. The file format is Khronos' "Vulkan API Registry" document.</summary>
internal sealed partial class VkRegistry
{
    private readonly AllowList allow;
    private readonly XElement root;
    private readonly Dictionary<string, XElement> types = [];
    private readonly Dictionary<string, string> aliases = [];
    private readonly Dictionary<string, string> constants = [];
    private readonly HashSet<string> offered = [];
    private readonly HashSet<string> reached = [];
    private readonly List<string> order = [];
    private Dictionary<string, XElement>? commandIndex;

    private VkRegistry(XElement root, AllowList allow)
    {
        this.root = root;
        this.allow = allow;
    }

    /// <summary>Parses <paramref name="path"/> into the model of the allow-listed subset.</summary>
    /// <exception cref="InvalidDataException">The allow-list names something the registry does not have.</exception>
    public static VkModel Load(string path, AllowList allow)
    {
        XElement root = XDocument.Load(path).Root ?? throw new InvalidDataException($"{path}: empty document.");
        return new VkRegistry(root, allow).Build();
    }

    private VkModel Build()
    {
        IndexTypes();
        IndexOfferedTypes();
        ImmutableArray<VkCommand> commands = [.. allow.Commands.Select(Command)];
        AddExtendingStructs();

        ImmutableArray<VkStruct> structs = [.. Reached("struct", "union").Select(Struct)];
        return new VkModel(
            RegistryVersion(),
            [.. Constants()],
            [.. allow.Extensions.OrderBy(e => e, StringComparer.Ordinal)],
            [.. Reached("handle").Select(Handle)],
            [.. Reached("enum").Select(e => Enum(e, structs)).Where(e => e.Members.Length > 0 || e.Flags)],
            structs,
            commands);
    }

    private static bool ForVulkan(XElement e) => ((string?)e.Attribute("api"))?.Split(',').Contains("vulkan") ?? true;

    private static string NameOf(XElement e) =>
        (string?)e.Attribute("name") ?? (string?)e.Element("name") ?? (string?)e.Element("proto")?.Element("name")
        ?? throw new InvalidDataException($"nameless element: {e}");

    private void IndexTypes()
    {
        foreach (XElement type in root.Elements("types").Elements("type").Where(ForVulkan))
        {
            if ((string?)type.Attribute("alias") is { } target)
                aliases[NameOf(type)] = target;
            else if (type.Attribute("category") is not null)
                types.TryAdd(NameOf(type), type);
        }

        foreach (XElement constant in root.Elements("enums").Where(e => (string?)e.Attribute("type") == "constants").Elements("enum"))
        {
            if ((string?)constant.Attribute("value") is { } value)
                constants[NameOf(constant)] = value;
        }
    }

    // Types that a chosen core version or extension declares: only these may join as pNext structs.
    private void IndexOfferedTypes()
    {
        IEnumerable<XElement> cores = Features().Where(f => Version.Parse((string)f.Attribute("number")!) <= allow.Core);
        foreach (XElement type in cores.Concat(Extensions()).Elements("require").Where(ForVulkan).Elements("type"))
            offered.Add(Resolve(NameOf(type)));
    }

    private IEnumerable<XElement> Features() => root.Elements("feature").Where(ForVulkan);

    private IEnumerable<XElement> Extensions()
    {
        Dictionary<string, XElement> all = root.Elements("extensions").Elements("extension").ToDictionary(NameOf);
        return allow.Extensions.Select(name => all.TryGetValue(name, out XElement? e)
            ? e
            : throw new InvalidDataException($"the allow-list names {name}, which this registry does not have."));
    }

    private string Resolve(string type)
    {
        while (aliases.TryGetValue(type, out string? target))
            type = target;
        return type;
    }

    private IEnumerable<XElement> Reached(params string[] categories) =>
        order.Where(n => categories.Contains((string?)types[n].Attribute("category"))).OrderBy(n => n, StringComparer.Ordinal).Select(n => types[n]);

    private void Reach(string type)
    {
        if (!types.TryGetValue(type, out XElement? definition) || !reached.Add(type))
            return;
        order.Add(type);
        if ((string?)definition.Attribute("category") is not ("struct" or "union"))
            return;
        foreach (XElement member in Members(definition))
            TypeOf(member);
    }

    private void AddExtendingStructs()
    {
        bool grown = true;
        while (grown)
        {
            grown = false;
            foreach ((string name, XElement type) in types)
            {
                string[] bases = ((string?)type.Attribute("structextends"))?.Split(',') ?? [];
                if (reached.Contains(name) || !offered.Contains(name) || !bases.Any(b => reached.Contains(Resolve(b))))
                    continue;
                Reach(name);
                grown = true;
            }
        }
    }

    private static IEnumerable<XElement> Members(XElement type) => type.Elements("member").Where(ForVulkan);

    // Turns "<type>char</type>* <name>p</name>[<enum>VK_N</enum>]" into a C# type, and takes the named type into the closure.
    private VkTypeRef TypeOf(XElement declaration)
    {
        string text = string.Concat(declaration.Nodes().Where(n => n is not XElement { Name.LocalName: "comment" })
            .Select(n => n is XElement e ? e.Value : n.ToString()));
        if (BitField().IsMatch(text))
            throw new NotSupportedException($"bit field '{text}': C# has none, and no allow-listed struct needed one so far.");
        int length = Dimensions().Matches(text).Aggregate(0, (n, m) => Math.Max(n, 1) * ArrayLength(m.Groups[1].Value));
        int pointers = text.Count(c => c == '*');
        if (declaration.Name.LocalName == "param" && length > 0)
        {
            // C passes arrays as pointers.
            length = 0;
            pointers++;
        }

        return new VkTypeRef(CSharpType((string)declaration.Element("type")!), pointers, length);
    }

    private int ArrayLength(string text) => int.Parse(constants.GetValueOrDefault(text, text), CultureInfo.InvariantCulture);

    private string CSharpType(string c)
    {
        if (CSharpNames.Primitive(c) is { } primitive)
            return primitive;
        c = Resolve(c);
        if (!types.TryGetValue(c, out XElement? type))
            return "void"; // a platform's own type, only ever behind a pointer
        switch ((string?)type.Attribute("category"))
        {
            case "bitmask":
                string? bits = (string?)type.Attribute("requires") ?? (string?)type.Attribute("bitvalues");
                return bits is null ? CSharpNames.Primitive((string)type.Element("type")!)! : CSharpType(bits);
            case "funcpointer":
                return FunctionPointer(type);
            case "enum":
                Reach(c);
                return CSharpNames.Flags(c);
            default:
                Reach(c);
                return c;
        }
    }

    // typedef R (VKAPI_PTR *PFN_name)(params): 1.4.309 has no structure here beyond <type> tags, so the text is parsed.
    private string FunctionPointer(XElement type)
    {
        Match match = FunctionTypedef().Match(type.Value);
        if (!match.Success)
            throw new InvalidDataException($"cannot read function pointer: {type.Value}");
        IEnumerable<string> parameters = match.Groups["params"].Value.Split(',', StringSplitOptions.TrimEntries).Where(p => p != "void");
        List<string> parts = [.. parameters.Select(p => CType(p, named: true))];
        parts.Add(CType(match.Groups["result"].Value, named: false));
        return $"delegate* unmanaged<{string.Join(", ", parts)}>";
    }

    private string CType(string declaration, bool named)
    {
        string[] words = declaration.Replace("*", " * ", StringComparison.Ordinal).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        string[] kept = [.. (named ? words[..^1] : words).Where(w => w != "const")];
        return CSharpType(kept[0]) + string.Concat(kept[1..]);
    }

    private VkCommand Command(string name)
    {
        Dictionary<string, XElement> all = commandIndex ??= root.Elements("commands").Elements("command").Where(ForVulkan)
            .GroupBy(NameOf).ToDictionary(g => g.Key, g => g.First());
        XElement? command = all.GetValueOrDefault(name);
        while ((string?)command?.Attribute("alias") is { } target)
            command = all.GetValueOrDefault(target);
        if (command is null)
            throw new InvalidDataException($"the allow-list names {name}, which this registry does not have.");

        ImmutableArray<VkMember> parameters =
        [
            .. command.Elements("param").Where(ForVulkan).Select(p => new VkMember(CSharpNames.Identifier((string)p.Element("name")!), TypeOf(p))),
        ];
        VkLevel level = parameters[0].Type.Name switch
        {
            _ when name is "vkGetInstanceProcAddr" => VkLevel.Global,
            _ when name is "vkGetDeviceProcAddr" => VkLevel.Instance,
            "VkInstance" or "VkPhysicalDevice" => VkLevel.Instance,
            "VkDevice" or "VkQueue" or "VkCommandBuffer" => VkLevel.Device,
            _ => VkLevel.Global,
        };
        return new VkCommand(name, level, TypeOf(command.Element("proto")!), parameters);
    }

    private static VkHandle Handle(XElement e) => new(NameOf(e), (string?)e.Element("type") == "VK_DEFINE_HANDLE");

    private VkStruct Struct(XElement e)
    {
        ImmutableArray<VkMember> members =
            [.. Members(e).Select(m => new VkMember(CSharpNames.Identifier((string)m.Element("name")!), TypeOf(m)))];
        string? structureType = (string?)Members(e).FirstOrDefault(m => (string?)m.Element("name") == "sType")?.Attribute("values");
        string? member = structureType is null ? null : CSharpNames.EnumMember("VkStructureType", structureType);
        return new VkStruct(NameOf(e), (string?)e.Attribute("category") == "union", member, members);
    }

    [GeneratedRegex(@"\[(\w+)\]")]
    private static partial Regex Dimensions();

    [GeneratedRegex(@"\w:\d+\s*$")]
    private static partial Regex BitField();

    [GeneratedRegex(@"typedef\s+(?<result>[\w\s*]+?)\s*\(VKAPI_PTR\s*\*\s*\w+\)\s*\((?<params>[^)]*)\)")]
    private static partial Regex FunctionTypedef();
}
