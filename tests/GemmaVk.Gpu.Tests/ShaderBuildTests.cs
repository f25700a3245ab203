using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using GemmaVk.Gpu.Pipelines;
using GemmaVk.ShaderBuild;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>The committed SPIR-V is what its sources make. After a change: dotnet run --project tools/ShaderBuild.</summary>
public sealed class ShaderBuildTests
{
    private static readonly string Folder = ShaderBuild.Repository.Shaders(AppContext.BaseDirectory)!;
    private static readonly string Spirv = Path.Combine(Folder, "spirv");

    [Fact]
    public void ManifestMatchesSourcesAndModules()
    {
        Manifest manifest = Manifest.Read(Spirv)!;
        IReadOnlyList<Variant> variants = Variant.ReadAll(Folder);
        Assert.Equal(variants.Select(v => v.Module), manifest.Modules.Select(m => m.Module));
        Assert.Equal(variants.Select(v => v.Module).Order(StringComparer.Ordinal), ShaderModule.Embedded);
        foreach ((Variant variant, ManifestEntry entry) in variants.Zip(manifest.Modules))
        {
            Assert.True(entry.SourceHash == variant.SourceHash(Folder), $"{variant.Module} is older than its source: run tools/ShaderBuild");
            Assert.True(entry.SpirvHash == Variant.Hash(File.ReadAllBytes(Path.Combine(Spirv, variant.Module + ".spv"))), $"{variant.Module}.spv is not what the manifest says");
        }
    }

    [GlslcFact]
    public void TheSameCompilerMakesTheSameModules()
    {
        Manifest manifest = Manifest.Read(Spirv)!;
        Compiler compiler = Compiler.Find()!;
        if (compiler.Version != manifest.Compiler)
        {
            // Another compiler may well make other code; that sources are unchanged is the other test's part.
            return;
        }

        Parallel.ForEach(Variant.ReadAll(Folder), variant =>
        {
            ManifestEntry entry = manifest.Modules.Single(m => m.Module == variant.Module);
            CompileResult result = compiler.Compile(Folder, variant);
            // Modules for matrix units name the newer compiler that made them, and this one must not take them for broken.
            Assert.True(entry.Compiler is null ? result.Spirv is not null : result.Unsupported, $"{variant.Module}: {result.Message}");
            if (entry.Compiler is null)
                Assert.Equal(entry.SpirvHash, Variant.Hash(result.Spirv));
        });
    }

    [GlslcFact]
    public void AnUnknownExtensionIsSkippedAndAnErrorIsNot()
    {
        using TemporaryFolder folder = new();
        Compiler compiler = Compiler.Find()!;
        folder.Write("new.comp", "#version 450\n#extension GL_GEMMAVK_not_there : require\nvoid main() {}\n");
        folder.Write("bad.comp", "#version 450\nvoid main() { nonsense }\n");
        CompileResult unknown = compiler.Compile(folder.Path, new Variant("new", "new.comp", []));
        Assert.Equal((null, true), (unknown.Spirv, unknown.Unsupported));
        CompileResult bad = compiler.Compile(folder.Path, new Variant("bad", "bad.comp", []));
        Assert.Equal((null, false), (bad.Spirv, bad.Unsupported));
        Assert.Contains("bad.comp:2", bad.Message, StringComparison.Ordinal);
    }

    [GlslcFact]
    public void ModulesThatNeedANewerCompilerStayAsTheyAre()
    {
        using TemporaryFolder folder = new();
        folder.Write("new.comp", "#version 450\n#extension GL_GEMMAVK_not_there : require\nvoid main() {}\n");
        folder.Write("old.comp", "#version 450\nlayout(local_size_x = 1) in;\nvoid main() {}\n");
        folder.Write("variants.txt", "new new.comp\nold old.comp\n");
        folder.Write("spirv/new.spv", "words");
        Variant newer = new("new", "new.comp", []);
        string hash = newer.SourceHash(folder.Path);
        new Manifest("glslc of another day", [new("new", "new.comp", "", hash, "hash", "glslc of tomorrow")]).Write(Path.Combine(folder.Path, "spirv"));
        List<string> said = [];
        Build build = new(folder.Path, Compiler.Find()!, newer: null, said.Add);

        Assert.True(build.Run(force: false));
        Assert.Equal("2 modules, 1 compiled, 1 unchanged", Assert.Single(said).Split(';')[0]);
        Manifest manifest = Manifest.Read(Path.Combine(folder.Path, "spirv"))!;
        Assert.Equal((hash, "glslc of tomorrow"), (manifest.Modules[0].SourceHash, manifest.Modules[0].Compiler));
        Assert.Equal((Compiler.Find()!.Version, (string?)null), (manifest.Compiler, manifest.Modules[1].Compiler));

        // Its source is another now: it is left alone with a sentence, and its hash tells that it is behind.
        folder.Write("new.comp", "#version 450\n#extension GL_GEMMAVK_not_there : require\nvoid main() { }\n");
        said.Clear();
        Assert.True(build.Run(force: false));
        Assert.Contains(said, line => line.StartsWith("new: skipped, this glslc lacks GL_GEMMAVK_not_there", StringComparison.Ordinal));
        Assert.Equal(hash, Manifest.Read(Path.Combine(folder.Path, "spirv"))!.Modules[0].SourceHash);
        Assert.Equal("words", File.ReadAllText(Path.Combine(folder.Path, "spirv", "new.spv")));
    }

    [Fact]
    public void TheHashCoversOptionsAndIncludes()
    {
        using TemporaryFolder folder = new();
        folder.Write("include/a.glsl", "// one\n");
        folder.Write("k.comp", "#version 450\n#include \"a.glsl\"\n");
        string first = new Variant("k", "k.comp", []).SourceHash(folder.Path);
        Assert.NotEqual(first, new Variant("k", "k.comp", ["-DX"]).SourceHash(folder.Path));
        folder.Write("include/a.glsl", "// two\n");
        Assert.NotEqual(first, new Variant("k", "k.comp", []).SourceHash(folder.Path));
    }

    [Fact]
    public void BothCompilersUseTheSameOptions() => Assert.Equal(Compiler.CommonOptions, ShaderCompiler.CommonOptions);
}
