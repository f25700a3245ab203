using GemmaVk.Mcp.Servers;

namespace GemmaVk.Mcp.Tests;

/// <summary>An MCP server of a few lines of bash, which can be wrong in any way that is wanted.</summary>
internal static class ShellServer
{
    /// <summary>A tool without arguments, as a server lists it.</summary>
    public static string Tool(string name, string schema = """{"type":"object","properties":{}}""") => $$"""{"name":"{{name}}","description":"Does {{name}}.","inputSchema":{{schema}}}""";

    /// <summary>A server that lists tools and answers every call with one result.</summary>
    /// <param name="folder">Where its script is put.</param>
    /// <param name="tools">JSON of its tools.</param>
    /// <param name="call">What it does on a call; $id is that of the request, and <c>answer</c> sends a result.</param>
    /// <param name="name">Its name.</param>
    /// <param name="start">What it does first.</param>
    /// <param name="list">What it does when asked for its tools; null sends them.</param>
    public static McpEntry Entry(
        TemporaryFolder folder, string tools, string call = """answer '{"content":[{"type":"text","text":"done"}]}'""", string name = "shell", string start = "", string? list = null)
    {
        string script = folder.Write($"{name}.sh", $$$$"""
            tools='{{{{tools}}}}'
            answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; }
            {{{{start}}}}
            while IFS= read -r line; do
              id=$(sed -n 's/.*"id":\([0-9]*\).*/\1/p' <<< "$line")
              case $line in
                *'"method":"initialize"'*) answer '{"protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":true}},"serverInfo":{"name":"shell","version":"1"}}' ;;
                *'"method":"tools/list"'*) {{{{list ?? "answer \"{\\\"tools\\\":[$tools]}\""}}}} ;;
                *'"method":"tools/call"'*) {{{{call}}}} ;;
                *'"id":'*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no such method"}}\n' "$id" ;;
              esac
            done
            """);
        return new McpEntry(name) { Command = "bash", Arguments = [script] };
    }

    /// <summary>A program that does one thing and is no server.</summary>
    public static McpEntry Program(string line, string name = "shell") => new(name) { Command = "bash", Arguments = ["-c", line] };
}
