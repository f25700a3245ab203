using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GemmaVk.Hybrid.Rules;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Hybrid.Tests;

/// <summary>Route files: what they may say, and what is refused.</summary>
public sealed class RouteFileTests
{
    private const string Near = "\"near\": {\"url\": \"http://127.0.0.1:1/v1\", \"model\": \"m\"}";

    private static RouteFile Read(string json, Action<TemporaryFolder>? prepare = null)
    {
        using TemporaryFolder folder = new();
        prepare?.Invoke(folder);
        return RouteFile.Read("--route", folder.Write("route.json", json));
    }

    [Fact]
    public void Rules_decide_by_what_is_asked_and_the_first_that_holds_wins()
    {
        RouteFile file = Read($$"""
            {
              "endpoints": { {{Near}}, "far": {"url": "https://models.example/v1/", "model": "big", "key_env": "FAR_KEY", "input_price": 3, "output_price": 15.5, "max_tokens": 100, "seconds": 5} },
              "rules": [
                {"when": {"modality": ["image", "video"]}, "then": "local_only"},
                {"name": "asked", "when": {"mark": "@cloud"}, "then": "cloud", "endpoint": "far"},
                {"when": {"tools": true}, "then": "local_only"},
                {"when": {"tokens_over": 100, "modality": "text"}, "then": "local_first", "endpoint": "near", "local_seconds": 3},
                {"when": {"tokens_under": 5}, "then": "local_first", "endpoint": "near", "on": "failure"},
              ],
              "spending": {"limit": 5, "per": "day", "currency": "EUR"},
            }
            """);
        string Decide(string words, int tokens = 50, string? kind = null, bool tools = false) => file.Decide(new RouteQuestion(words, tokens, new HashSet<string>(kind is null ? [] : [kind]), tools)).Name;
        Assert.Equal("asked", Decide("please @cloud answer"));
        Assert.Equal("rule 1", Decide("please @cloud answer", kind: "image"));
        Assert.Equal("otherwise", Decide("mail me@cloud or @clouds"));
        Assert.Equal("rule 3", Decide("x", tools: true));
        Assert.Equal("rule 4", Decide("x", 101));
        Assert.Equal("otherwise", Decide("x", 101, "audio"));
        Assert.Equal("otherwise", Decide("x", 100));
        Assert.Equal("rule 5", Decide("x", 4));
        Assert.Equal(TimeSpan.FromSeconds(3), file.Rules[3].LocalTime);
        Assert.True(file.Rules[3].OnFailure);
        Assert.Equal(RouteAction.LocalOnly, RouteFile.Otherwise.Action);
        Assert.Equal(("https://models.example/v1/chat/completions", true, 15.5m, "the variable FAR_KEY"), (file.Endpoints["far"].Address.AbsoluteUri, file.Endpoints["far"].IsRemote, file.Endpoints["far"].OutputPrice, file.Endpoints["far"].Key!.Place));
        Assert.Equal("please answer", RouteQuestion.Without("please @cloud answer", "@cloud"));
        Assert.Equal("mail me@cloud", RouteQuestion.Without("@cloud mail me@cloud", "@cloud"));
    }

    [Fact]
    public void An_empty_file_allows_nothing()
    {
        RouteFile file = Read("{}");
        Assert.Equal(RouteFile.Otherwise, file.Decide(new RouteQuestion("anything @cloud", 1_000_000, new HashSet<string>(), true)));
    }

