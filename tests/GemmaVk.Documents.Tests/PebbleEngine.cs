using System;
using Xunit;

// Every engine uses all cores: two at a time would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace GemmaVk.Documents.Tests;

/// <summary>The small model on the CPU, loaded once per test class.</summary>
public sealed class PebbleEngine : IDisposable
{
    public GemmaEngine Engine { get; } = GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu" });

    public void Dispose() => Engine.Dispose();
}
