using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Unicode;
using System.Threading.Tasks;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Pipelines;

/// <summary>
/// Compiles a kernel on load, for people who edit kernels: GEMMAVK_SHADER_DIR names the folder of the .comp files. Its
/// variants.txt says how: one line per module, "module source.comp [glslc options]", # starts a comment. A module
/// without a line is compiled from the .comp file of its name. In this process where <see cref="Shaderc"/> loads, else by glslc.
/// </summary>
internal static class ShaderCompiler
{
    // Our largest is 16 KiB of SPIR-V.
    private const long MaxBytes = 4 << 20;
    private const int MostLines = 12;

    private const string Variable = "GEMMAVK_SHADER_DIR";

    // The slowest of ours takes glslc two seconds on a busy machine.
    private const int LongestSeconds = 60;

    /// <summary>Options for every module; tools/ShaderBuild uses the same.</summary>
    public static readonly string[] CommonOptions = ["--target-env=vulkan1.2", "-fshader-stage=compute", "-O", "-Werror"];

    /// <summary>What compiles here, and why not another: for those who report on a device.</summary>
    public static string Which => Shaderc.Here is { } library ? $"{library.Name}, in this process" : $"glslc, as a process; {Shaderc.Obstacle}";

    /// <summary>SPIR-V of module <paramref name="name"/>.</summary>
    /// <param name="directory">Folder of the sources.</param>
    /// <param name="name">Module.</param>
    /// <param name="log">Told what compiled it.</param>
    /// <exception cref="GemmaVkException">The compiler or the source is missing, or the source has errors (they are in the message).</exception>
    public static byte[] Compile(string directory, string name, Action<string>? log = null)
    {
        (string source, string[] line) = SourceOf(directory, name);
        return Run(source, name, [.. CommonOptions, "-I", Path.Combine(directory, "include"), .. line[2..]], $"{Variable} asks for shaders to be compiled", "unset it", log);
    }

