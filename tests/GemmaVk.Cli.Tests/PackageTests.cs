using System;
using System.Diagnostics;
using System.IO;
using System.IO.Compression;
using System.Linq;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>The packages that the sources make, and the tool out of one of them.</summary>
public sealed class PackageTests
{
#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    [Fact]
    public void The_tool_is_installed_from_a_folder_and_answers()
    {
        using TemporaryFolder folder = new();
        string packages = Directory.CreateDirectory(folder["packages"]).FullName;
        Dotnet(folder, "pack", Repository.Path("src", "GemmaVk.Cli"), "-c", Configuration, "--no-build", "-o", packages, "-v", "quiet", "-nologo");
        string version = Path.GetFileNameWithoutExtension(Directory.GetFiles(packages, "GemmaVk.Cli.*.nupkg").Single())["GemmaVk.Cli.".Length..];

        // A folder is the only source there is: nothing is fetched.
        Dotnet(folder, "tool", "install", "GemmaVk.Cli", "--tool-path", folder["tools"], "--source", packages, "--version", version);
        string tool = folder[OperatingSystem.IsWindows() ? "tools/gemmavk.exe" : "tools/gemmavk"];
        Assert.StartsWith(version, Run(folder, tool, "--version"), StringComparison.Ordinal);
        Assert.Equal(
            "The capital of Japan is Tokyo.",
            Run(folder, tool, "generate", "--model", Repository.Pebble, "--device", "cpu", "--temperature", "0", "What is the capital of Japan?").Trim());

        // SQLite is native code: it is inside for every system that the model runs on, and found by what is installed.
        using (ZipArchive package = ZipFile.OpenRead(Directory.GetFiles(packages, "GemmaVk.Cli.*.nupkg").Single()))
        {
            string[] natives = [.. package.Entries.Select(entry => entry.FullName).Where(name => name.Contains("e_sqlite3.", StringComparison.Ordinal) && name.Contains("/native/", StringComparison.Ordinal)).Select(name => name.Split('/')[^3])];
            Assert.All((string[])["linux-x64", "linux-arm64", "linux-musl-x64", "linux-musl-arm64", "osx-x64", "osx-arm64", "win-x64", "win-arm64"], system => Assert.Contains(system, natives));
        }

        folder.Write("docs/world.md", "The hen sleeps near the castle.");
        Assert.Contains(" with 1 passage", Run(folder, tool, "index", folder["docs"]), StringComparison.Ordinal);

        // Shaders are inside: on a machine without a driver it says what to install, and lacks nothing of its own.
        (int code, string text, string error) = Start(folder, tool, "generate", "--model", Repository.Pebble, "--device", "vulkan", "--temperature", "0", "What is the capital of Japan?");
        Assert.True(code == 0 ? text.Trim() == "The capital of Japan is Tokyo." : error.Contains("driver", StringComparison.OrdinalIgnoreCase), error);
    }

    [Fact]
    public void A_room_is_a_package_with_licence_readme_documentation_and_symbols()
    {
        using TemporaryFolder folder = new();
        Dotnet(folder, "pack", Repository.Path("src", "GemmaVk.Grammar"), "-c", Configuration, "--no-build", "-o", folder.Path, "-v", "quiet", "-nologo");
        using ZipArchive package = ZipFile.OpenRead(Directory.GetFiles(folder.Path, "GemmaVk.Grammar.*.nupkg").Single());
        string[] entries = [.. package.Entries.Select(entry => entry.FullName)];
        Assert.Contains("README.md", entries);
        Assert.Contains("lib/net10.0/GemmaVk.Grammar.dll", entries);
        Assert.Contains("lib/net10.0/GemmaVk.Grammar.xml", entries);
        using StreamReader spec = new(package.GetEntry("GemmaVk.Grammar.nuspec")!.Open());
        string said = spec.ReadToEnd();
        Assert.Contains("<license type=\"expression\">Apache-2.0</license>", said, StringComparison.Ordinal);
        Assert.Contains("<dependency id=\"GemmaVk.Text\"", said, StringComparison.Ordinal);
        Assert.Contains("<tags>gemma", said, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(folder.Path, "*.snupkg"));

        // The same sources give the same bytes wherever they lie: no folder of this machine is inside.
        using MemoryStream code = new();
        using (Stream dll = package.GetEntry("lib/net10.0/GemmaVk.Grammar.dll")!.Open())
        {
            dll.CopyTo(code);
        }

        Assert.DoesNotContain(Repository.Root, System.Text.Encoding.UTF8.GetString(code.ToArray()), StringComparison.Ordinal);
    }

    private static string Dotnet(TemporaryFolder folder, params string[] arguments) => Run(folder, "dotnet", arguments);

    private static string Run(TemporaryFolder folder, string program, params string[] arguments)
    {
        (int code, string text, string error) = Start(folder, program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: {code}\n{text}\n{error}");
        return text;
    }

    private static (int Code, string Out, string Error) Start(TemporaryFolder folder, string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true };
        // What is installed here must not meet what the machine has.
        start.Environment["DOTNET_CLI_HOME"] = folder["home"];
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";
        start.Environment["DOTNET_ROOT"] = Path.GetDirectoryName(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? Environment.ProcessPath!);
        using Process process = Process.Start(start)!;
        System.Threading.Tasks.Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
