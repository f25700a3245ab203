using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using GemmaVk.Sessions;
using GemmaVk.Shared;
using GemmaVk.Tensors;
using GemmaVk.Text;
using Xunit;

namespace GemmaVk.Tests;

/// <summary>Conversations that go on after a file, turns and tools included.</summary>
public sealed class SavedSessionTests(PebbleEngine pebble) : IClassFixture<PebbleEngine>, IDisposable
{
    private const string First = "What is the capital of Japan?";
    private const string Second = "Count from one to three.";
    private static readonly JsonElement Ok = JsonElement.Parse("""{"status": "ok"}""");
    private static readonly AskOptions WithTool = PebbleEngine.Greedy with
    {
        MaxTokens = 30,
        Tools =
        [
            new ToolDeclaration(JsonElement.Parse(
                """{"name": "turn_on", "description": "Turn on a thing.", "parameters": {"type": "object", "properties": {"thing": {"type": "string", "description": "The thing."}}, "required": ["thing"]}}""")),
        ],
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_conversation_goes_on_with_nothing_to_take_in()
    {
        using GemmaSession stays = pebble.Engine.NewSession();
        stays.Ask("Turn on the map.", WithTool);
        string path = Path.Combine(_folder.Path, "talk.session");
        await stays.SaveAsync(path, "my notes");
        (GemmaSession back, string notes) = await GemmaSession.LoadAsync(pebble.Engine, path);
        using (back)
        {
            Assert.Equal(("my notes", null as string, 1, stays.Length), (notes, back.SystemText, back.Turns, back.Length));
            Assert.Equal(["user", "assistant"], back.Messages.Select(message => message.Role));
            Assert.Equal("turn_on", Assert.Single(back.Tools).Name);
            Assert.Equal("map", Assert.Single(back.OpenCalls).Arguments.GetProperty("thing").GetString());
            Answer expected = stays.Reply([Ok], WithTool), answer = back.Reply([Ok], WithTool);
            Assert.Equal(expected.Ids, answer.Ids);
            Assert.Equal((expected.Stats.PromptTokens, expected.Stats.CachedTokens), (answer.Stats.PromptTokens, answer.Stats.CachedTokens));
            Assert.Equal(stays.Ask(Second, WithTool).Ids, back.Ask(Second, WithTool).Ids);
            Assert.True(back.Undo() && back.Undo());
            Assert.Equal(0, back.Turns);

            // A later save replaces the file; another file is left alone, and so is a damaged one.
            await back.SaveAsync(path);
            foreach (byte[] bytes in (byte[][])["text"u8.ToArray(), [.. File.ReadAllBytes(path).SkipLast(1)]])
            {
                string other = Path.Combine(_folder.Path, "other");
                File.WriteAllBytes(other, bytes);
                Assert.Contains("no session that could be replaced", (await Assert.ThrowsAsync<GemmaVkException>(() => back.SaveAsync(other))).Message, StringComparison.Ordinal);
                Assert.Equal(bytes, File.ReadAllBytes(other));
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"messages": [{"role": 1}], "media": [], "turns": [], "tools": [], "calls": [], "notes": ""}""")]
    [InlineData("""{"messages": [], "media": [{"kind": "9", "tokens": 3}], "turns": [], "tools": [], "calls": [], "notes": ""}""")]
    [InlineData("""{"messages": [], "media": [], "turns": [5, 3], "tools": [], "calls": [], "notes": ""}""")]
    [InlineData("""{"messages": [], "media": [], "turns": [10], "tools": [], "calls": [], "notes": ""}""")]
    [InlineData("""{"messages": [], "media": [], "turns": [], "tools": [{}], "calls": [], "notes": ""}""")]
    public void Turns_that_no_conversation_has_are_refused(string json) =>
        Assert.Contains("the turns of a conversation", Assert.Throws<GemmaVkException>(() => SessionRecord.Read(json, "a.session", length: 10)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_store_holds_conversations_by_id()
    {
        SessionStore store = new(pebble.Engine, Path.Combine(_folder.Path, "deep", "store"));
        Assert.Empty(store.List());
        using GemmaSession session = pebble.Engine.NewSession();
        session.Ask(First, PebbleEngine.Greedy with { System = "Be brief." });
        await store.SaveAsync("first.of-mine_1", session, "a");
        await store.SaveAsync("second", session);
        File.WriteAllText(Path.Combine(_folder.Path, "deep", "store", "none.session"), "text");
        Assert.Equal(["first.of-mine_1", "second"], store.List().Select(stored => stored.Id).Order());
        Assert.All(store.List(), stored => Assert.True(stored.Bytes > 1000));
        (GemmaSession back, string notes) = await store.RestoreAsync("first.of-mine_1");
        using (back)
        {
            Assert.Equal(("a", session.Length, "Be brief."), (notes, back.Length, back.SystemText));
        }

        Assert.True(store.Delete("second"));
        Assert.False(store.Delete("second"));
        Assert.Contains("'second'", (await Assert.ThrowsAsync<GemmaVkException>(() => store.RestoreAsync("second"))).Message, StringComparison.Ordinal);
        foreach (string id in (string[])["", ".", "..", "../x", "a/b", "a\\b", ".hidden", "a b", "a\n", "é", "x:y", new string('a', 65), "a\0"])
        {
            Assert.False(SessionStore.IsId(id));
            await Assert.ThrowsAsync<GemmaVkException>(() => store.SaveAsync(id, session));
            await Assert.ThrowsAsync<GemmaVkException>(() => store.RestoreAsync(id));
            Assert.Throws<GemmaVkException>(() => store.Delete(id));
        }

        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
        if (OperatingSystem.IsLinux())
        {
            // A folder that is there and takes no files, not even root's.
            Assert.Contains("/proc/1 must be a folder that conversations can be written to", Assert.Throws<GemmaVkException>(() => new SessionStore(pebble.Engine, "/proc/1")).Message, StringComparison.Ordinal);
        }
    }
}
