using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace GemmaVk.Kernels.Tests;

/// <summary>
/// Shaders must be right for every subgroup size. Lavapipe's follows its vector width, which it reads when it is loaded, so
/// each size is a process of its own that runs all kernel tests on a Vulkan backend. So is another driver, with another compiler, for the kernels that it
/// compiles in no time: the SwiftShader that Chromium brings has workgroups of 256 invocations at most and no types of 8 and 16 bits.
/// They run beside the other tests of this project, and use no backend of this process.
/// </summary>
[Collection(nameof(SubgroupSizeTests))]
public class SubgroupSizeTests
{
    private static readonly (int Width, int Subgroup, string Backend)[] Sizes = [(128, 4, "vulkan"), (128, 4, "vulkan-as-gpu"), (512, 16, "vulkan")];

    // Width 0 is that of another driver.
    private static readonly Lazy<Task<(int Code, string Output)>?> SwiftShader = new(() => SwiftShaderFactAttribute.Driver is null ? null : Run(0, 4, "vulkan"));

    // One thread each, and most of the time compiling: they run beside each other.
    private static readonly Lazy<Task<(int Code, string Output)>[]> Children = new(() =>
    {
        _ = SwiftShader.Value;
        return [.. Sizes.Select(size => Run(size.Width, size.Subgroup, size.Backend))];
    });

    [Theory]
    [InlineData(0, "4 invocations")]
    [InlineData(1, "4 invocations as on a GPU")]
    [InlineData(2, "16 invocations")]
    public Task AllKernelsOnAnotherSize(int child, string name) => Passes(() => Children.Value[child], name);

    [SwiftShaderFact]
    public Task SomeKernelsOnAnotherDriver() => Passes(() => SwiftShader.Value!, "SwiftShader");

    private static async Task Passes(Func<Task<(int Code, string Output)>> run, string name)
    {
        if (Environment.GetEnvironmentVariable(Backends.OnlyVariable) is not null)
        {
            // This is the child.
            return;
        }

        (int code, string output) = await run();
        Assert.True(code == 0, $"{name}:\n{output}");
        Assert.Contains("Passed!", output, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output)> Run(int width, int subgroup, string backend)
    {
        // Mesa's cache takes code of another width for its own: each width has one, where they are kept at all.
        string? cache = Environment.GetEnvironmentVariable("MESA_SHADER_CACHE_DIR") is { Length: > 0 } folder ? Path.Combine(folder, $"{width}-bits") : null;
        // Fused products and attention have the bodies of the plain ones; at other widths KernelSweepTests runs them in a few shapes.
        string choice = width == 0
            ? "FullyQualifiedName~Tests.KvAppend|FullyQualifiedName~Tests.QuantizeRows|FullyQualifiedName~Tests.RmsNormTests|FullyQualifiedName~Tests.GeGlu|FullyQualifiedName~TheChild"
            : "FullyQualifiedName!~MatVecQkv&FullyQualifiedName!~MatVecGeGlu&FullyQualifiedName!~AttentionDecodeQuantize";
        ProcessStartInfo start = new("dotnet", ["vstest", typeof(SubgroupSizeTests).Assembly.Location, $"--TestCaseFilter:{choice}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                [Backends.OnlyVariable] = backend,
                [Backends.SubgroupVariable] = $"{subgroup}",
                ["LP_NATIVE_VECTOR_WIDTH"] = $"{width}",
                // Tiny shapes: handing them to threads costs more than computing them.
                ["LP_NUM_THREADS"] = "0",
                [cache is null ? "MESA_SHADER_CACHE_DISABLE" : "MESA_SHADER_CACHE_DIR"] = cache ?? "true",
            },
        };
        if (width == 0)
        {
            start.Environment["VK_DRIVER_FILES"] = start.Environment["VK_ICD_FILENAMES"] = SwiftShaderFactAttribute.Driver;
        }

        if (cache is not null)
        {
            Directory.CreateDirectory(cache);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, $"{output}\n{await errors}");
    }
}
