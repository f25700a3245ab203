using System;
using System.Threading.Tasks;
using GemmaVk.Server;
using Xunit;

// Every engine uses all cores: two at a time would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace GemmaVk.Evaluation.Tests;

/// <summary>The small model on the CPU, in this process and behind a server at once: loaded once for all tests.</summary>
public sealed class PebbleServer : IAsyncLifetime
{
    private GemmaServer? _server;

    /// <summary>The model.</summary>
    public GemmaEngine Engine { get; private set; } = null!;

    /// <summary>The server's address, without /v1.</summary>
    public Uri Address => _server!.Address;

    public async Task InitializeAsync()
    {
        Engine = GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu", Sessions = 4, Context = 1024 });
        _server = await GemmaServer.StartAsync(new ServerOptions { Port = 0, ModelName = "pebble" }, () => Engine);
        await _server.Loaded;
    }

    // The server closes the model too.
    public async Task DisposeAsync() => await _server!.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class PebbleCollection : ICollectionFixture<PebbleServer>
{
    public const string Name = "pebble";
}
