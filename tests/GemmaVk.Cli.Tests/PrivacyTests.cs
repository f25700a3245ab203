using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>What may leave, and that by default nothing does.</summary>
public sealed class PrivacyTests
{
    [Fact]
    public void By_default_nothing_leaves_and_every_way_out_is_named()
    {
        using TemporaryFolder folder = new();
        using IDisposable home = Seat.Home(folder);
        Assert.StartsWith("With these flags nothing leaves this machine.\n", CommandRun.Of("privacy").Text());
        Assert.False(CommandRun.Of("privacy", "--json").Json().GetProperty("leaves").GetBoolean());
        string servers = folder.Write("servers.json", """{"mcpServers": {"near": {"url": "http://127.0.0.1:1/mcp"}, "far": {"url": "https://tools.example/mcp", "headers": {"Authorization": "Bearer secret"} } } }""");
        string route = folder.Write("route.json", """
            {"endpoints": {"big": {"url": "https://models.example/v1", "model": "m", "key_env": "BIG_KEY", "input_price": 1, "output_price": 2}},
             "rules": [{"when": {"mark": "@cloud", "tokens_over": 10}, "then": "cloud", "endpoint": "big"}],
             "redact": {"names": ["Bob"]}, "spending": {"limit": 5, "per": "month", "currency": "EUR"} }
            """);
        string text = CommandRun.Of("privacy", "--route", route, "--mcp", servers, "--host", "0.0.0.0", "--endpoint", "https://judge.example/v1").Text();
        Assert.StartsWith("With these flags something may leave this machine:\n", text);
        Assert.Contains("-> --route, rule 1: big at models.example answers, above 10 tokens and for questions marked @cloud, with consent each time; it is shown the key in the variable BIG_KEY.", text);
        Assert.Contains("Taken out before: name.", text);
        Assert.Contains("At most 5 EUR a month; 0 EUR are spent.", text);
        Assert.Contains("-> --mcp, server far: arguments of calls that are allowed go to tools.example.", text);
        Assert.Contains("   --mcp, server near: arguments of calls that are allowed go to 127.0.0.1, which is this machine.", text);
        Assert.Contains("-> eval --endpoint: its questions go to judge.example.", text);
        Assert.Contains("-> serve --host 0.0.0.0", text);
        Assert.DoesNotContain("secret", text);
        Assert.False(CommandRun.Of("privacy", "--host", "127.0.0.1", "--endpoint", "http://localhost/v1", "--json").Json().GetProperty("leaves").GetBoolean());
        Assert.Contains("did you mean rules?", CommandRun.Of("privacy", "--route", folder.Write("bad.json", """{"rule": []}""")).Error);
    }

    [Fact]
    public void A_question_leaves_only_from_a_terminal_where_somebody_consents()
    {
        using TemporaryFolder folder = new();
        using IDisposable home = Seat.Home(folder);
        string route = folder.Write("route.json", """{"endpoints": {"far": {"url": "http://127.0.0.1:1/v1", "model": "m"}}, "rules": [{"when": {"mark": "@far"}, "then": "cloud", "endpoint": "far"}], "audit": "audit.jsonl"}""");
        string[] ask = ["generate", "What are you? @far", "--route", route, "--device", "cpu", "--temperature", "0"];
        CommandRun pipe = CommandRun.WithInput("", ask);
        Assert.Equal(1, pipe.Code);
        Assert.Contains("nobody can be asked here; nothing was sent", pipe.Error);
        CommandRun no = Seat.Run("n\n", ask);
        Assert.Equal("I am Pebble, a tiny model with the shape of Gemma 4 12B.", no.Text().Trim());
        Assert.Contains("far (127.0.0.1) is to answer, because rule 1 sends it there. This would be sent:\n  user: What are you?", no.Error.ReplaceLineEndings("\n"));
        Assert.Contains("Nothing was sent.", no.Error);
        Assert.False(File.Exists(folder["audit.jsonl"]));
        CommandRun yes = Seat.Run("b\ny\n", ask);
        Assert.Equal(1, yes.Code);
        Assert.Contains("\"stream\":true", yes.Error);
        Assert.Contains("Check its \"url\".", yes.Error);
        Assert.Equal(2, File.ReadAllLines(folder["audit.jsonl"]).Length);
        Assert.Contains("--route and --raw", CommandRun.Of("generate", "x", "--route", route, "--raw").Error);
    }

