using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GemmaVk.ShaderBuild;

/// <summary>What the committed modules were made from: shaders/spirv/manifest.json.</summary>
/// <param name="Compiler">Version line of the compiler of all modules that do not name another.</param>
/// <param name="Modules">One entry per module, in the order of variants.txt.</param>
internal sealed record Manifest(string Compiler, IReadOnlyList<ManifestEntry> Modules)
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Reads a folder's manifest, or null without one.</summary>
    public static Manifest? Read(string folder)
    {
        string file = Path.Combine(folder, "manifest.json");
        return File.Exists(file) ? JsonSerializer.Deserialize<Manifest>(File.ReadAllText(file), Format) : null;
    }

    /// <summary>Writes it.</summary>
    public void Write(string folder) =>
        File.WriteAllText(Path.Combine(folder, "manifest.json"), JsonSerializer.Serialize(this, Format).ReplaceLineEndings("\n") + "\n");
}

/// <summary>One module.</summary>
/// <param name="Module">Name, and file name without extension.</param>
/// <param name="Source">Source file.</param>
/// <param name="Defines">Options beyond the common ones.</param>
/// <param name="SourceHash">SHA-256 over options, source and includes.</param>
/// <param name="SpirvHash">SHA-256 of the module.</param>
/// <param name="Compiler">Version line of the newer compiler that this module needed, or null.</param>
internal sealed record ManifestEntry(string Module, string Source, string Defines, string SourceHash, string SpirvHash, string? Compiler = null);
