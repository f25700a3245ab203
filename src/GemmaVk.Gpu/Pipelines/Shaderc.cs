using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

namespace GemmaVk.Gpu.Pipelines;

/// <summary>
/// The library behind glslc, in this process: a kernel is compiled in some ten milliseconds, where a process of glslc spends eighty on its start. Its
/// C interface is described in shaderc/shaderc.h of google/shaderc.
/// </summary>
internal sealed unsafe class Shaderc
{
    // shaderc_shader_kind, shaderc_optimization_level, shaderc_target_env and shaderc_env_version.
    private const int Compute = 2;
    private const int OptimizeForSpeed = 2;
    private const int Vulkan = 0;
    private static readonly Dictionary<string, uint> VulkanVersions = new()
    {
        ["vulkan1.0"] = 1u << 22,
        ["vulkan1.1"] = (1u << 22) | (1 << 12),
        ["vulkan1.2"] = (1u << 22) | (2 << 12),
        ["vulkan1.3"] = (1u << 22) | (3 << 12),
    };

    private readonly nint library;
    private readonly nint compiler;

    private Shaderc(nint library, string name)
    {
        this.library = library;
        Name = name;
        compiler = ((delegate* unmanaged[Cdecl]<nint>)Export("compiler_initialize"))();
    }

    /// <summary>Library names tried on this operating system, in order.</summary>
    public static IReadOnlyList<string> LibraryNames { get; } =
        OperatingSystem.IsWindows() ? ["shaderc_shared.dll"]
        : OperatingSystem.IsMacOS() ? ["libshaderc_shared.1.dylib", "libshaderc_shared.dylib"]
        : ["libshaderc.so.1", "libshaderc_shared.so.1"];

    private static Lazy<(Shaderc? Library, string? Obstacle)> Found { get; } = new(() => Load(LibraryNames));

    /// <summary>The library, or null where there is none that loads.</summary>
    public static Shaderc? Here => Found.Value.Library;

    /// <summary>Why there is none, or null.</summary>
    public static string? Obstacle => Found.Value.Obstacle;

    /// <summary>Name under which the system found it.</summary>
    public string Name { get; }

    /// <summary>Loads the first of some libraries that is whole.</summary>
    /// <param name="names">Names for the system's loader.</param>
    /// <returns>The library, or why there is none.</returns>
    public static (Shaderc? Library, string? Obstacle) Load(IReadOnlyList<string> names)
    {
        List<string> obstacles = [];
        foreach (string name in names)
        {
            try
            {
                // It stays loaded for the life of the process. Debian 12 has one that lacks what it calls, and says so here.
                return (new Shaderc(NativeLibrary.Load(name), name), null);
            }
            catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
            {
                obstacles.Add(Reason(name, e.Message));
            }
        }

        return (null, string.Join("; ", obstacles));
    }

    /// <summary>Whether all of glslc's options are ones that this class passes on.</summary>
    public static bool Takes(IReadOnlyList<string> options) => Read(options) is not null;

    /// <summary>Compiles a compute shader.</summary>
    /// <param name="source">Path of the .comp file.</param>
    /// <param name="options">As for glslc; see <see cref="Takes"/>.</param>
    /// <returns>SPIR-V, or null and what is wrong, as lines with file and number.</returns>
    /// <exception cref="IOException">The source cannot be read.</exception>
    public (byte[]? Spirv, string Errors) Compile(string source, IReadOnlyList<string> options)
    {
        Options read = Read(options) ?? throw new ArgumentException($"options that only glslc takes: {string.Join(' ', options)}");
        // An empty file too has an address.
        byte[] text = [.. File.ReadAllBytes(source), 0];
        using ShadercIncludes includes = new(read.Folders);
        nint native = ((delegate* unmanaged[Cdecl]<nint>)Export("compile_options_initialize"))();
        try
        {
            ((delegate* unmanaged[Cdecl]<nint, int, uint, void>)Export("compile_options_set_target_env"))(native, Vulkan, read.Version);
            if (read.Optimize)
                ((delegate* unmanaged[Cdecl]<nint, int, void>)Export("compile_options_set_optimization_level"))(native, OptimizeForSpeed);
            if (read.WarningsAreErrors)
                ((delegate* unmanaged[Cdecl]<nint, void>)Export("compile_options_set_warnings_as_errors"))(native);
            foreach ((string macro, string value) in read.Macros)
                Define(native, Encoding.UTF8.GetBytes(macro), Encoding.UTF8.GetBytes(value));
            ((delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<nint, byte*, int, byte*, nuint, ShadercIncludes.Answer*>, delegate* unmanaged[Cdecl]<nint, ShadercIncludes.Answer*, void>, nint, void>)
                Export("compile_options_set_include_callbacks"))(native, &ShadercIncludes.Resolve, &ShadercIncludes.Release, includes.Handle);
            return Compile(native, text, Encoding.UTF8.GetBytes(source + '\0'));
        }
        finally
        {
            ((delegate* unmanaged[Cdecl]<nint, void>)Export("compile_options_release"))(native);
        }
    }

