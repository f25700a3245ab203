using System;
using System.Linq;
using GemmaVk.ShaderBuild;

// Compiles every module of shaders/variants.txt to shaders/spirv and writes its manifest. Modules whose sources, options
// and compiler are unchanged are left alone. Those that the glslc on the path is too old for are left alone too, unless a newer one is
// named. Run from anywhere in the repository:
//     dotnet run --project tools/ShaderBuild [-- [--force] [--newer GLSLC]]
string? folder = Repository.Shaders(Environment.CurrentDirectory) ?? Repository.Shaders(AppContext.BaseDirectory);
if (folder is null)
{
    Console.Error.WriteLine("No shaders/variants.txt above the current folder: run this inside the repository.");
    return 1;
}

if (Compiler.Find() is not { } compiler)
{
    Console.Error.WriteLine("glslc is not on the path: install shaderc (Debian: apt-get install glslc spirv-tools).");
    return 1;
}

int at = Array.IndexOf(args, "--newer");
string? path = at < 0 ? null : at + 1 < args.Length ? args[at + 1] : "";
Compiler? newer = path is null ? null : Compiler.Find(path);
if (path is not null && newer is null)
{
    Console.Error.WriteLine($"--newer '{path}': expected a glslc of 2024 or later, but it does not run; tools/drivers fetches one.");
    return 1;
}

return new Build(folder, compiler, newer, Console.WriteLine).Run(args.Contains("--force")) ? 0 : 1;
