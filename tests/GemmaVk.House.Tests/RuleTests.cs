using System.Collections.Generic;
using System.Linq;
using FsCheck.Xunit;
using Xunit;

namespace GemmaVk.House.Tests;

/// <summary>The rules themselves, on made-up sources that keep and break them.</summary>
public class RuleTests
{
    [Theory]
    [InlineData("GemmaVk.Runtime", "GemmaVk.Model", 0)]
    [InlineData("GemmaVk.Runtime", "GemmaVk.Gpu", 1)]
    [InlineData("GemmaVk.Tensors", "GemmaVk.Kernels", 1)]
    [InlineData("GemmaVk.Cli", "GemmaVk", 0)]
    [InlineData("GemmaVk.Cli", "GemmaVk.Server", 0)]
    [InlineData("GemmaVk.Server", "GemmaVk.Cli", 1)]
    [InlineData("GemmaVk.Elsewhere", "GemmaVk", 1)]
    public void References(string room, string target, int findings)
    {
        string csproj = $"""<Project><ItemGroup><ProjectReference Include="..\{target}\{target}.csproj" /><PackageReference Include="x" /></ItemGroup></Project>""";
        Assert.Equal([target], Rooms.References(csproj));
        Assert.Equal(findings, Rooms.Trespasses(room, csproj).Count());
    }

    [Theory]
    [InlineData("var d = new VkDevice();", 1)]
    [InlineData("using Silk.NET.Vulkan;", 1)]
    [InlineData("using Buffer = Silk.NET.Vulkan.Buffer;", 1)]
    [InlineData("void Draw(Vk vk) { }", 1)]
    [InlineData("// VkDevice in a comment\nstring s = \"VkDevice\";", 0)]
    [InlineData("using GemmaVk.Gpu; VulkanBackend b;", 0)]
    public void Vulkan_words(string source, int findings)
    {
        Assert.Equal(findings, Rooms.VulkanWords("src/GemmaVk.Runtime/A.cs", source).Count());
        Assert.Equal(findings, Rooms.VulkanWords(Rooms.Factory, source).Count());
    }

    [Theory]
    [InlineData("Silk.NET.Vulkan", 1)]
    [InlineData("silk.net.core", 1)]
    [InlineData("Spectre.Console", 0)]
    public void Vulkan_packages(string package, int findings) =>
        Assert.Equal(findings, Rooms.VulkanPackages("src/A.csproj", $"""<Project><ItemGroup><PackageReference Include="{package}" /></ItemGroup></Project>""").Count());

    [Theory]
    [InlineData("x = new CpuBackend(2);", 1)]
    [InlineData("x = new GemmaVk.Gpu.VulkanBackend();", 1)]
    [InlineData("CpuBackend x = new();", 1)]
    [InlineData("x = VulkanBackend.Create(options);", 1)]
    [InlineData("x = IlgpuBackend.Open(info);", 1)]
    [InlineData("x = new CpuBackendDescription();  /* new CpuBackend() */", 0)]
    public void Backends(string source, int findings)
    {
        Assert.Equal(findings, Rooms.BackendsMade("src/GemmaVk.Cli/A.cs", source).Count());
        Assert.Empty(Rooms.BackendsMade($"src/GemmaVk.{(source.Contains("Vulkan") ? "Gpu" : source.Contains("Ilgpu") ? "Ilgpu" : "Cpu")}/A.cs", source));
    }

    [Fact]
    public void A_source_falls_apart_into_code_and_comments()
    {
        const string Source = """
            a("// no"); // one 'two'
            b('"', '\''); /* three
            four */ c(@"x\"); d = $"y\""; e = 'f';
            """;
        SourceText text = SourceText.Of(Source);
        Assert.Equal(["one", "'two'", "three", "four"], Words(text.Comments).Where(word => word is not ("//" or "/*" or "*/")));
        string code = text.Code;
        Assert.Contains("c(@", code);
        Assert.Contains("d = $", code);
        Assert.DoesNotContain("no", code);
        Assert.DoesNotContain("f", code);
        Assert.Equal(Source.Count(c => c == '\n'), text.Comments.Count(c => c == '\n'));
        Assert.DoesNotContain("inside", SourceText.Of("x = \"\"\"\n inside \" // still \n\"\"\"; // after").Code);
        Assert.Equal("after", Words(SourceText.Of("x = \"\"\"\n inside \" // still \n\"\"\"; // after").Comments)[^1]);
    }

    [Property(MaxTest = 100)]
    public bool Every_character_is_code_or_comment_or_blank(SourceLetters letters)
    {
        string source = letters.Text;
        SourceText text = SourceText.Of(source);
        return text.Code.Length == source.Length && text.Comments.Length == source.Length
            && Enumerable.Range(0, source.Length).All(i =>
                (text.Code[i] == source[i] || text.Code[i] == ' ') && (text.Comments[i] == source[i] || text.Comments[i] == ' ')
                && (char.IsWhiteSpace(source[i]) || text.Code[i] == ' ' || text.Comments[i] == ' '));
    }

