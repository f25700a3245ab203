using System;
using GemmaVk.Text;
using Xunit;

// Every engine uses all cores: two at a time would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace GemmaVk.Tests;

/// <summary>The small model on the CPU, loaded once per test class.</summary>
public sealed class PebbleEngine : IDisposable
{
    internal static AskOptions Greedy { get; } = new() { Draw = new DrawOptions(Temperature: 0) };

    public GemmaEngine Engine { get; } = GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu" });

    public void Dispose() => Engine.Dispose();

    /// <summary>Tokens of a conversation as the template writes it, up to where the model goes on.</summary>
    internal int[] Encode(params ChatMessage[] messages) => ChatTemplate.Render(messages).Encode(Engine.Tokenizer);
}
