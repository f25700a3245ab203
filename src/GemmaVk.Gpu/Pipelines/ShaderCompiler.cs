using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Pipelines;

/// <summary>
/// Compiles a kernel on load, for people who edit kernels: GEMMAVK_SHADER_DIR names the folder of the .comp files. Its
/// variants.txt says how: one line per module, "module source.comp [glslc options]", # starts a comment. A module
/// without a line is compiled from the .comp file of its name.
/// </summary>
internal static class ShaderCompiler
{
    /// <summary>Options for every module; tools/ShaderBuild uses the same.</summary>
    public static readonly string[] CommonOptions = ["--target-env=vulkan1.2", "-fshader-stage=compute", "-O", "-Werror"];

    /// <summary>SPIR-V of module <paramref name="name"/>, compiled by glslc.</summary>
    /// <exception cref="GemmaVkException">The compiler or the source is missing, or the source has errors (they are in the message).</exception>
    public static byte[] Compile(string directory, string name)
    {
        string[] line = Line(directory, name) ?? [name, name + ".comp"];
        string source = Path.Combine(directory, line[1]);
        if (!File.Exists(source))
            throw new GemmaVkException($"GEMMAVK_SHADER_DIR is {directory}, but it has no {line[1]} for kernel module {name}: point it at the shaders folder, or unset it.");

        string output = Path.GetTempFileName();
        try
        {
            ProcessStartInfo start = new("glslc")
            {
                RedirectStandardError = true,
                UseShellExecute = false,
            };
            foreach (string argument in (string[])[.. CommonOptions, "-I", Path.Combine(directory, "include"), .. line[2..], source, "-o", output])
                start.ArgumentList.Add(argument);
            using Process compiler = Process.Start(start) ?? throw new Win32Exception();
            string errors = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            if (compiler.ExitCode != 0)
                throw new GemmaVkException($"glslc refused {source} for module {name}: {errors.ReplaceLineEndings("; ")}");
            return File.ReadAllBytes(output);
        }
        catch (Win32Exception e)
        {
            throw new GemmaVkException("GEMMAVK_SHADER_DIR asks for shaders to be compiled, but glslc is not on the path: install shaderc, or unset it.", e);
        }
        finally
        {
            File.Delete(output);
        }
    }

    private static string[]? Line(string directory, string name)
    {
        string list = Path.Combine(directory, "variants.txt");
        if (!File.Exists(list))
            return null;
        return File.ReadLines(list)
            .Select(l => l.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(w => w.Length >= 2 && w[0] == name);
    }
}
