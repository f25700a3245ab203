using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace GemmaVk.House.Tests;

/// <summary>The rooms under src/ and which of the others each may reference: the table of CONTRIBUTING.md, as a rule.</summary>
internal static class Rooms
{
    /// <summary>The one file that makes backends.</summary>
    public const string Factory = "src/GemmaVk/BackendFactory.cs";

    private static readonly Dictionary<string, string[]> MayReference = new()
    {
        ["GemmaVk.Tensors"] = [],
        ["GemmaVk.Text"] = [],
        ["GemmaVk.Grammar"] = ["GemmaVk.Text"],
        ["GemmaVk.Media"] = ["GemmaVk.Tensors"],
        ["GemmaVk.Kernels"] = ["GemmaVk.Tensors"],
        ["GemmaVk.Cpu"] = ["GemmaVk.Kernels", "GemmaVk.Tensors"],
        ["GemmaVk.Gpu"] = ["GemmaVk.Kernels", "GemmaVk.Tensors"],
        ["GemmaVk.Ilgpu"] = ["GemmaVk.Kernels", "GemmaVk.Tensors"],
        ["GemmaVk.Model"] = ["GemmaVk.Tensors"],
        ["GemmaVk.Weights"] = ["GemmaVk.Tensors", "GemmaVk.Model"],
        ["GemmaVk.Runtime"] = ["GemmaVk.Model", "GemmaVk.Weights", "GemmaVk.Kernels", "GemmaVk.Text", "GemmaVk.Media", "GemmaVk.Tensors"],
        ["GemmaVk"] =
        [
            "GemmaVk.Tensors", "GemmaVk.Text", "GemmaVk.Grammar", "GemmaVk.Media", "GemmaVk.Kernels", "GemmaVk.Cpu", "GemmaVk.Gpu", "GemmaVk.Ilgpu",
            "GemmaVk.Model", "GemmaVk.Weights", "GemmaVk.Runtime",
        ],
        ["GemmaVk.Documents"] = ["GemmaVk"],
        ["GemmaVk.Evaluation"] = ["GemmaVk"],
        ["GemmaVk.Mcp"] = ["GemmaVk"],
        ["GemmaVk.Hybrid"] = ["GemmaVk"],
        ["GemmaVk.Server"] = ["GemmaVk", "GemmaVk.Documents", "GemmaVk.Mcp", "GemmaVk.Hybrid"],
        ["GemmaVk.Cli"] = ["GemmaVk", "GemmaVk.Documents", "GemmaVk.Evaluation", "GemmaVk.Mcp", "GemmaVk.Hybrid", "GemmaVk.Server"],
    };

    /// <summary>Whether a file is one of the factory's parts.</summary>
    public static bool IsFactory(string path) => path.StartsWith(Factory[..^"cs".Length], StringComparison.Ordinal);

    /// <summary>What is wrong with a project's references: rooms it may not see, and rooms nobody knows.</summary>
    public static IEnumerable<string> Trespasses(string room, string csproj)
    {
        if (!MayReference.TryGetValue(room, out string[]? allowed))
        {
            yield return $"{room} is no room of the table: add it with what it may reference, here and in CONTRIBUTING.md.";
            yield break;
        }

        foreach (string target in References(csproj).Where(target => !allowed.Contains(target)))
        {
            yield return $"{room} references {target}; it may reference {(allowed.Length == 0 ? "nothing" : string.Join(", ", allowed))}.";
        }
    }

    /// <summary>Names of the projects that a project references.</summary>
    public static IEnumerable<string> References(string csproj) =>
        from element in XDocument.Parse(csproj).Descendants()
        where element.Name.LocalName == "ProjectReference" && element.Attribute("Include") is not null
        select element.Attribute("Include")!.Value.Replace('\\', '/').Split('/')[^1].Replace(".csproj", "", StringComparison.Ordinal);

    /// <summary>
    /// What a source says that only GemmaVk.Gpu and its tests may say: the binding's namespace, or the name of a Vulkan type
    /// as the specification spells it.
    /// </summary>
    public static IEnumerable<string> VulkanWords(string path, string source)
    {
        string code = SourceText.Of(source).Code;
        foreach (Match type in Regex.Matches(code, @"\bVk([A-Z]\w*)?\b"))
        {
            yield return $"{Line(path, code, type)} names {type.Value}: Vulkan's types end at GemmaVk.Gpu.";
        }

        foreach (Match space in Regex.Matches(code, @"\bSilk\s*\.\s*NET\b"))
        {
            yield return $"{Line(path, code, space)} names Silk.NET: only GemmaVk.Gpu and its tests talk to the driver.";
        }
    }

    /// <summary>Packages of the driver's binding that a project asks for.</summary>
    public static IEnumerable<string> VulkanPackages(string path, string csproj) =>
        from element in XDocument.Parse(csproj).Descendants()
        where element.Name.LocalName == "PackageReference"
        let package = element.Attribute("Include")?.Value ?? element.Attribute("Update")?.Value ?? ""
        where package.StartsWith("Silk.NET", StringComparison.OrdinalIgnoreCase)
        select $"{path} asks for {package}: only GemmaVk.Gpu and its tests talk to the driver.";

    /// <summary>Backends that a source makes. A backend's own room may construct it, for its own opening methods.</summary>
    public static IEnumerable<string> BackendsMade(string path, string source)
    {
        const string Backend = @"(?:\w+\.)*(?<room>Vulkan|Cpu|Ilgpu)Backend";
        string code = SourceText.Of(source).Code;
        foreach (Match made in Regex.Matches(code, $@"\bnew\s+{Backend}\b|\b{Backend}\s+\w+\s*=\s*new\s*\(|\b{Backend}\.(Open|Create)\s*\("))
        {
            string room = made.Groups["room"].Value;
            if (!path.StartsWith($"src/GemmaVk.{(room == "Vulkan" ? "Gpu" : room)}/", StringComparison.Ordinal))
            {
                yield return $"{Line(path, code, made)} makes a {room}Backend: only {Factory} may.";
            }
        }
    }

    private static string Line(string path, string text, Match at) => $"{path}:{text.AsSpan(0, at.Index).Count('\n') + 1}";
}
