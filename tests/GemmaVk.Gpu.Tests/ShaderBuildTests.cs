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
            CompileResult result = compiler.Compile(Folder, variant);
            Assert.True(result.Spirv is not null, $"{variant.Module}: {result.Message}");
            Assert.Equal(manifest.Modules.Single(m => m.Module == variant.Module).SpirvHash, Variant.Hash(result.Spirv));
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
