using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Threading.Tasks;
using GemmaVk.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Xunit;

// One engine and one far side: tests take turns.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace GemmaVk.Hybrid.Tests;

/// <summary>The small model behind our own server, and before it a door that notes every byte that comes.</summary>
public sealed class FarSide : IAsyncLifetime
{
    private readonly HttpClient _client = new();
    private GemmaServer? _server;
    private WebApplication? _door;

    /// <summary>Bodies that came, byte for byte.</summary>
    public List<byte[]> Came { get; } = [];

    /// <summary>The newest request's key.</summary>
    public string? Authorization { get; private set; }

    /// <summary>What the door does instead of asking the server, or null.</summary>
    public Func<HttpContext, Task>? Instead { get; set; }

    /// <summary>Where it is.</summary>
    public string Url => _door!.Urls.First() + "/v1";

    public GemmaEngine Engine { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _server = await GemmaServer.StartAsync(new ServerOptions { Port = 0, ModelName = "pebble" }, () => Engine = GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu", Sessions = 2, Context = 2048 }));
        await _server.Loaded;
        _door = WebApplication.CreateSlimBuilder().Build();
        _door.Urls.Add("http://127.0.0.1:0");
        _door.Run(async context =>
        {
            using MemoryStream body = new();
            await context.Request.Body.CopyToAsync(body);
            Came.Add(body.ToArray());
            Authorization = context.Request.Headers.Authorization;
            if (Instead is { } instead)
            {
                await instead(context);
                return;
            }

            using HttpRequestMessage on = new(HttpMethod.Post, new Uri(_server.Address, context.Request.Path)) { Content = new ByteArrayContent(body.ToArray()) };
            on.Content.Headers.ContentType = new("application/json");
            using HttpResponseMessage response = await _client.SendAsync(on, HttpCompletionOption.ResponseHeadersRead);
            context.Response.StatusCode = (int)response.StatusCode;
            context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
            await response.Content.CopyToAsync(context.Response.Body);
        });
        await _door.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _door!.DisposeAsync();
        await _server!.DisposeAsync();
        _client.Dispose();
    }
}
