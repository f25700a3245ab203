using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>Tools that the program runs, in generate and chat, and the program as a server of tools.</summary>
public sealed class CallingTests
{
    private const string Tools =
        """{"name":"turn_on","description":"Turn on a thing.","inputSchema":{"type":"object","properties":{"thing":{"type":"string","description":"The thing."}},"required":["thing"]}},{"name":"get_time","description":"Get the time in a city.","inputSchema":{"type":"object","properties":{"city":{"type":"string","description":"The city."}},"required":["city"]}}""";

    private static readonly string[] Tail = ["--temperature", "0", "--device", "cpu", "--max-tokens", "40"];

    /// <summary>A server in bash with the two tools that the small model was taught; what came is in a file beside it.</summary>
    private static string Server(TemporaryFolder folder, string call = """answer '{"content":[{"type":"text","text":"ok"}]}'""")
    {
        string script = folder.Write("server.sh", $$$"""
            answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; }
            while IFS= read -r line; do
              id=$(sed -n 's/.*"id":\([0-9]*\).*/\1/p' <<< "$line")
              case $line in
                *'"method":"initialize"'*) answer '{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}}' ;;
                *'"method":"tools/list"'*) answer '{"tools":[{{{Tools}}}]}' ;;
                *'"method":"tools/call"'*) printf '%s\n' "$line" >> "{{{folder["calls.txt"]}}}"; {{{call}}} ;;
                *'"id":'*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no"}}\n' "$id" ;;
              esac
            done
            """);
        return folder.Write("servers.json", $$"""{"mcpServers": {"things": {"command": "bash", "args": ["{{script}}"]} } }""");
    }

    [LinuxFact]
    public void Generate_runs_the_tools_that_are_named_and_no_others()
    {
        using TemporaryFolder folder = new();
        using IDisposable home = Seat.Home(folder);
        string servers = Server(folder);
        CommandRun refused = CommandRun.WithInput("", ["generate", "Turn on the stone.", "--mcp", servers, .. Tail]);
        Assert.Equal(0, refused.Code);
        Assert.Contains("turn_on({\"thing\":\"stone\"}) failed: The user does not allow turn_on; it was not called.", refused.Error);
        Assert.False(File.Exists(folder["calls.txt"]));

        JsonElement json = CommandRun.Of(["generate", "Turn on the stone.", "--mcp", servers, "--allow-tool", "turn_on", "--json", .. Tail]).Json();
        JsonElement call = json.GetProperty("calls")[0];
        Assert.Equal(("turn_on", "stone", "ok"), (call.GetProperty("name").GetString(), call.GetProperty("arguments").GetProperty("thing").GetString(), call.GetProperty("result").GetString()));
        Assert.Empty(json.GetProperty("tool_calls").EnumerateArray());
        Assert.Contains("\"arguments\":{\"thing\":\"stone\"}", File.ReadAllText(folder["calls.txt"]));

        CommandRun denied = CommandRun.Of(["generate", "Turn on the stone.", "--mcp", servers, "--allow-tool", "turn_on", "--deny-tool", "turn_on", .. Tail]);
        Assert.Contains("does not allow turn_on", denied.Error);
        Assert.Single(File.ReadAllLines(folder["calls.txt"]));
        Assert.Contains("did you mean turn_on?", CommandRun.Of(["generate", "Hi", "--mcp", servers, "--allow-tool", "turn_off", .. Tail]).Error);
        Assert.Contains("--allow-tool: expected together with --mcp FILE or --tool NAMES", CommandRun.Of("generate", "Hi", "--allow-tool", "x").Error);
        Assert.Contains("--mcp or --tool and --raw", CommandRun.Of("generate", "Hi", "--raw", "--tool", "date").Error);
    }

