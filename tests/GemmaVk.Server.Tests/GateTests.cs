using System;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Threading.Tasks;
using GemmaVk.Server.Http;
using GemmaVk.Tensors;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace GemmaVk.Server.Tests;

/// <summary>Who is let in: hosts, origins of pages, keys; and where the server may listen.</summary>
[Collection(ServerCollection.Name)]
public class GateTests(PebbleServer server)
{
    private static async Task<HttpContext> Pass(ServerOptions options, string host = "127.0.0.1:11435", string? origin = null, string? key = null, string path = "/v1/models", string method = "GET")
    {
        DefaultHttpContext context = new();
        context.Request.Host = new HostString(host);
        context.Request.Scheme = "http";
        context.Request.Path = path;
        context.Request.Method = method;
        if (origin is not null)
        {
            context.Request.Headers.Origin = origin;
        }

        if (key is not null)
        {
            context.Request.Headers.Authorization = key;
        }

        using ServerState state = new();
        await new Gate(options, state).Pass(context, passed =>
        {
            passed.Response.StatusCode = 299;
            return Task.CompletedTask;
        });
        return context;
    }

    [Theory]
    [InlineData("localhost:11435", 299)]
    [InlineData("127.0.0.1:11435", 299)]
    [InlineData("[::1]:11435", 299)]
    [InlineData("evil.example", 403)]
    [InlineData("192.168.1.5", 403)]
    [InlineData("proxy.example", 299)]
    [InlineData("", 403)]
    public async Task A_host_that_is_not_its_own_is_refused(string host, int status) =>
        Assert.Equal(status, (await Pass(new ServerOptions { AllowedHosts = ["proxy.example"] }, host)).Response.StatusCode);

    [Theory]
    [InlineData("http://127.0.0.1:11435", 299, false)]
    [InlineData("https://evil.example", 403, false)]
    [InlineData("null", 403, false)]
    [InlineData("http://127.0.0.1:9999", 403, false)]
    [InlineData("https://chat.example", 299, true)]
    public async Task A_page_from_elsewhere_may_not_call(string origin, int status, bool allowed)
    {
        ServerOptions options = new() { AllowedOrigins = ["https://chat.example"] };
        HttpContext context = await Pass(options, origin: origin);
        Assert.Equal(status, context.Response.StatusCode);
        Assert.Equal(allowed ? origin : "", context.Response.Headers.AccessControlAllowOrigin.ToString());
        HttpContext asked = await Pass(options, origin: origin, method: "OPTIONS");
        Assert.Equal(status == 299 ? 204 : 403, asked.Response.StatusCode);
    }

    [Theory]
    [InlineData(null, "/v1/models", 401)]
    [InlineData("Bearer wrong", "/v1/models", 401)]
    [InlineData("Bearer secret-key", "/v1/models", 299)]
    [InlineData("bearer secret-key", "/metrics", 299)]
    [InlineData(null, "/health", 299)]
    [InlineData(null, "/ready", 299)]
    [InlineData(null, "/", 299)]
    [InlineData(null, "/gemmavk/status", 401)]
    public async Task A_key_is_asked_for_everywhere_but_of_probes_and_the_page(string? key, string path, int status) =>
        Assert.Equal(status, (await Pass(new ServerOptions { ApiKey = "secret-key" }, key: key, path: path)).Response.StatusCode);

    [Fact]
    public async Task Others_reach_it_only_with_a_key_or_by_saying_so()
    {
        GemmaVkException refused = await Assert.ThrowsAsync<GemmaVkException>(() => GemmaServer.StartAsync(new ServerOptions { Host = "0.0.0.0", Port = 0 }, () => throw new InvalidOperationException()));
        Assert.Contains("--api-key-file", refused.Message, StringComparison.Ordinal);
        GemmaVkException name = await Assert.ThrowsAsync<GemmaVkException>(() => GemmaServer.StartAsync(new ServerOptions { Host = "nowhere.example", Port = 0 }, () => throw new InvalidOperationException()));
        Assert.Contains("--host", name.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        GemmaVkException taken = await Assert.ThrowsAsync<GemmaVkException>(() => GemmaServer.StartAsync(new ServerOptions { Port = server.Server.Address.Port }, () => throw new InvalidOperationException()));
        Assert.Contains($"--port {server.Server.Address.Port}", taken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_whose_model_fails_says_so()
    {
        await using GemmaServer failing = await GemmaServer.StartAsync(new ServerOptions { Port = 0 }, () => throw new GemmaVkException("no such model"));
        await Assert.ThrowsAsync<GemmaVkException>(() => failing.Loaded);
        using HttpClient client = new() { BaseAddress = failing.Address };
        using HttpResponseMessage health = await client.GetAsync("health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains("no such model", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_lets_nothing_in()
    {
        using HttpResponseMessage page = await server.Client.GetAsync("/");
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        string policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src 'self' '", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
        using HttpRequestMessage again = new(HttpMethod.Get, "/");
        again.Headers.TryAddWithoutValidation("If-None-Match", page.Headers.ETag!.Tag);
        using HttpResponseMessage unchanged = await server.Client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [Fact]
    public async Task Figures_health_and_models_are_told()
    {
        await server.Ask(ChatTests.Chat, PebbleServer.Question("What are you?"));
        string metrics = await server.Client.GetStringAsync("metrics");
        foreach (string name in (string[])["vllm:num_requests_waiting 0", "vllm:num_requests_running 0", "vllm:kv_cache_usage_perc 0", "vllm:cache_config_info{block_size=\"1\",num_gpu_blocks=\"", "gemmavk_answers_total{finish=\"stop\"}", "gemmavk_kv_usage_ratio 0", "vllm:time_to_first_token_seconds_bucket{le=\"+Inf\"}", "llamacpp:tokens_predicted_total", "gemmavk_time_to_first_token_seconds_bucket{le=\"+Inf\"}"])
        {
            Assert.True(metrics.Contains(name, StringComparison.Ordinal), $"{name} is not in {metrics}");
        }

        foreach (string line in metrics.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#'))
        {
            Assert.Matches("^[a-z0-9_:]+(\\{[^}]*\\})? [-+0-9.E]+$", line);
        }

        Assert.Equal("""{"status":"ok"}""", await server.Client.GetStringAsync("health"));
        Assert.Equal("""{"status":"ok"}""", await server.Client.GetStringAsync("ready"));
        Assert.Contains("\"audio\":true", await server.Client.GetStringAsync("props"), StringComparison.Ordinal);
        Assert.Contains("\"max_model_len\":2048", await server.Client.GetStringAsync("v1/models/pebble"), StringComparison.Ordinal);
        using HttpResponseMessage other = await server.Client.GetAsync("v1/models/other/one");
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    [Fact]
    public async Task The_page_is_told_what_the_model_sees()
    {
        using HttpResponseMessage picture = await server.Client.PostAsync("gemmavk/media", new ByteArrayContent(System.IO.File.ReadAllBytes(Repository.Example("picture-0.png"))));
        Assert.Contains("\"grid\":{\"columns\":8,\"rows\":8", await picture.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using HttpResponseMessage none = await server.Client.PostAsync("gemmavk/media", new ByteArrayContent(Encoding.ASCII.GetBytes("no picture")));
        Assert.Equal(HttpStatusCode.BadRequest, none.StatusCode);
        Assert.Contains("\"slots\":4", await server.Client.GetStringAsync("gemmavk/status"), StringComparison.Ordinal);
    }
}
