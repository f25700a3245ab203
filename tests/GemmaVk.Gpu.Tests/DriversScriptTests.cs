using System;
using System.Diagnostics;
using System.IO;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>tools/drivers, as far as it needs no network: which driver a command is given, and what is said where one is missing.</summary>
public sealed class DriversScriptTests
{
    [Theory]
    [InlineData(0, "list", "mesa-25 +not fetched\nmesa-26 +not fetched\nswiftshader +A driver 7")]
    [InlineData(0, "run swiftshader printenv VK_DRIVER_FILES", "^HOME/swiftshader/driver.json$")]
    [InlineData(0, "run lavapipe-512 printenv LP_NATIVE_VECTOR_WIDTH MESA_SHADER_CACHE_DIR", "^512\nHOME/cache-lavapipe-512$")]
    [InlineData(0, "run swiftshader printenv MESA_SHADER_CACHE_DIR", "^HOME/cache-swiftshader-256$", "256")]
    [InlineData(0, "has swiftshader", "^$")]
    [InlineData(1, "has mesa-26", "^$")]
    [InlineData(1, "run mesa-26 true", "^mesa-26 is not there yet: 'tools/drivers fetch mesa-26' downloads it from Debian's archive.$")]
    [InlineData(1, "run mesa-27 true", "^'mesa-27' is no driver here; there are: mesa-25 mesa-26 swiftshader")]
    [InlineData(1, "fetch mesa-27", "^'mesa-27' is no driver here; there are: mesa-25 mesa-26 swiftshader, and all.$")]
    [InlineData(1, "run swiftshader", "needs a name and a command|needs a command")]
    [InlineData(0, "fetch swiftshader", "^swiftshader: A driver 7 is there already")]
    public void It_gives_the_driver_or_a_sentence(int code, string arguments, string expected, string? width = null)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using TemporaryFolder folder = new();
        folder.Write("swiftshader/version", "A driver 7\n");
        ProcessStartInfo start = new("bash", [Path.Combine(GemmaVk.Shared.Repository.Root, "tools", "drivers"), .. arguments.Split(' ')])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // A vector width of one's own, or none.
            Environment = { ["GEMMAVK_DRIVERS"] = folder.Path, ["LP_NATIVE_VECTOR_WIDTH"] = width },
        };
        using Process script = Process.Start(start)!;
        string said = script.StandardOutput.ReadToEnd() + script.StandardError.ReadToEnd();
        script.WaitForExit();
        Assert.Matches(expected.Replace("HOME", folder.Path, StringComparison.Ordinal), said.Trim());
        Assert.Equal(code, script.ExitCode);
    }
}
