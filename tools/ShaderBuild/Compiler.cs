using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;

namespace GemmaVk.ShaderBuild;

/// <summary>glslc, and spirv-val where it is installed.</summary>
internal sealed class Compiler
{
    /// <summary>Options for every module; GemmaVk.Gpu compiles with the same when it loads shaders from a folder.</summary>
    public static readonly string[] CommonOptions = ["--target-env=vulkan1.2", "-fshader-stage=compute", "-O", "-Werror"];

    private readonly string program;
    private readonly string? validator;

    private Compiler(string program, string version, string? validator)
    {
        this.program = program;
        Version = version;
        this.validator = validator;
    }

    /// <summary>Version of shaderc and of the compilers in it.</summary>
    public string Version { get; }

    /// <summary>A compiler, or null where it does not run.</summary>
    /// <param name="program">The one on the path, or a file; its validator lies beside it.</param>
    public static Compiler? Find(string program = "glslc")
    {
        if (Run(program, ["--version"]) is not (0, string text))
            return null;
        string version = string.Join(", ", text.Split('\n').Select(l => l.Trim()).TakeWhile(l => l.Length > 0));
        string validator = Path.Combine(Path.GetDirectoryName(program) ?? "", "spirv-val");
        return new Compiler(program, version, Run(validator, ["--version"])?.Code == 0 ? validator : null);
    }

    /// <summary>Compiles and validates one module.</summary>
    public CompileResult Compile(string folder, Variant variant)
    {
        string output = Path.GetTempFileName();
        try
        {
            string[] arguments = [.. CommonOptions, "-I", Path.Combine(folder, "include"), .. variant.Options, Path.Combine(folder, variant.Source), "-o", output];
            (int code, string text) = Run(program, arguments) ?? throw new InvalidOperationException($"{program} has gone");
            if (code != 0)
            {
                string? missing = text.Split('\n').FirstOrDefault(l => l.Contains("extension not supported", StringComparison.Ordinal));
                return new CompileResult(null, missing is not null, missing?.Split(':')[^1].Trim() ?? text);
            }

            if (validator is not null && Run(validator, ["--target-env", "vulkan1.2", output]) is (not 0, string complaint))
                return new CompileResult(null, false, "spirv-val: " + complaint);
            return new CompileResult(File.ReadAllBytes(output), false, "");
        }
        finally
        {
            File.Delete(output);
        }
    }

    private static (int Code, string Text)? Run(string program, IReadOnlyList<string> arguments)
    {
        try
        {
            ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            // Both pipes are small here: glslc and spirv-val write a few lines to one of them.
            string text = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, text);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}

/// <summary>Outcome of a compilation.</summary>
/// <param name="Spirv">The module, or null.</param>
/// <param name="Unsupported">The compiler does not know an extension that the source requires.</param>
/// <param name="Message">The compiler's words.</param>
internal sealed record CompileResult(byte[]? Spirv, bool Unsupported, string Message);
