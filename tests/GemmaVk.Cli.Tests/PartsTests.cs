using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.Json.Nodes;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>The program where a build leaves parts out: switches in its settings stand for the properties of the build.</summary>
public sealed class PartsTests : IDisposable
{
    private static readonly string[] All = ["Ilgpu", "Server", "Documents", "Tools", "Routing", "Evaluation"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxTheory]
    [InlineData("generate --device ilgpu Hi", "--device ilgpu", "Ilgpu")]
    [InlineData("verify --device ilgpu:cuda", "--device ilgpu:cuda", "Ilgpu")]
    [InlineData("plan --device ilgpu:cpu:0", "--device ilgpu:cpu:0", "Ilgpu")]
    [InlineData("serve --port 0 --model nowhere", "serve", "Server")]
    [InlineData("index . --find hens", "index", "Documents")]
    [InlineData("generate --document README.md Hi", "--document", "Documents")]
    [InlineData("generate --docs . Hi", "--docs", "Documents")]
    [InlineData("mcp --docs .", "mcp", "Tools")]
    [InlineData("generate --device cpu --tool calculator Hi", "--tool", "Tools")]
    [InlineData("generate --device cpu --route route.json Hi", "--route", "Routing")]
    [InlineData("privacy --mcp servers.json", "--mcp", "Tools")]
    [InlineData("eval questions.jsonl", "eval", "Evaluation")]
    public void What_is_left_out_says_so(string line, string asked, string part)
    {
        ShellRun run = Without(All, line);
        Assert.Equal((ExitCode.UserError, ""), (run.Code, run.Out));
        Assert.StartsWith($"gemmavk: {asked}: expected a program with its part {part}, but this one was built without; ", run.Error, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void What_is_in_works_as_ever_and_the_help_says_what_is_not()
    {
        string help = Without(["Server", "Evaluation"], "--help").Out;
        Assert.Contains("  serve                    Left out: this program was built without its part Server.", help, StringComparison.Ordinal);
        Assert.DoesNotContain("part Documents", help, StringComparison.Ordinal);
        Assert.DoesNotContain("Examples:", Without(["Server"], "serve --help").Out, StringComparison.Ordinal);
        Assert.Equal("The capital of Japan is Tokyo.", Without(All, "generate --device cpu --temperature 0 'What is the capital of Japan?'").Out.Trim());
    }

    [Fact]
    public void No_record_prints_a_pointer()
    {
        // The compiler that works ahead of time fails on it, and takes minutes to say so.
        Type[] types = [.. Directory.GetFiles(AppContext.BaseDirectory, "GemmaVk*.dll").Select(file => Assembly.LoadFrom(file)).SelectMany(assembly => assembly.GetTypes())];
        Assert.Contains(types, type => type.Name == "HeapRange");
        Assert.Empty(types
            .Where(type => type.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Instance) is not null)
            .SelectMany(type => type.GetProperties().Select(property => (property.DeclaringType, property.Name, Type: property.PropertyType)).Concat(type.GetFields().Select(field => (field.DeclaringType, field.Name, Type: field.FieldType))))
            .Where(member => member.Type.IsPointer || member.Type.IsFunctionPointer)
            .Select(member => $"{member.DeclaringType}.{member.Name}"));
    }

    /// <summary>Runs the program with switches off.</summary>
    private ShellRun Without(string[] parts, string line)
    {
        string program = typeof(Program).Assembly.Location;
        JsonNode settings = JsonNode.Parse(File.ReadAllText(Path.ChangeExtension(program, ".runtimeconfig.json")))!;
        JsonNode properties = settings["runtimeOptions"]!["configProperties"]!;
        foreach (string part in parts)
        {
            properties[$"GemmaVk.{part}"] = false;
        }

        string file = _folder.Write("parts.runtimeconfig.json", settings.ToJsonString());
        return ShellRun.Of($"dotnet exec --runtimeconfig '{file}' '{program}' {line}", Repository.Root);
    }
}