    [Theory]
    [InlineData("[]", "expected an object with endpoints, rules")]
    [InlineData("{", "expected JSON with \"endpoints\"")]
    [InlineData("""{"rule": []}""", "did you mean rules?")]
    [InlineData("""{"rules": [{"then": "clod"}]}""", "did you mean cloud?")]
    [InlineData("""{"rules": [{"then": "cloud"}]}""", "expected \"endpoint\"")]
    [InlineData("""{"rules": [{"then": "local_only", "endpoint": "near"}]}""", "expected no \"endpoint\" beside local_only")]
    [InlineData("""{"rules": [{"then": "cloud", "endpoint": "nearr"}]}""", "did you mean near?")]
    [InlineData("""{"rules": [{}]}""", "expected \"then\", local_only, local_first or cloud")]
    [InlineData("""{"rules": [{"when": {"modalty": "text"}, "then": "local_only"}]}""", "did you mean modality?")]
    [InlineData("""{"rules": [{"when": {"modality": "pictures"}, "then": "local_only"}]}""", "expected text, image, audio, video")]
    [InlineData("""{"rules": [{"when": {"tokens_over": -1}, "then": "local_only"}]}""", "expected \"tokens_over\" as a whole number")]
    [InlineData("""{"rules": [{"when": {"mark": "two words"}, "then": "local_only"}]}""", "one word such as @cloud")]
    [InlineData("""{"rules": [{"then": "cloud", "endpoint": "near", "local_seconds": 3}]}""", "beside local_first alone")]
    [InlineData("""{"rules": [{"then": "local_first", "endpoint": "near", "on": ["time"]}]}""", "expected \"local_seconds\"")]
    [InlineData("""{"rules": [{"then": "local_first", "endpoint": "near", "on": ["failur"]}]}""", "did you mean failure?")]
    [InlineData("""{"rules": 1}""", "expected \"rules\" as a list of rules, but 1 came")]
    [InlineData("""{"redact": {"patterns": ["(?=x)y"]}}""", "whose time is bounded")]
    [InlineData("""{"redact": {"patterns": ["(a)\\1"]}}""", "whose time is bounded")]
    [InlineData("""{"redact": {"patterns": [{"name": "p", "pattern": "("}]}}""", "expected a regular expression")]
    [InlineData("""{"redact": {"names_file": "nowhere.txt"}}""", "expected a readable file")]
    [InlineData("""{"spending": {"per": "month"}}""", "expected \"limit\"")]
    [InlineData("""{"spending": {"limit": 5, "per": "week"}}""", "expected day, month, ever")]
    public void What_is_not_known_is_refused(string json, string sentence)
    {
        json = json.Contains("endpoint") && json.StartsWith("{\"rules\"") ? json.Insert(1, $"\"endpoints\": {{{Near}}}, ") : json;
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Read(json));
        Assert.StartsWith("--route ", error.Message);
        Assert.Contains(sentence, error.Message);
    }

    [Theory]
    [InlineData("\"url\": \"https://x.example/v1\", \"model\": \"m\"", "expected \"input_price\" and \"output_price\"")]
    [InlineData("\"url\": \"https://x.example/v1\", \"model\": \"m\", \"input_price\": 1, \"output_price\": 1", "expected \"spending\" with a \"limit\"")]
    [InlineData("\"url\": \"http://x.example/v1\", \"model\": \"m\"", "expected https for x.example")]
    [InlineData("\"url\": \"https://x.example/v1?key=abc\", \"model\": \"m\"", "without a name, a key or a question mark")]
    [InlineData("\"url\": \"https://me:sk-secret@x.example/v1\", \"model\": \"m\"", "without a name, a key or a question mark")]
    [InlineData("\"url\": \"http://127.0.0.1/v1\"", "expected \"model\"")]
    [InlineData("\"url\": \"http://127.0.0.1/v1\", \"model\": \"m\", \"api_key\": \"sk-secret\"", "a key in clear text")]
    [InlineData("\"url\": \"http://127.0.0.1/v1\", \"model\": \"m\", \"key\": \"sk-secret\"", "a key in clear text")]
    [InlineData("\"url\": \"http://127.0.0.1/v1\", \"model\": \"m\", \"key_env\": \"sk-secret-123\"", "if it is the key itself, take it out")]
    [InlineData("\"url\": \"http://127.0.0.1/v1\", \"model\": \"m\", \"key_env\": \"A\", \"key_file\": \"b\"", "but both came")]
    [InlineData("\"url\": \"http://127.0.0.1/v1\", \"model\": \"m\", \"key_file\": \"nowhere\"", "there is no such file")]
    public void Endpoints_are_reached_safely_or_not_at_all(string endpoint, string sentence)
    {
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Read($$$$"""{"endpoints": {"e": { {{{{endpoint}}}} }}}"""));
        Assert.Contains(sentence, error.Message);
        Assert.DoesNotContain("sk-secret", error.Message);
    }

    [LinuxFact]
    public void A_key_file_that_others_may_read_is_refused()
    {
        const string Json = """{"endpoints": {"e": {"url": "http://127.0.0.1/v1", "model": "m", "key_file": "key"}}}""";
        static void Write(TemporaryFolder folder, UnixFileMode mode)
        {
            folder.Write("key", "sk-secret\n");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(folder["key"], mode);
            }
        }

        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Read(Json, folder => Write(folder, Own | UnixFileMode.GroupRead | UnixFileMode.OtherRead)));
        Assert.Contains("with mode 600, because it holds a key, but it has mode 644; run chmod 600", error.Message);
        Assert.NotNull(Read(Json, folder => Write(folder, Own)).Endpoints["e"].Key);
    }
}
