using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Silk.NET.Vulkan;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>
/// A struct that the driver reads begins with its own type, which Silk.NET leaves at zero in <c>new()</c>. A driver skips
/// or misreads a struct that lies about it, so every place that makes one is looked at.
/// </summary>
public sealed partial class StructureTypeTests
{
    private static readonly Dictionary<string, StructureType> Extensible = typeof(Vk).Assembly.GetTypes()
        .Where(type => type.IsValueType && type.GetField("SType") is not null && typeof(IStructuredType).IsAssignableFrom(type))
        .ToDictionary(type => type.Name, type => ((IStructuredType)Activator.CreateInstance(type)!).StructureType());

    [Fact]
    public void EveryStructSaysItsType()
    {
        string room = Path.Combine(Repository.Root, "src", "GemmaVk.Gpu");
        string[] sources = [.. Directory.EnumerateFiles(room, "*.cs", SearchOption.AllDirectories).Where(path => !path.Contains("/obj/") && !path.Contains("/bin/")).Select(File.ReadAllText)];
        Assert.Empty(sources.SelectMany(Wrong));
        Assert.True(sources.Sum(source => Made(source).Count()) > 40, "hardly any struct was found");
    }

    [Theory]
    [InlineData("SubmitInfo info = new() { SType = StructureType.SubmitInfo };", 0)]
    [InlineData("SubmitInfo info = new()\n{\n    SType = StructureType.SubmitInfo,\n    CommandBufferCount = 1,\n};", 0)]
    [InlineData("writes[0] = new WriteDescriptorSet { SType = StructureType.WriteDescriptorSet };", 0)]
    [InlineData("SubmitInfo info = new() { SType = StructureType.SubmitInfo2 };", 1)]
    [InlineData("SubmitInfo info = new() { CommandBufferCount = 1 };", 1)]
    [InlineData("SubmitInfo info = new();", 1)]
    [InlineData("SubmitInfo info = default;", 1)]
    [InlineData("SubmitInfo info;", 1)]
    [InlineData("x = new SubmitInfo();", 1)]
    [InlineData("BufferCopy region = new() { Size = 4 };", 0)]
    public void OmissionsAndMixUpsAreFound(string source, int findings) => Assert.Equal(findings, Wrong(source).Count());

    private static IEnumerable<string> Wrong(string source) =>
        from made in Made(source)
        let said = Said().Match(made.Value)
        where !said.Success || Enum.Parse<StructureType>(said.Groups["type"].Value) != Extensible[Name(made)]
        select made.Value;

    // Declarations without the keyword (a name: a local or field) and expressions with it, up to the end of the initializer.
    private static IEnumerable<Match> Made(string source) => Maker().Matches(source).Where(made => Extensible.ContainsKey(Name(made)));

    private static string Name(Match made) => made.Groups["local"].Success ? made.Groups["local"].Value : made.Groups["made"].Value;

    [GeneratedRegex(@"\b(?<local>[A-Z]\w+) \w+(;| = (default;|new\(\)(;|\s*\{[^}]*\})))|\bnew (?<made>[A-Z]\w+)(\(\))?(\s*\{[^}]*\}|;|\))")]
    private static partial Regex Maker();

    [GeneratedRegex(@"SType = StructureType\.(?<type>\w+)")]
    private static partial Regex Said();
}