    [Fact]
    public void The_seven_places()
    {
        KernelPlaces places = new("RmsNormRope");
        Assert.Equal("shaders/rms_norm_rope.comp", places.Shader);
        Assert.Equal(7, places.All.Distinct().Count());
        Assert.Empty(places.Missing(_ => true));
        Assert.Equal(["RmsNormRope: no shaders/rms_norm_rope.comp"], places.Missing(path => path != "shaders/rms_norm_rope.comp"));
    }

    [Theory]
    [InlineData("src/GemmaVk.Cpu/Kernels/MatVecCpu.cs", 0)]
    [InlineData("src/GemmaVk.Cpu/Kernels/MatVecCpu.Tiles.cs", 0)]
    [InlineData("src/GemmaVk.Gpu/Kernels/MatVectorGpu.cs", 1)]
    [InlineData("src/GemmaVk.Gpu/Kernels/MatVecCombineGpu.cs", 0)]
    [InlineData("src/GemmaVk.Ilgpu/Kernels/MatVecIlgpu.cs", 0)]
    [InlineData("src/GemmaVk.Ilgpu/Kernels/MatVectorIlgpu.cs", 1)]
    [InlineData("src/GemmaVk.Gpu/Kernels/GpuKernel.cs", 0)]
    [InlineData("shaders/mat_vec_combine.comp", 0)]
    [InlineData("shaders/mat_vector.comp", 1)]
    [InlineData("shaders/other.comp", 0)]
    [InlineData("shaders/include/types.glsl", 0)]
    public void Strays(string path, int findings) =>
        Assert.Equal(findings, KernelPlaces.Strays(["MatVec"], [path], ["shaders/other.comp"]).Count());

    [Fact]
    public void The_atlas_goes_between_its_markers()
    {
        string table = AtlasTable.Of([("MatVec", "rows | columns")], "../");
        string document = $"a\n{AtlasTable.Begin}\nold\n{AtlasTable.End}\nb\n";
        string written = AtlasTable.Put(document, table);
        Assert.Equal(table, AtlasTable.In(written));
        Assert.Equal(written, AtlasTable.Put(written, table));
        Assert.StartsWith("a\n", written);
        Assert.EndsWith("\nb\n", written);
        Assert.Contains("(../shaders/mat_vec.comp)", table);
        Assert.Contains("rows \\| columns", table);
        Assert.Null(AtlasTable.In("no markers"));
    }

    [Fact]
    public void Sizes()
    {
        Dictionary<string, int> lines = new() { ["a.cs"] = 600, ["b.cs"] = 601, ["c.comp"] = 251, ["d.glsl"] = 250, ["e.cs"] = 700 };
        Assert.Equal(["b.cs", "c.comp"], FileSizes.Findings(lines, new Dictionary<string, string> { ["e.cs"] = "one table" }).Select(finding => finding.Split(' ')[0]));
        Assert.Equal(2, FileSizes.Findings(new Dictionary<string, int> { ["a.cs"] = 1 }, new Dictionary<string, string> { ["a.cs"] = "was long", ["gone.cs"] = "was long" }).Count());
        Assert.Equal([0, 1, 1, 2], new[] { "", "a", "a\n", "a\nb" }.Select(text => text.AsLines()));
    }

    [Fact]
    public void Postponed_work()
    {
        Assert.Single(StyleRules.Postponed("a.cs", "// TO" + "DO: later"));
        Assert.Single(StyleRules.Postponed("a.md", "x\nFIX" + "ME"));
        Assert.Empty(StyleRules.Postponed("a.cs", "// HACKATHON, ToDoList"));
    }

    [Theory]
    [InlineData("see /" + "home/ann/x", 1)]
    [InlineData("\"/" + "work/x\"", 1)]
    [InlineData("C" + ":\\Users", 1)]
    [InlineData("https://example.org/home/x and a/work/b, ../root/x, /usr/bin/env, $HOME/work/x", 0)]
    public void Machine_paths(string text, int findings) => Assert.Equal(findings, StyleRules.MachinePaths("a.md", text).Count());

    [Theory]
    [InlineData("// see #" + "12", 1)]
    [InlineData("/// as in issue " + "3", 1)]
    [InlineData("/* https://example.org/x/pull requests/4, PR " + "7 */", 2)]
    [InlineData("string s = \"#12\"; // colour &#12; C#12 and step 3", 0)]
    public void Issue_numbers(string text, int findings)
    {
        Assert.Equal(findings, StyleRules.IssueNumbers("a.cs", text).Count());
        Assert.Empty(StyleRules.IssueNumbers("a.md", text));
    }

    [Theory]
    [InlineData("src/Text/StringUtils.cs", "", 1)]
    [InlineData("src/Common/Rope.cs", "", 1)]
    [InlineData("shaders/include/common.glsl", "", 1)]
    [InlineData("src/Rope.cs", "public sealed class RopeHelper<T>", 1)]
    [InlineData("src/Rope.cs", "readonly record struct CacheManager(int A);", 1)]
    [InlineData("src/Rope.cs", "class Utilisation { } // a Helper class Manager\n class Commons {}", 0)]
    [InlineData("tools/build/Common.props", "", 0)]
    public void Empty_names(string path, string text, int findings) => Assert.Equal(findings, StyleRules.EmptyNames(path, text).Count());