    /// <summary>The folder that GEMMAVK_SHADER_DIR names; null where it names none.</summary>
    /// <exception cref="GemmaVkException">There is no such folder, or it lacks the source of a module.</exception>
    public static string? DirectoryFromEnvironment()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } directory)
            return null;
        // Who only plans or lists shall hear of it too.
        foreach (string name in ShaderModule.Embedded)
            _ = SourceOf(directory, name);
        return directory;
    }

    private static (string Source, string[] Line) SourceOf(string directory, string name)
    {
        string[] line = Line(directory, name) ?? [name, name + ".comp"];
        string source = Path.Combine(directory, line[1]);
        if (!File.Exists(source))
            throw new GemmaVkException($"{Variable} is {directory}, but it has no {line[1]} for kernel module {name}: point it at the shaders folder, or unset it.") { Variable = Variable };
        return (source, line);
    }

    /// <summary>
    /// A module from a user's file: SPIR-V as it is, or a .comp that is compiled with the options of the module it stands for. Includes
    /// are found beside the file, in its folder include/, and in the folder of GEMMAVK_SHADER_DIR or the shaders/ above the program.
    /// </summary>
    /// <param name="name">The module it stands for.</param>
    /// <param name="path">The file.</param>
    /// <param name="log">Told what compiled it.</param>
    /// <exception cref="GemmaVkException">It is not there, too long, does not compile, or is no SPIR-V.</exception>
    public static ShaderModule LoadOwn(string name, string path, Action<string>? log = null)
    {
        string flag = $"--kernel {name}={path}";
        FileInfo file = new(path);
        if (!file.Exists)
            throw new GemmaVkException($"{flag}: expected a .comp or .spv file, but there is none; check the path.");
        long length = LengthOf(file, flag);
        if (length > MaxBytes)
            throw new GemmaVkException($"{flag}: expected a shader of at most {MaxBytes} bytes, but it has {length}; give another file.");
        // A pipe or a device has no length, and would be waited at or have no end.
        if (length == 0)
            throw new GemmaVkException($"{flag}: expected a shader, but the file is empty or none that has a size; give another file.");
        string extension = Path.GetExtension(path);
        if (extension is not (".comp" or ".spv"))
            throw new GemmaVkException($"{flag}: expected a file that ends in .comp (GLSL) or .spv (SPIR-V); rename it.");
        try
        {
            return new ShaderModule(name, extension == ".spv" ? File.ReadAllBytes(path) : CompileOwn(name, file, flag, log));
        }
        catch (InvalidDataException e)
        {
            throw new GemmaVkException($"{flag}: expected a whole SPIR-V module, but {e.Message.TrimEnd('.')}. Compile it anew.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GemmaVkException($"{flag}: cannot be read: {e.Message}", e);
        }
    }

    private static long LengthOf(FileInfo file, string flag)
    {
        try
        {
            return (file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file).Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GemmaVkException($"{flag}: cannot be read: {e.Message}", e);
        }
    }

    private static byte[] CompileOwn(string name, FileInfo file, string flag, Action<string>? log)
    {
        if (File.ReadAllBytes(file.FullName) is var text && (text.Contains((byte)0) || !Utf8.IsValid(text)))
            throw new GemmaVkException($"{flag}: expected GLSL, but its bytes are no text; give another file, or name SPIR-V .spv.");
        List<string> folders = [file.DirectoryName!, Path.Combine(file.DirectoryName!, "include")];
        string? repository = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given : ShadersAbove(AppContext.BaseDirectory);
        if (repository is not null)
            folders.Add(Path.Combine(repository, "include"));
        if (IncludeCircle.Of(file.FullName, folders) is { } circle)
            throw new GemmaVkException($"{flag}: expected includes that end, but {string.Join(" includes ", circle)}; take one of them out.");
        string[] defines = Line(repository ?? "", name)?[2..] ?? DefinesOf(name);
        return Run(file.FullName, name, [.. CommonOptions, .. folders.SelectMany(folder => (string[])["-I", folder]), .. defines], $"{flag} has to be compiled", "give SPIR-V (.spv) instead", log, flag);
    }

    // Without a list of variants the options follow from the module's name, as shaders/variants.txt spells them.
    private static string[] DefinesOf(string name)
    {
        List<string> defines = [];
        foreach (string part in name.Split('_'))
        {
            defines.AddRange(part switch
            {
                "dot4" => ["-DACT_I8", "-DDOT4_HARDWARE"],
                "i8" => ["-DACT_I8"],
                "values" => ["-DVALUES_ONLY"],
                "tile" => ["-DTILE"],
                "f16" when !name.StartsWith("mat_", StringComparison.Ordinal) => ["-DKV_F16"],
                "q8" when name.StartsWith("kv_", StringComparison.Ordinal) || name.StartsWith("attention_", StringComparison.Ordinal) => ["-DKV_Q8"],
                "q4" or "q8" or "bf16" or "f8e4m3" => [$"-DWEIGHT_{part.ToUpperInvariant()}"],
                "q4f16" or "q8f16" => [$"-DWEIGHT_{part[..2].ToUpperInvariant()}", "-DSCALE_F16"],
                "q4k" or "q5k" or "q6k" => ["-DWEIGHT_K", $"-DWEIGHT_{part.ToUpperInvariant()}", "-DSCALE_F16"],
                "f32" when name.StartsWith("mat_", StringComparison.Ordinal) || name.StartsWith("embed_", StringComparison.Ordinal) => ["-DWEIGHT_F32"],
                _ => (string[])[],
            });
        }

        return [.. defines];
    }

    private static string? ShadersAbove(string folder)
    {
        for (string? at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            string shaders = Path.Combine(at, "shaders");
            if (File.Exists(Path.Combine(shaders, "variants.txt")))
                return shaders;
        }

        return null;
    }

    private static byte[] Run(string source, string name, string[] options, string why, string remedy, Action<string>? log, string? flag = null)
    {
        bool inProcess = Shaderc.Here is not null && Shaderc.Takes(options);
        string by = inProcess ? Shaderc.Here!.Name : "glslc";
        log?.Invoke($"{name}: {source} is compiled by {by}{(inProcess ? "" : $" ({Shaderc.Obstacle ?? "its options are glslc's alone"})")}");
        (byte[]? spirv, string errors) = inProcess ? Shaderc.Here!.Compile(source, options) : Glslc(source, options, why, remedy);
        return spirv ?? throw new GemmaVkException(flag is null
            ? $"{by} refused {source} for module {name}: {errors.ReplaceLineEndings("; ")}"
            : $"{flag} does not compile: {FirstLines(errors)}; mend it.");
    }

    // What breaks a compiler's own parser comes with hundreds of lines of it.
    private static string FirstLines(string errors)
    {
        string[] lines = errors.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return string.Join("; ", [.. lines.Take(MostLines), .. lines.Length > MostLines ? (string[])[$"and {lines.Length - MostLines} lines more"] : []]);
    }

    private static (byte[]? Spirv, string Errors) Glslc(string source, string[] options, string why, string remedy)
    {
        try
        {
            // SPIR-V comes out of a pipe: no file is needed for it, in a temporary folder that may be full or not there.
            ProcessStartInfo start = new("glslc")
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            };
            foreach (string argument in (string[])[.. options, source, "-o", "-"])
                start.ArgumentList.Add(argument);
            using Process compiler = Process.Start(start) ?? throw new Win32Exception();
            using MemoryStream written = new();
            Task copying = compiler.StandardOutput.BaseStream.CopyToAsync(written);
            Task<string> errors = compiler.StandardError.ReadToEndAsync();
            if (!compiler.WaitForExit(LongestSeconds * 1000))
            {
                compiler.Kill();
                throw new GemmaVkException($"{why}, but glslc had not ended after {LongestSeconds} s and was stopped: see whether an include of {source} leads back to itself, or {remedy}.");
            }

            Task.WaitAll(copying, errors);
            string said = errors.Result.Trim();
            return compiler.ExitCode == 0 ? (written.ToArray(), said)
                : (null, said.Length > 0 ? said : written.Length > 0 ? Encoding.UTF8.GetString(written.ToArray()) : $"glslc ended with exit code {compiler.ExitCode} and said nothing");
        }
        catch (Win32Exception e)
        {
            throw new GemmaVkException($"{why}, but glslc is not on the path, and no library of it can be used ({Shaderc.Obstacle}): install shaderc (Debian: glslc), or {remedy}.", e);
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
