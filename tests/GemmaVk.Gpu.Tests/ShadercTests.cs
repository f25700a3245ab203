using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GemmaVk.Gpu.Pipelines;
using GemmaVk.ShaderBuild;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>Compiling in this process: the same code and the same complaints as glslc, and a reason where it cannot be done.</summary>
public sealed class ShadercTests
{
    private static readonly string Shaders = ShaderBuild.Repository.Shaders(AppContext.BaseDirectory)!;

    [ShadercFact]
    public void It_makes_what_glslc_of_the_same_version_makes()
    {
        if (GlslcFactAttribute.Missing() is not null)
        {
            return;
        }

        // Includes, defines, the integer dot product, and an include of an include.
        foreach (string module in (string[])["soft_cap", "mat_vec_q4_dot4", "embed_q6k", "attention_decode_q8_values"])
        {
            Variant variant = Variant.ReadAll(Shaders).Single(each => each.Module == module);
            byte[] glslc = Compiler.Find()!.Compile(Shaders, variant).Spirv!;
            Assert.Equal(glslc, ShaderCompiler.Compile(Shaders, module));
        }
    }

    [ShadercFact]
    public void Errors_name_file_and_line_and_an_include_that_is_missing()
    {
        using TemporaryFolder folder = new();
        string bad = folder.Write("bad.comp", "#version 450\nvoid main() { nonsense }\n"), missing = folder.Write("missing.comp", "#version 450\n#extension GL_GOOGLE_include_directive : require\n#include \"none.glsl\"\nvoid main() {}\n"), empty = folder.Write("empty.comp", "#version 450\n");
        Assert.Matches(@"bad\.comp:2: error: ", Refusal(bad));
        Assert.Matches(@"missing\.comp:3: error: .*Cannot find or open include file.* none\.glsl", Refusal(missing));
        Assert.Matches("--kernel soft_cap=.*does not compile: ", Refusal(empty));
        // What glslc takes for a warning is an error to us, here as there.
        string warned = folder.Write("warned.comp", "#version 450\n#extension GL_GEMMAVK_not_there : enable\nvoid main() {}\n");
        Assert.Contains("GL_GEMMAVK_not_there", Refusal(warned), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "--target-env=vulkan1.2", "-fshader-stage=compute", "-O", "-Werror", "-I", "include", "-DX", "-DY=2")]
    [InlineData(true, "--target-env=vulkan1.3")]
    [InlineData(false, "--target-env=opengl")]
    [InlineData(false, "--target-env=vulkan1.2", "-fhlsl-functionality1")]
    [InlineData(false, "--target-env=vulkan1.2", "-I")]
    [InlineData(false, "-O")]
    public void Options_that_it_does_not_know_are_left_to_glslc(bool takes, params string[] options) => Assert.Equal(takes, Shaderc.Takes(options));

    [Fact]
    public void A_library_that_is_missing_or_another_is_a_reason()
    {
        Assert.Equal("there is no libgemmavk-nothing.so.1", Shaderc.Load(["libgemmavk-nothing.so.1"]).Obstacle);
        if (OperatingSystem.IsLinux())
        {
            Assert.StartsWith("libc.so.6 is no shaderc", Shaderc.Load(["libc.so.6"]).Obstacle, StringComparison.Ordinal);
        }

        // Debian 12 has one whose symbols glslc brings itself.
        if (Shaderc.Here is null && File.Exists("/usr/lib/x86_64-linux-gnu/libshaderc.so.1"))
        {
            Assert.Matches(@"libshaderc\.so\.1 cannot be loaded, because it lacks what it calls \(undefined symbol: .+\)", Shaderc.Obstacle);
        }
    }

    [GlslcFact]
    public void Which_of_the_two_compiled_is_said()
    {
        List<string> log = [];
        ShaderCompiler.Compile(Shaders, "soft_cap", log.Add);
        string said = Assert.Single(log);
        Assert.StartsWith("soft_cap: ", said, StringComparison.Ordinal);
        Assert.Contains(Shaderc.Here is { } library ? $"compiled by {library.Name}" : $"compiled by glslc ({Shaderc.Obstacle})", said, StringComparison.Ordinal);
        Assert.Contains(Shaderc.Here?.Name ?? "glslc", ShaderCompiler.Which, StringComparison.Ordinal);
    }

    private static string Refusal(string path) => Assert.Throws<GemmaVkException>(() => ShaderCompiler.LoadOwn("soft_cap", path)).Message;
}
