using System;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Chat;
using GemmaVk.Server.Completions;
using GemmaVk.Server.Http;
using GemmaVk.Server.Messages;
using GemmaVk.Server.Responses;
using GemmaVk.Server.Service;
using GemmaVk.Server.Speech;
using GemmaVk.Tensors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace GemmaVk.Server;

/// <summary>
/// Serves a model over HTTP, in the forms that clients of OpenAI, Anthropic and llama-server speak. It listens before the model is loaded, and says
/// until then that it loads. Nothing is read but what is given here: no settings file, no variable of the environment.
/// </summary>
public sealed class GemmaServer : IAsyncDisposable
{
    private const double SlowestBody = 240;
    private readonly WebApplication _app;
    private readonly ServerState _state;
    private readonly ServerMeter _meter;
    private readonly ServerOptions _options;
    private readonly Task _loading;

    private GemmaServer(WebApplication app, ServerState state, ServerMeter meter, ServerOptions options, Task loading)
    {
        (_app, _state, _meter, _options, _loading) = (app, state, meter, options, loading);
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>Where it listens; the page is there, and the API below "v1".</summary>
    public Uri Address { get; }

    /// <summary>Whether it can answer.</summary>
    internal ServerState State => _state;

    /// <summary>What is served, once it is loaded.</summary>
    internal ServedModel Model => _state.Model;

    /// <summary>Ends when the model is loaded, or fails with what went wrong.</summary>
    public Task Loaded => _loading;

    /// <summary>Listens, and loads the model meanwhile.</summary>
    /// <param name="options">Where, for whom, how much.</param>
    /// <param name="load">Loads the engine; called once, on a thread of its own. The server disposes the engine.</param>
    /// <exception cref="GemmaVkException">The address cannot be listened on, or must not be without a key.</exception>
    public static async Task<GemmaServer> StartAsync(ServerOptions options, Func<GemmaEngine> load)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(load);
        IPAddress address = AddressOf(options);
        ServerState state = new();
        ServerMeter meter = new(state);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MostBodyBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = 64 << 10;
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(SlowestBody, options.BodyPatience);
            kestrel.Listen(address, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddRoutingCore();
        WebApplication app = builder.Build();
        Gate gate = new(options, state);
        app.Use(next => context => gate.Pass(context, next));
        Map(app, options, state, meter, gate);
        try
        {
            await app.StartAsync().ConfigureAwait(false);
        }
        catch (System.IO.IOException e)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            meter.Dispose();
            throw new GemmaVkException($"--port {options.Port}: expected a port that is free on {options.Host}, but another program listens on it; end that one, or give another port.", e);
        }
        catch (System.Net.Sockets.SocketException e)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            meter.Dispose();
            throw new GemmaVkException($"--host {options.Host} --port {options.Port}: expected an address of this machine that may be listened on, but the system says: {e.Message}; give another.", e);
        }

        Task loading = Task.Factory.StartNew(
            () =>
            {
                try
                {
                    state.Ready(new ServedModel(load(), options, meter));
                }
                catch (Exception e)
                {
                    state.Failed(e);
                    throw;
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        return new GemmaServer(app, state, meter, options, loading);
    }

    /// <summary>Takes nothing new, lets running answers end for a while, then ends them.</summary>
    public async Task StopAsync()
    {
        _state.Drain();
        using CancellationTokenSource patience = new(_options.Grace);
        while (!patience.IsCancellationRequested && _state.Loaded is { } model && model.Queue.Load != default)
        {
            await Task.Delay(20, CancellationToken.None).ConfigureAwait(false);
        }

        _state.Stop();
        using CancellationTokenSource close = new(TimeSpan.FromSeconds(5));
        await _app.StopAsync(close.Token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        await _loading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _meter.Dispose();
        _state.Loaded?.Dispose();
        _state.Dispose();
    }

    private static void Map(WebApplication app, ServerOptions options, ServerState state, ServerMeter meter, Gate gate)
    {
        ((IApplicationBuilder)app).UseRouting();
        foreach (string path in StaticPage.Paths.Append("/"))
        {
            app.MapMethods(path, ["GET", "HEAD"], StaticPage.Send);
        }

        AnswerSender sender = new(options, state, gate);
        app.MapPost("/v1/chat/completions", new ChatEndpoint(sender).Handle);
        app.MapPost("/chat/completions", new ChatEndpoint(sender).Handle);
        MessagesEndpoint messages = new(sender);
        app.MapPost("/v1/messages", messages.Handle);
        app.MapPost("/v1/messages/count_tokens", messages.Count);
        app.MapPost("/v1/responses", new ResponsesEndpoint(sender).Handle);
        app.MapPost("/v1/completions", new CompletionsEndpoint(sender, state).Handle);
        TranscriptionEndpoint speech = new(sender, state);
        app.MapPost("/v1/audio/transcriptions", context => speech.Handle(context, translates: false));
        app.MapPost("/v1/audio/translations", context => speech.Handle(context, translates: true));
        ServiceRoutes.Map(app, options, state, meter);
        ((IApplicationBuilder)app).UseEndpoints(_ => { });
    }

    private static IPAddress AddressOf(ServerOptions options)
    {
        IPAddress? address = options.Host is "localhost" ? IPAddress.Loopback
            : options.Host is "*" ? IPAddress.Any
            : IPAddress.TryParse(options.Host, out IPAddress? given) ? given
            : throw new GemmaVkException($"--host {options.Host}: expected an address of this machine such as 127.0.0.1 or 0.0.0.0; give one.");
        return IPAddress.IsLoopback(address) || options.ApiKey is not null || options.Insecure ? address
            : throw new GemmaVkException(
                $"--host {options.Host}: expected --api-key-file beside an address that others can reach, because whoever reaches it could use the model; give a key, or --insecure if that is meant.");
    }
}
