using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>The program as a process: how it begins and ends, what outlives it, and two of them behind nginx.</summary>
public class ServeProcessTests
{
    private static StringContent Body(JsonObject body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");

    [LinuxFact]
    public async Task It_ends_in_order_and_its_saved_conversations_outlive_any_end()
    {
        using TemporaryFolder folder = new();
        JsonObject question = PebbleServer.Question("What are you?");
        using (ServeProcess first = await ServeProcess.Start("--port", "0", "--session-folder", folder.Path))
        {
            (int code, string error) = await ServeProcess.Ends("--port", first.Address.Port.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(1, code);
            Assert.Contains($"--port {first.Address.Port}", error, StringComparison.Ordinal);
            using HttpResponseMessage saved = await first.Client.PostAsync("gemmavk/sessions/one", Body(question));
            Assert.Equal(HttpStatusCode.OK, saved.StatusCode);
            JsonObject endless = PebbleServer.Question("Tell me a story.");
            endless["stream"] = true;
            using HttpResponseMessage running = await first.Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, ChatTests.Chat) { Content = Body(endless) }, HttpCompletionOption.ResponseHeadersRead);
            await first.Kill();
        }

        using ServeProcess second = await ServeProcess.Start("--port", "0", "--session-folder", folder.Path);
        using HttpResponseMessage restored = await second.Client.PostAsync("gemmavk/sessions/one/restore", null);
        Assert.Equal(HttpStatusCode.OK, restored.StatusCode);
        using HttpResponseMessage answer = await second.Client.PostAsync(ChatTests.Chat, Body(question));
        JsonNode usage = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["usage"]!;
        Assert.True((int)usage["prompt_tokens_details"]!["cached_tokens"]! >= (int)usage["prompt_tokens"]! - 2, usage.ToJsonString());

        // A stream that runs when it is told to end is finished first.
        question["stream"] = true;
        using HttpResponseMessage last = await second.Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, ChatTests.Chat) { Content = Body(question) }, HttpCompletionOption.ResponseHeadersRead);
        Task<int> ended = second.Terminate();
        Assert.EndsWith("data: [DONE]\n\n", await last.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await ended);
    }

    [NginxFact]
    public async Task Behind_nginx_another_server_answers_when_one_goes()
    {
        using TemporaryFolder folder = new();
        using ServeProcess one = await ServeProcess.Start("--port", "0");
        using ServeProcess two = await ServeProcess.Start("--port", "0");
        int port = FreePort();
        string readme = File.ReadAllText(Repository.Path("src", "GemmaVk.Server", "README.md"));
        string written = Regex.Match(readme, "<!-- nginx: begin -->\n```nginx\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        Assert.NotEqual("", written);
        string config = written.Replace("127.0.0.1:11435", $"127.0.0.1:{one.Address.Port}", StringComparison.Ordinal)
            .Replace("127.0.0.1:11436", $"127.0.0.1:{two.Address.Port}", StringComparison.Ordinal)
            .Replace("listen 8080;", $"listen 127.0.0.1:{port};", StringComparison.Ordinal);
        File.WriteAllText(folder["nginx.conf"], $"daemon off; pid {folder["pid"]}; error_log {folder["errors"]}; events {{}} http {{ access_log off; "
            + string.Concat(((string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]).Select(each => $"{each}_temp_path {folder[each]}; ")) + $"\n{config}\n}}");
        using Process nginx = Process.Start(new ProcessStartInfo(NginxFactAttribute.Program!, ["-c", folder["nginx.conf"], "-p", folder.Path]) { RedirectStandardError = true })!;
        try
        {
            using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), Timeout = TimeSpan.FromSeconds(60) };
            client.DefaultRequestHeaders.Add("x-conversation", "mine");
            for (int i = 0; i < 1000 && !await Answers(client); i++)
            {
                await Task.Delay(50);
            }

            JsonObject story = PebbleServer.Question("Tell me a story.");
            (story["temperature"], story["max_tokens"], story["stream"]) = (1.9, 900, true);
            using HttpResponseMessage stream = await client.SendAsync(new HttpRequestMessage(HttpMethod.Post, ChatTests.Chat) { Content = Body(story) }, HttpCompletionOption.ResponseHeadersRead);
            await using Stream bytes = await stream.Content.ReadAsStreamAsync();
            await bytes.ReadExactlyAsync(new byte[300]);
            string status = await one.Client.GetStringAsync("gemmavk/status");
            ServeProcess serving = status.Contains("\"running\":1", StringComparison.Ordinal) ? one : two;
            await serving.Kill();
            // What had begun is cut off where all can see it, or was whole; it is not begun again elsewhere.
            using MemoryStream rest = new();
            bool cut = false;
            try
            {
                await bytes.CopyToAsync(rest);
            }
            catch (IOException)
            {
                cut = true;
            }

            Assert.NotEqual(cut, Encoding.UTF8.GetString(rest.ToArray()).EndsWith("data: [DONE]\n\n", StringComparison.Ordinal));

            using HttpResponseMessage next = await client.PostAsync(ChatTests.Chat, Body(PebbleServer.Question("Count from one to three.")));
            string text = await next.Content.ReadAsStringAsync();
            Assert.True(next.IsSuccessStatusCode, text + File.ReadAllText(folder["errors"]));
            Assert.Contains("one two three.", text, StringComparison.Ordinal);
            Assert.Equal(0, await (serving == one ? two : one).Terminate());
        }
        finally
        {
            nginx.Kill(entireProcessTree: true);
            await nginx.WaitForExitAsync();
        }
    }

    private static async Task<bool> Answers(HttpClient client)
    {
        try
        {
            using HttpResponseMessage health = await client.GetAsync("health");
            return health.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>A test that needs nginx, which tools/test installs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NginxFactAttribute : FactAttribute
{
    public NginxFactAttribute() => Skip = Program is null ? "nginx is not there: 'apt-get install nginx-light' brings it." : null;

    public static string? Program { get; } = ((string[])["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx"]).FirstOrDefault(File.Exists);
}