    private (byte[]? Spirv, string Errors) Compile(nint options, byte[] text, byte[] name)
    {
        nint result;
        fixed (byte* source = text, file = name, entry = "main\0"u8)
        {
            result = ((delegate* unmanaged[Cdecl]<nint, byte*, nuint, int, byte*, byte*, nint, nint>)Export("compile_into_spv"))(
                compiler, source, (nuint)text.Length - 1, Compute, file, entry, options);
        }

        try
        {
            if (((delegate* unmanaged[Cdecl]<nint, int>)Export("result_get_compilation_status"))(result) != 0)
                return (null, Marshal.PtrToStringUTF8((nint)((delegate* unmanaged[Cdecl]<nint, byte*>)Export("result_get_error_message"))(result)) ?? "");
            nuint length = ((delegate* unmanaged[Cdecl]<nint, nuint>)Export("result_get_length"))(result);
            return (new ReadOnlySpan<byte>(((delegate* unmanaged[Cdecl]<nint, byte*>)Export("result_get_bytes"))(result), (int)length).ToArray(), "");
        }
        finally
        {
            ((delegate* unmanaged[Cdecl]<nint, void>)Export("result_release"))(result);
        }
    }

    private void Define(nint options, byte[] macro, byte[] value)
    {
        fixed (byte* m = macro, v = value)
            ((delegate* unmanaged[Cdecl]<nint, byte*, nuint, byte*, nuint, void>)Export("compile_options_add_macro_definition"))(options, m, (nuint)macro.Length, v, (nuint)value.Length);
    }

    private nint Export(string name) => NativeLibrary.GetExport(library, "shaderc_" + name);

    // The loader's message names the library and then every place it looked at; one line of it says what is wrong.
    private static string Reason(string name, string message) =>
        message.Contains("undefined symbol", StringComparison.Ordinal) ? $"{name} cannot be loaded, because it lacks what it calls ({message[message.IndexOf("undefined symbol", StringComparison.Ordinal)..].Split('\n')[0].Trim()})"
        : message.Contains("shaderc_", StringComparison.Ordinal) ? $"{name} is no shaderc ({message.Split('\n')[0].Trim()})"
        : $"there is no {name}";

    private static Options? Read(IReadOnlyList<string> options)
    {
        Options read = new(0, false, false, [], []);
        for (int i = 0; i < options.Count; i++)
        {
            string option = options[i];
            if (option.StartsWith("--target-env=", StringComparison.Ordinal) && VulkanVersions.TryGetValue(option["--target-env=".Length..], out uint version))
                read = read with { Version = version };
            else if (option == "-O")
                read = read with { Optimize = true };
            else if (option == "-Werror")
                read = read with { WarningsAreErrors = true };
            else if (option == "-I" && i + 1 < options.Count)
                read.Folders.Add(options[++i]);
            else if (option.StartsWith("-D", StringComparison.Ordinal) && option.Length > 2)
                read.Macros.Add(option[2..].Split('=', 2) is [var macro, var value] ? (macro, value) : (option[2..], ""));
            else if (option != "-fshader-stage=compute")
                return null;
        }

        return read.Version == 0 ? null : read;
    }

    private sealed record Options(uint Version, bool Optimize, bool WarningsAreErrors, List<string> Folders, List<(string Macro, string Value)> Macros);
}
