using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Linq;
using System.Threading.Tasks;
using GemmaVk.Mcp.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Server;
using Xunit;

namespace GemmaVk.Mcp.Tests;

/// <summary>Servers over streamable HTTP: the SDK's own, on loopback.</summary>
public sealed class HttpServerTests
{
    [Fact]
    public async Task Streamable_http_is_spoken_with_headers_and_goes_nowhere_else()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddMcpServer().WithHttpTransport().WithTools<Weather>();
        await using WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Use((context, next) =>
        {
            if (context.Request.Path == "/away/mcp")
            {
                context.Response.Redirect("/mcp", permanent: false, preserveMethod: true);
                return Task.CompletedTask;
            }

            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return context.Request.Headers.Authorization == "Bearer key" ? Passed(context, next) : Task.CompletedTask;
        });
        app.MapMcp("/mcp");
        await app.StartAsync();
        McpEntry Entry(string name, string path) => new(name) { Url = new Uri(app.Urls.First() + path), Headers = new Dictionary<string, string> { ["Authorization"] = name == "stranger" ? "none" : "Bearer key" } };
        await using Opened opened = await Opened.Of(null, Entry("web", "/mcp"), Entry("stranger", "/mcp"), Entry("away", "/away/mcp"), new McpEntry("nobody") { Url = new Uri("http://127.0.0.1:9/mcp") });
        Assert.Equal(["weather"], opened.Box.Tools.Select(tool => tool.Name));
        Assert.Contains("It rains in Oslo.", await opened.Call("weather", """{"city":"Oslo"}"""));
        Assert.Contains("server stranger: expected it to say what it is, but it cannot be talked to", opened.Said);
        Assert.Contains("which is not followed", opened.Said);
        Assert.Contains("server nobody: expected it to say what it is", opened.Said);
    }

    private static Task Passed(HttpContext context, RequestDelegate next)
    {
        context.Response.StatusCode = StatusCodes.Status200OK;
        return next(context);
    }

    [McpServerToolType]
    private sealed class Weather
    {
        [McpServerTool(Name = "weather")]
        [Description("Says the weather.")]
        public static string Say(string city) => $"It rains in {city}.";
    }
}
