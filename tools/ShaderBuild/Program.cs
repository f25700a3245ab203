using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using GemmaVk.ShaderBuild;

// Compiles every module of shaders/variants.txt to shaders/spirv and writes its manifest. Modules whose sources, options
// and compiler are unchanged are left alone. Run from anywhere in the repository:
//     dotnet run --project tools/ShaderBuild [-- --force]
string? folder = Repository.Shaders(Environment.CurrentDirectory) ?? Repository.Shaders(AppContext.BaseDirectory);
if (folder is null)
{
    Console.Error.WriteLine("No shaders/variants.txt above the current folder: run this inside the repository.");
    return 1;
}

Compiler? compiler = Compiler.Find();
if (compiler is null)
{
    Console.Error.WriteLine("glslc is not on the path: install shaderc (Debian: apt-get install glslc spirv-tools).");
    return 1;
}

string spirv = Path.Combine(folder, "spirv");
Directory.CreateDirectory(spirv);
IReadOnlyList<Variant> variants = Variant.ReadAll(folder);
Manifest old = args.Contains("--force") ? new Manifest(compiler.Version, []) : Manifest.Read(spirv) ?? new Manifest(compiler.Version, []);
ManifestEntry?[] entries = new ManifestEntry?[variants.Count];
int compiled = 0;
bool failed = false;
Parallel.For(0, variants.Count, i =>
{
    Variant variant = variants[i];
    string sourceHash = variant.SourceHash(folder);
    string target = Path.Combine(spirv, variant.Module + ".spv");
    ManifestEntry? known = old.Modules.FirstOrDefault(m => m.Module == variant.Module);
    if (known is not null && old.Compiler == compiler.Version && known.SourceHash == sourceHash && File.Exists(target))
    {
        entries[i] = known;
        return;
    }

    CompileResult result = compiler.Compile(folder, variant);
    lock (entries)
    {
        if (result.Unsupported)
        {
            // Newer extensions need a newer compiler; the committed module stays as it is.
            Console.WriteLine($"{variant.Module}: skipped, this glslc lacks {result.Message}");
            entries[i] = known;
        }
        else if (result.Spirv is null)
        {
            failed = true;
            Console.Error.WriteLine($"{variant.Module}: {result.Message}");
        }
        else
        {
            compiled++;
            File.WriteAllBytes(target, result.Spirv);
            entries[i] = new ManifestEntry(variant.Module, variant.Source, string.Join(' ', variant.Options), sourceHash, Variant.Hash(result.Spirv));
        }
    }
});

if (failed)
    return 1;
foreach (string stray in Directory.EnumerateFiles(spirv, "*.spv").Where(f => variants.All(v => v.Module != Path.GetFileNameWithoutExtension(f))))
{
    Console.WriteLine($"{Path.GetFileName(stray)}: removed, variants.txt does not list it");
    File.Delete(stray);
}

new Manifest(compiler.Version, [.. entries.OfType<ManifestEntry>()]).Write(spirv);
Console.WriteLine($"{variants.Count} modules, {compiled} compiled, {entries.Count(e => e is not null) - compiled} unchanged; {compiler.Version}");
return 0;