    [LinuxFact]
    public void Chat_asks_once_always_or_never_and_keeps_what_is_to_be_kept()
    {
        using TemporaryFolder folder = new();
        using IDisposable home = Seat.Home(folder);
        string[] chat = ["chat", "--mcp", Server(folder), .. Tail];
        CommandRun run = Seat.Run("Turn on the stone.\nmaybe\ny\n/clear\nTurn on the map.\na\n/clear\nTurn on the map.\n/tools\n", chat);
        Assert.Contains("The model wants to call turn_on({\"thing\":\"stone\"}) of things.", run.Error);
        Assert.Contains("turn_on({\"thing\":\"stone\"}) -> ok", run.Error);
        Assert.Equal(2, run.Error.Split("turn_on({\"thing\":\"map\"}) -> ok").Length - 1);
        Assert.Equal(2, run.Error.Split("The model wants to call").Length - 1);
        Assert.Contains("turn_on (things, may be called): Turn on a thing.", run.Error);
        Assert.Contains("get_time (things, asked for)", run.Error);
        Assert.Equal(3, File.ReadAllLines(folder["calls.txt"]).Length);
        Assert.False(Directory.Exists(folder["config"]));

        CommandRun kept = Seat.Run("Turn on the stone.\nv!\n/clear\nTurn on the map.\n", chat);
        Assert.Contains("Kept in", kept.Error);
        Assert.Contains("turn_on({\"thing\":\"map\"}) failed: The user does not allow turn_on", kept.Error);
        Assert.Contains("does not allow turn_on", CommandRun.WithInput("Turn on the stone.\n", chat).Error);
        Assert.Equal(3, File.ReadAllLines(folder["calls.txt"]).Length);
        Assert.Contains("things/turn_on never", CommandRun.Of("privacy").Text());
    }

    [LinuxFact]
    public void A_picture_of_a_tool_is_seen_and_a_conversation_goes_on_after_it()
    {
        using TemporaryFolder folder = new();
        using IDisposable home = Seat.Home(folder);
        string data = Convert.ToBase64String(File.ReadAllBytes(Repository.Example("picture-0.png")));
        string answer = folder.Write("answer.json", $$"""{"content":[{"type":"text","text":"seen"},{"type":"image","data":"{{data}}","mimeType":"image/png"}]}""");
        string[] chat = ["chat", "--mcp", Server(folder, $"answer \"$(cat {answer})\""), "--allow-tool", "turn_on", .. Tail];
        CommandRun run = CommandRun.WithInput($"Turn on the stone.\nWhat are you?\n/save {folder["t.session"]}\n/undo\n", chat);
        Assert.Contains("-> seen, image/png of", run.Error);
        Assert.Contains("Taken back: What are you?", run.Error);
        Assert.Contains("2 turns and the cache of", run.Error);
        CommandRun again = CommandRun.WithInput($"/load {folder["t.session"]}\nCount from one to three.\n", chat);
        Assert.Contains("goes on after 2 turns", again.Error);
        Assert.NotEmpty(again.Text().Trim());

        JsonElement seen = CommandRun.Of(["generate", "Turn on the stone.", "--mcp", Server(folder, $"answer \"$(cat {answer})\""), "--allow-tool", "turn_on", "--json", .. Tail]).Json();
        Assert.Equal(1, seen.GetProperty("calls")[0].GetProperty("media").GetInt32());
        // A picture is 70 rows and more; words alone take fewer than these.
        Assert.InRange(seen.GetProperty("stats").GetProperty("prompt_tokens").GetInt32(), 200, 600);
    }

    [LinuxFact]
    public void A_sound_of_a_tool_is_heard()
    {
        using TemporaryFolder folder = new();
        using IDisposable home = Seat.Home(folder);
        string data = Convert.ToBase64String(File.ReadAllBytes(Repository.Example("sound-0.wav")));
        string answer = folder.Write("answer.json", $$"""{"content":[{"type":"text","text":"heard"},{"type":"audio","data":"{{data}}","mimeType":"audio/wav"}]}""");
        int Tokens(string says, int media)
        {
            JsonElement json = CommandRun.Of(["generate", "Turn on the stone.", "--mcp", Server(folder, says), "--allow-tool", "turn_on", "--json", .. Tail]).Json();
            Assert.Equal(media, json.GetProperty("calls")[0].GetProperty("media").GetInt32());
            return json.GetProperty("stats").GetProperty("prompt_tokens").GetInt32();
        }

        // A second of sound is 25 rows, between two marks.
        Assert.InRange(Tokens($"answer \"$(cat {answer})\"", 1) - Tokens("""answer '{"content":[{"type":"text","text":"heard"}]}'""", 0), 10, 800);
    }

