using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace GemmaVk.House.Tests;

/// <summary>The seven places of a kernel. Files such as RmsNormCpu.Tiles.cs may stand beside them.</summary>
internal sealed record KernelPlaces(string Kernel)
{
    public string Specification => $"src/GemmaVk.Kernels/{Kernel}.cs";

    public string Cpu => $"src/GemmaVk.Cpu/Kernels/{Kernel}Cpu.cs";

    public string Gpu => $"src/GemmaVk.Gpu/Kernels/{Kernel}Gpu.cs";

    public string Shader => $"shaders/{SnakeCase(Kernel)}.comp";

    public string Ilgpu => $"src/GemmaVk.Ilgpu/Kernels/{Kernel}Ilgpu.cs";

    public string Tests => $"tests/GemmaVk.Kernels.Tests/{Kernel}Tests.cs";

    public string Benchmark => $"bench/GemmaVk.Bench/{Kernel}Bench.cs";

    public IReadOnlyList<string> All => [Specification, Cpu, Gpu, Shader, Ilgpu, Tests, Benchmark];

    /// <summary>The mechanical name in GLSL: RmsNormRope is rms_norm_rope.</summary>
    public static string SnakeCase(string name)
    {
        StringBuilder snake = new();
        for (int i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]))
            {
                snake.Append('_');
            }

            snake.Append(char.ToLowerInvariant(name[i]));
        }

        return snake.ToString();
    }

    /// <summary>Places where nothing is.</summary>
    public IEnumerable<string> Missing(Func<string, bool> exists) =>
        All.Where(path => !exists(path)).Select(path => $"{Kernel}: no {path}");

    /// <summary>Files that stand where kernels stand under a name that no kernel has.</summary>
    /// <param name="kernels">Methods of IPass.</param>
    /// <param name="files">Relative paths.</param>
    /// <param name="others">Files that belong to no kernel, or to several.</param>
    public static IEnumerable<string> Strays(IReadOnlyCollection<string> kernels, IEnumerable<string> files, IReadOnlyCollection<string> others)
    {
        foreach (string path in files)
        {
            Match room = Regex.Match(path, @"^src/GemmaVk\.(?<room>Cpu|Gpu|Ilgpu)/Kernels/(?<name>\w+)\k<room>(\.\w+)?\.cs$");
            Match shader = Regex.Match(path, @"^shaders/(?<name>\w+)\.comp$");
            string? name = room.Success ? SnakeCase(room.Groups["name"].Value) : shader.Success ? shader.Groups["name"].Value : null;
            if (name is not null && !others.Contains(path) && !kernels.Any(kernel => IsOf(name, SnakeCase(kernel))))
            {
                yield return $"{path}: belongs to no kernel of IPass";
            }
        }
    }

    // A kernel of several dispatches has a file for each: attention_prefill, attention_prefill_join.
    private static bool IsOf(string name, string kernel) => name == kernel || name.StartsWith(kernel + "_", StringComparison.Ordinal);
}
