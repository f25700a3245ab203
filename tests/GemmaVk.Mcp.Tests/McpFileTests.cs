using System.IO;
using System.Linq;
using GemmaVk.Mcp.Servers;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Mcp.Tests;

/// <summary>Files of MCP servers as editors share them.</summary>
public sealed class McpFileTests
{
    private static McpFile Read(string json)
    {
        using TemporaryFolder folder = new();
        return McpFile.Read("--mcp", folder.Write("servers.json", json), name => name switch { "KEY" => "secret", "EMPTY" => "", _ => null });
    }

    [Fact]
    public void The_common_form_is_read()
    {
        McpFile file = Read("""
            {
              // Comments and a comma too many are what people write.
              "mcpServers": {
                "files": {"command": "npx", "args": ["-y", "server", "${EMPTY:-/tmp}"], "env": {"TOKEN": "a ${KEY} b"}, "cwd": "sub"},
                "web": {"url": "https://tools.example/mcp", "headers": {"Authorization": "Bearer ${KEY}"}, "type": "http"},
                "near": {"url": "http://127.0.0.1:3000/mcp"},
                "off": {"command": "x", "disabled": true, "autoApprove": ["all"]},
              },
              "other": 1
            }
            """);
        Assert.Equal(["files", "web", "near"], file.Entries.Select(entry => entry.Name));
        McpEntry program = file.Entries[0];
        Assert.Equal(("npx", "-y server /tmp", "a secret b", "sub"), (program.Command, string.Join(' ', program.Arguments), program.Environment["TOKEN"], program.Folder));
        Assert.False(program.IsRemote);
        Assert.Equal(("https://tools.example/mcp", "Bearer secret", true), (file.Entries[1].Url!.ToString(), file.Entries[1].Headers["Authorization"], file.Entries[1].IsRemote));
        Assert.DoesNotContain("secret", file.Entries[1].Place);
        Assert.False(file.Entries[2].IsRemote);
        Assert.Equal(2, file.Notes.Count);
        Assert.Contains(file.Notes, note => note.Contains("\"other\" is not read"));
        Assert.Contains(file.Notes, note => note.Contains("server off: \"autoApprove\" is not read."));
    }

    [Theory]
    [InlineData("{}", "expected an object \"mcpServers\"")]
    [InlineData("[", "expected JSON with \"mcpServers\"")]
    [InlineData("""{"mcpServers": {"a": {}}}""", "neither came")]
    [InlineData("""{"mcpServers": {"a": {"command": "x", "url": "https://x"}}}""", "both came")]
    [InlineData("""{"mcpServers": {"": {"command": "x"}}}""", "the name is empty")]
    [InlineData("""{"mcpServers": {"a": 7}}""", "a JSON number came")]
    [InlineData("""{"mcpServers": {"a": {"command": ""}}}""", "it is empty")]
    [InlineData("""{"mcpServers": {"a": {"command": "x", "args": "y"}}}""", "expected \"args\" as a list of texts")]
    [InlineData("""{"mcpServers": {"a": {"command": "x", "args": [1]}}}""", "expected \"args\" as a list of texts")]
    [InlineData("""{"mcpServers": {"a": {"command": "x", "env": {"A": null}}}}""", "expected \"env\" as an object of texts")]
    [InlineData("""{"mcpServers": {"a": {"command": "${NONE}"}}}""", "expected the variable NONE in the environment")]
    [InlineData("""{"mcpServers": {"a": {"command": "${NONE"}}}""", "expected } behind ${")]
    [InlineData("""{"mcpServers": {"a": {"url": "http://tools.example/mcp"}}}""", "expected https for tools.example")]
    [InlineData("""{"mcpServers": {"a": {"url": "https://me:word@tools.example"}}}""", "without a name or password in it")]
    [InlineData("""{"mcpServers": {"a": {"url": "file:///etc/passwd"}}}""", "expected \"url\" as an https address")]
    [InlineData("""{"mcpServers": {"a": {"url": "https://x", "type": "sse"}}}""", "which MCP has given up")]
    [InlineData("""{"mcpServers": {"a": {"command": "x"}, "a": {"command": "y"}}}""", "Correct it.")]
    public void What_is_wrong_gets_a_sentence(string json, string sentence)
    {
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Read(json));
        Assert.StartsWith("--mcp ", error.Message);
        Assert.Contains(sentence, error.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_or_too_large_is_refused()
    {
        Assert.Contains("expected a readable file", Assert.Throws<GemmaVkException>(() => McpFile.Read("--mcp", "nowhere.json")).Message);
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["large.json"], new byte[(1 << 20) + 1]);
        Assert.Contains("at most 1 MiB", Assert.Throws<GemmaVkException>(() => McpFile.Read("--mcp", folder["large.json"])).Message);
    }
}