    [LinuxFact]
    public void Ctrl_C_during_a_call_returns_to_the_prompt()
    {
        using TemporaryFolder folder = new();
        string servers = Server(folder, "sleep 60");
        using Process chat = ShellRun.Start($"exec dotnet '{typeof(Program).Assembly.Location}' chat --device cpu --temperature 0 --max-tokens 40 --mcp '{servers}' --allow-tool turn_on");
        Task<string> error = chat.StandardError.ReadToEndAsync();
        chat.StandardInput.WriteLine("Turn on the stone.");
        chat.StandardInput.Flush();
        ShellRun.WaitFor(() => File.Exists(folder["calls.txt"]), "the call");
        Process.Start("kill", ["-INT", $"{chat.Id}"])!.WaitForExit();
        chat.StandardInput.WriteLine("What are you?");
        chat.StandardInput.Close();
        Assert.NotEmpty(chat.StandardOutput.ReadToEnd().Trim());
        Assert.Contains("(stopped)", error.Result);
        chat.WaitForExit();
        Assert.Equal(0, chat.ExitCode);
    }

    [LinuxFact]
    public async Task The_program_serves_by_stdio_as_an_editor_would_start_it()
    {
        StdioClientTransportOptions start = new()
        {
            Command = "dotnet",
            Arguments = [typeof(Program).Assembly.Location, "mcp", "--device", "cpu", "--allow-folder", Repository.Path("weights", "examples")],
            EnvironmentVariables = new Dictionary<string, string?> { ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1" },
        };
        await using McpClient client = await McpClient.CreateAsync(new StdioClientTransport(start));
        Assert.Equal("gemmavk", client.ServerInfo!.Name);
        Assert.Equal(["ask", "describe_picture", "transcribe"], (await client.ListToolsAsync()).Select(tool => tool.Name));
        CallToolResult result = await client.CallToolAsync("ask", new Dictionary<string, object?> { ["question"] = "What are you?" });
        Assert.Equal("I am Pebble, a tiny model with the shape of Gemma 4 12B.", Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text);

        using TemporaryFolder folder = new();
        folder.Write("docs/stones.md", "# Stones\n\nThe heron sleeps beside the amber lighthouse.\n");
        start.Arguments = [typeof(Program).Assembly.Location, "mcp", "--device", "cpu", "--docs", folder["docs"]];
        await using McpClient searching = await McpClient.CreateAsync(new StdioClientTransport(start));
        Assert.Contains("search_documents", (await searching.ListToolsAsync()).Select(tool => tool.Name));
        CallToolResult found = await searching.CallToolAsync("search_documents", new Dictionary<string, object?> { ["query"] = "Where does the heron sleep?" });
        string passage = Assert.IsType<TextContentBlock>(Assert.Single(found.Content)).Text;
        Assert.StartsWith("Quoted from files", passage);
        Assert.Contains("stones.md", passage);
        Assert.Contains("amber lighthouse", passage);

        // Nothing but the protocol is on standard output, whatever else is said.
        using Process bare = ShellRun.Start("gemmavk mcp --device cpu --verbose");
        Task<string> words = bare.StandardError.ReadToEndAsync();
        bare.StandardInput.WriteLine("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}""");
        bare.StandardInput.Flush();
        string[] lines = [(await bare.StandardOutput.ReadLineAsync())!];
        bare.StandardInput.Close();
        lines = [.. lines, .. (await bare.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        Assert.All(lines, line => Assert.Equal("2.0", JsonDocument.Parse(line).RootElement.GetProperty("jsonrpc").GetString()));
        Assert.NotEmpty(await words);
        Assert.Contains("a keyboard is there", CommandRun.Of("mcp").Error);
    }
}