    [Theory]
    [InlineData("a.cs", "#pragma warning disable CA1" + "\nx", 1)]
    [InlineData("a.cs", "#pragma warning disable CA1 // the driver owns it", 0)]
    [InlineData("a.cs", "// The driver owns it.\n#pragma warning disable CA1", 0)]
    [InlineData("a.cs", "x();\n// y\nz();\n[SuppressMessage(\"A\", \"B\")]", 1)]
    [InlineData("a.cs", "z();\n[UnconditionalSuppressMessage(\"A\", \"B\")]", 1)]
    [InlineData("a.cs", "z();\n[UnconditionalSuppressMessage(\"A\", \"B\", Justification = \"kept whole\")]", 0)]
    [InlineData("a.props", "<!-- why -->\n<NoWarn>$(NoWarn);X1</NoWarn>", 0)]
    [InlineData("a.props", "<NoWarn>$(NoWarn);X1</NoWarn>", 1)]
    [InlineData(".editorconfig", "# why\n[*.cs]\ndotnet_diagnostic.X.severity = none", 0)]
    [InlineData(".editorconfig", "# why\ndotnet_diagnostic.X.severity = none\n\ndotnet_diagnostic.Y.severity = none", 1)]
    public void Silenced_warnings(string path, string text, int findings) => Assert.Equal(findings, StyleRules.SilencedWithoutReason(path, text).Count());

    [Theory]
    [InlineData("throw new E($\"{bytes:N0} bytes\");", 1)]
    [InlineData("throw new E(Invariant($\"{bytes:N0} bytes\"));", 0)]
    [InlineData("string.Create(CultureInfo.InvariantCulture, $\"a\"\n + $\"{x / 2:0.##}\");", 0)]
    [InlineData("Invariant($\"a\");\nb = $\"{x:F2}\";", 1)]
    [InlineData("x = $\"{Guid.NewGuid():N} {name}\"; log.LogInformation(\"{Total:N0}\", n);", 0)]
    public void Numbers_of_a_culture(string source, int findings)
    {
        Assert.Equal(findings, StyleRules.NumbersOfACulture("src/a.cs", source).Count());
        Assert.Empty(StyleRules.NumbersOfACulture("tests/a.cs", source));
    }

    [Fact]
    public void Links()
    {
        const string Text = "[a](b.md) [c](../d/e.cs#L3) [f](https://x.org/y) [g](#h) ![i](gone.png)";
        Assert.Equal(["docs/x.md links to gone.png: there is no such file."], Documents.DeadLinks("docs/x.md", Text, path => path is "docs/b.md" or "d/e.cs"));
    }

    [Fact]
    public void Commands()
    {
        const string Text = "```sh\ntools/gemmavk generate --think \"What is --this?\"\ntools/gemmavk make-checkpoint a \\\n  --out b\ntools/test\n```\n```text\ntools/gemmavk no\n```\n";
        string[][] commands = [.. Documents.Commands(Text)];
        Assert.Equal(2, commands.Length);
        Assert.Equal(["tools/gemmavk", "generate", "--think", "What is --this?"], commands[0]);
        Assert.Equal(["tools/gemmavk", "make-checkpoint", "a", "--out", "b"], commands[1]);
        Assert.Equal(["make-checkpoint", "make-checkpoint", "chat"], new[] { "x/MakeCheckpoint.cs", "MakeCheckpointCommand.cs", "Chat.Turns.cs" }.Select(Documents.Verb));
        Assert.Empty(Documents.Wrong(commands[1], ["make-checkpoint"], "new Option(\"--out\")"));
        Assert.Equal(2, Documents.Wrong(commands[1], ["generate"], "").Count());
        Assert.Empty(Documents.Wrong(["tools/gemmavk", "--help"], [], ""));
    }

    [Fact]
    public void Steps()
    {
        const string Text = "# A\n| 9 | [x](x.cs) |\n## The way\ntext\n| Step | File |\n|---|---|\n| 1 | [a](a.cs) and [b](b.cs) |\n| 2 | none |\n## B\n| 3 | [c](c.cs) |\n";
        Documents.Step[] steps = [.. Documents.Steps(Text, "The way")];
        Assert.Equal([1, 2], steps.Select(step => step.Number));
        Assert.Equal(["a.cs", "b.cs"], steps[0].Files);
        Assert.True(Documents.SaysStep("// Steps 6 and 7 of the weight path; from", "weight", 7));
        Assert.False(Documents.SaysStep("// Steps 6 and 7 of the weight path; from", "token", 7));
        Assert.False(Documents.SaysStep("// Step 17 of the token path; from", "token", 7));
    }

    private static string[] Words(string text) => text.Split([' ', '\n'], System.StringSplitOptions.RemoveEmptyEntries);
}
