using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>The packages of npm that people call servers with, against this one and over the written streams.</summary>
[Collection(ServerCollection.Name)]
public class NodeClientTests(PebbleServer server)
{
    private static string Clients => Repository.Path("tests", "GemmaVk.Server.Tests", "clients");

    [NodeFact]
    public async Task Known_clients_read_every_answer()
    {
        ProcessStartInfo start = new("node", ["run.mjs", server.Address, Repository.Path("weights", "examples"), Repository.Path("tests", "GemmaVk.Server.Tests", "golden")])
        {
            WorkingDirectory = Clients,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(process.ExitCode == 0, string.Join('\n', lines.Where(line => !line.StartsWith("ok ", StringComparison.Ordinal))) + await errors);
        Assert.True(lines.Count(line => line.StartsWith("ok ", StringComparison.Ordinal)) >= 60, output);
    }
}

/// <summary>A test that needs node and the packages of clients/package.json, which tools/test restores.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeFactAttribute : FactAttribute
{
    private const int Oldest = 20;

    public NodeFactAttribute()
    {
        if (!Directory.Exists(Repository.Path("tests", "GemmaVk.Server.Tests", "clients", "node_modules", "openai")))
        {
            Skip = "The packages of tests/GemmaVk.Server.Tests/clients are not there: 'npm ci' in that folder restores them, and needs node.";
        }
        else if (Major() < Oldest)
        {
            // Old versions lack what the packages use of the language.
            Skip = $"The packages of tests/GemmaVk.Server.Tests/clients need node {Oldest} or newer.";
        }
    }

    private static int Major()
    {
        using Process process = Process.Start(new ProcessStartInfo("node", "--version") { RedirectStandardOutput = true })!;
        string version = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return int.TryParse(version.TrimStart('v').Split('.')[0], out int major) ? major : 0;
    }
}
