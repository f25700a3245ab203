using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace GemmaVk.ShaderBuild;

/// <summary>Brings shaders/spirv up to date with its sources.</summary>
/// <param name="folder">The shaders folder.</param>
/// <param name="compiler">Compiles what it can.</param>
/// <param name="newer">Compiles what the other cannot, or null: then those modules stay as they are.</param>
/// <param name="say">Receives a line per event.</param>
internal sealed class Build(string folder, Compiler compiler, Compiler? newer, Action<string> say)
{
    private readonly string spirv = Path.Combine(folder, "spirv");
    private readonly Lock results = new();
    private int compiled;
    private bool failed;

    /// <summary>Compiles what has changed and writes the manifest. False where a module does not compile; nothing is then written but modules.</summary>
    /// <param name="force">Also what has not changed.</param>
    public bool Run(bool force)
    {
        Directory.CreateDirectory(spirv);
        IReadOnlyList<Variant> variants = Variant.ReadAll(folder);
        Manifest old = force ? new Manifest(compiler.Version, []) : Manifest.Read(spirv) ?? new Manifest(compiler.Version, []);
        ManifestEntry? KnownOf(Variant variant) => (Manifest.Read(spirv) ?? old).Modules.FirstOrDefault(m => m.Module == variant.Module);
        ManifestEntry?[] entries = new ManifestEntry?[variants.Count];
        Parallel.For(0, variants.Count, i =>
        {
            ManifestEntry? known = old.Modules.FirstOrDefault(m => m.Module == variants[i].Module);
            entries[i] = known is not null && IsCurrent(variants[i], known, old) ? known : Compile(variants[i], known ?? KnownOf(variants[i]));
        });
        if (failed)
            return false;
        foreach (string stray in Directory.EnumerateFiles(spirv, "*.spv").Where(f => variants.All(v => v.Module != Path.GetFileNameWithoutExtension(f))))
        {
            say($"{Path.GetFileName(stray)}: removed, variants.txt does not list it");
            File.Delete(stray);
        }

        new Manifest(compiler.Version, [.. entries.OfType<ManifestEntry>()]).Write(spirv);
        say($"{variants.Count} modules, {compiled} compiled, {entries.Count(e => e is not null) - compiled} unchanged; {compiler.Version}");
        return true;
    }

    // What a newer compiler made stays where there is none, or the same one.
    private bool IsCurrent(Variant variant, ManifestEntry known, Manifest old) =>
        known.SourceHash == variant.SourceHash(folder) && File.Exists(Target(variant))
        && (known.Compiler is { } other ? newer is null || newer.Version == other : old.Compiler == compiler.Version);

    private ManifestEntry? Compile(Variant variant, ManifestEntry? known)
    {
        CompileResult result = compiler.Compile(folder, variant);
        Compiler? other = result.Unsupported ? newer : null;
        string lacks = result.Message;
        if (other is not null)
            result = other.Compile(folder, variant);
        lock (results)
        {
            if (result.Unsupported)
            {
                say($"{variant.Module}: skipped, this glslc lacks {lacks}; the committed module stays as it is (--newer GLSLC compiles it)");
                return known;
            }

            if (result.Spirv is null)
            {
                failed = true;
                say($"{variant.Module}: {result.Message}");
                return null;
            }

            compiled++;
            File.WriteAllBytes(Target(variant), result.Spirv);
            return new ManifestEntry(variant.Module, variant.Source, string.Join(' ', variant.Options), variant.SourceHash(folder), Variant.Hash(result.Spirv), other?.Version);
        }
    }

    private string Target(Variant variant) => Path.Combine(spirv, variant.Module + ".spv");
}
