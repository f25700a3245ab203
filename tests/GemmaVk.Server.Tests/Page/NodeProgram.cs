using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

namespace GemmaVk.Server.Tests.Page;

/// <summary>Programs of node that tests call, and the packages they need.</summary>
internal static class NodeProgram
{
    private static readonly string[] Browsers = ["chromium", "chromium-browser", "google-chrome"];
    private static readonly Lazy<string?> Restored = new(Restore);

    /// <summary>Where the checks of the page and their packages lie together; a folder of built things, which no other test reads.</summary>
    public static string Folder { get; } = Repository.Path("artifacts", "page-tests");

    /// <summary>Why the page cannot be driven here, or null where it can.</summary>
    public static string? Lack =>
        NodeLack ?? (Browsers.Any(Has) ? Restored.Value : "needs Chromium (Debian's package chromium)");

    /// <summary>Why npm cannot be asked for packages here, or null where it can.</summary>
    public static string? NpmLack => NodeLack ?? Restored.Value;

    private static string? NodeLack => Has("node") && Has("npm") ? null : "needs node and npm";

    /// <summary>Runs a program to its end.</summary>
    /// <returns>The exit code, and both streams together.</returns>
    public static (int Code, string Output) Run(string program, string folder, TimeSpan limit, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            return (-1, $"{program} did not end within {limit.TotalSeconds} s.\n{output.Result}{error.Result}");
        }

        return (process.ExitCode, output.Result + error.Result);
    }

    // The checks and the packages they import, side by side.
    private static string? Restore()
    {
        Directory.CreateDirectory(Folder);
        foreach (string file in Directory.EnumerateFiles(Repository.Path("tests", "GemmaVk.Server.Tests", "browser")))
        {
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)), overwrite: true);
        }

        (int code, string output) = Run("npm", Folder, TimeSpan.FromMinutes(3), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent");
        return code == 0 ? null : $"npm could not restore playwright-core and axe-core: {output.ReplaceLineEndings(" ").Trim()}";
    }

    private static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