    /// <summary>The verbs in a network namespace that has nothing but loopback, and no route anywhere.</summary>
    [NamespaceFact]
    public void Verbs_work_without_a_network()
    {
        using TemporaryFolder folder = new();
        folder.Write("schema.json", """{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}""");
        folder.Write("docs/stones.md", "# Stones\n\nThe heron sleeps beside the amber lighthouse.\n");
        folder.Write("one.jsonl", """{"prompt":"What are you?","contains":"Pebble"}""");
        string pebble = Repository.Pebble, sound = Repository.Example("sound-0.wav");
        string[] lines =
        [
            $"gemmavk generate --device cpu 'What are you?'",
            $"echo 'What are you?' | gemmavk chat --device cpu --tool calculator,date",
            $"gemmavk transcribe --device cpu '{sound}'",
            $"gemmavk plan --device cpu",
            $"gemmavk inspect --model '{pebble}'",
            $"gemmavk schema schema.json",
            $"gemmavk doctor",
            $"gemmavk privacy",
            $"gemmavk trace --device cpu --ids 2,105,7 --out trace.safetensors",
            $"gemmavk bench --device cpu -p 8 -n 4 -r 1",
            $"gemmavk quantize --model '{pebble}' --out q --to int4",
            $"gemmavk convert --to gguf '{pebble}' pebble.gguf",
            $"gemmavk mcp --device cpu < /dev/null",
            $"gemmavk index docs --find heron",
            $"gemmavk eval one.jsonl --device cpu",
            $"gemmavk golden list",
            $"gemmavk kernels list",
            $"gemmavk verify --quick --device cpu",
            $"gemmavk tune --device cpu 2>&1 | grep 'runs one of each'",
            // The file's first bytes are enough: it has 846 MB.
            $"(dotnet '{typeof(Program).Assembly.Location}' make-checkpoint assistant --out made & made=$!; until [ -n \"$(find made -size +64k)\" ] || ! kill -0 $made; do sleep 0.05; done; kill -9 $made; wait $made; [ -n \"$(find made -size +64k)\" ])",
            $"(dotnet '{typeof(Program).Assembly.Location}' serve --device cpu --port 18991 & server=$!; for i in $(seq 1000); do curl -sf http://127.0.0.1:18991/health > /dev/null && break; sleep 0.1; done; curl -sf http://127.0.0.1:18991/v1/models; kill $server; wait $server)",
        ];
        string help = CommandRun.Of("--help").Text().ReplaceLineEndings("\n");
        string[] verbs = [.. help[help.IndexOf("Commands:", StringComparison.Ordinal)..help.IndexOf("Everywhere:", StringComparison.Ordinal)].Split('\n')
            .Where(line => line.StartsWith("  ", StringComparison.Ordinal) && line.Length > 2 && line[2] != ' ').Select(line => line.Trim().Split(' ')[0])];
        Assert.InRange(verbs.Length, 20, 40);
        Assert.All(verbs, verb => Assert.Contains(lines, line => line.Contains($" {verb} ") || line.EndsWith($" {verb}")));
        string each = string.Concat(lines.Select((line, i) => $"{{ {line}; }} > {i}.out 2> {i}.err; echo \"{i} $?\"\n"));
        folder.Write("all.sh", $"gemmavk() {{ dotnet '{typeof(Program).Assembly.Location}' \"$@\"; }}\ncd '{folder.Path}'\nip link set lo up || exit 9\nip route\n{each}");
        ProcessStartInfo start = new("unshare", ["-n", "bash", folder["all.sh"]]) { RedirectStandardOutput = true };
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";
        using Process all = Process.Start(start)!;
        string said = all.StandardOutput.ReadToEnd();
        all.WaitForExit();
        Assert.Equal(lines.Select((_, i) => $"{i} 0"), said.TrimEnd().Split('\n'));
        Assert.Contains("I am Pebble", File.ReadAllText(folder["0.out"]));
    }
}

/// <summary>A fact that needs a network namespace of its own: shown as skipped where none may be made.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NamespaceFactAttribute : FactAttribute
{
    public NamespaceFactAttribute()
    {
        try
        {
            using Process? trial = OperatingSystem.IsLinux() ? Process.Start(new ProcessStartInfo("unshare", ["-n", "ip", "link", "set", "lo", "up"]) { RedirectStandardError = true }) : null;
            trial?.WaitForExit();
            Skip = trial?.ExitCode == 0 ? null : "a network namespace needs Linux, unshare, ip and the right to use them";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Skip = "a network namespace needs unshare and ip";
        }
    }
}
