using System;
using System.Threading.Tasks;
using GemmaVk.Hosting;
using GemmaVk.Speech;
using GemmaVk.Tensors;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace GemmaVk.Tests;

/// <summary>The engine in a container.</summary>
public sealed class HostingTests
{
    [Fact]
    public async Task A_container_loads_once_serves_both_interfaces_and_disposes_of_all()
    {
        GemmaEngine engine;
        IChatClient chat;
        await using (ServiceProvider provider = Pebbles().BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true }))
        {
            await provider.LoadGemmaVkAsync();
            engine = provider.GetRequiredService<GemmaEngine>();
            chat = provider.GetRequiredService<IChatClient>();
            Assert.Same(engine, chat.GetService<GemmaEngine>());
            Assert.Same(engine, Assert.IsType<GemmaSpeechToTextClient>(provider.GetRequiredService<ISpeechToTextClient>()).GetService(typeof(GemmaEngine)));
            using IServiceScope scope = provider.CreateScope();
            Assert.Same(chat, scope.ServiceProvider.GetRequiredService<IChatClient>());
            Assert.Equal("The capital of Japan is Tokyo.", (await chat.GetResponseAsync("What is the capital of Japan?", new ChatOptions { Temperature = 0 })).Text);
            Assert.True(engine.Backend.Ledger.HeldBytes > 0);
        }

        Assert.Equal(0, engine.Backend.Ledger.HeldBytes);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => chat.GetResponseAsync("hi"));
    }

    [Fact]
    public void Two_models_stand_beside_each_other_under_keys()
    {
        ServiceCollection services = new();
        services.AddKeyedGemmaVk("small", options => (options.Model, options.Device) = (Repository.Pebble, "cpu"));
        services.AddKeyedGemmaVk("drafted", options => (options.Model, options.Device, options.Engine) = (Repository.Pebble, "cpu", given => given with { Chunk = 64 }));
        using ServiceProvider provider = services.BuildServiceProvider();
        GemmaEngine small = provider.GetRequiredKeyedService<IChatClient>("small").GetService<GemmaEngine>()!;
        GemmaEngine drafted = provider.GetRequiredKeyedService<IChatClient>("drafted").GetService<GemmaEngine>()!;
        Assert.NotSame(small, drafted);
        Assert.Null(provider.GetService<IChatClient>());
        GemmaVkException twice = Assert.Throws<GemmaVkException>(() => services.AddKeyedGemmaVk("small", options => options.Model = "x"));
        Assert.Contains("'small'", twice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_looked_at_before_anything_is_loaded()
    {
        (Action<GemmaVkOptions> Configure, string Named)[] cases =
        [
            (_ => { }, "Model: expected"),
            (options => (options.Model, options.Sessions) = ("x", 0), "Sessions: expected 1 or more, but 0 came"),
            (options => (options.Model, options.Context) = ("x", -1), "Context: expected"),
            (options => (options.Model, options.Budget) = ("x", 0), "Budget: expected"),
            (options => (options.Model, options.Device) = ("x", ""), "Device: expected"),
            (options => (options.Model, options.Engine) = ("x", _ => null!), "Engine: expected"),
        ];
        foreach ((Action<GemmaVkOptions> configure, string named) in cases)
        {
            Assert.Contains(named, Assert.Throws<GemmaVkException>(() => new ServiceCollection().AddGemmaVk(configure)).Message, StringComparison.Ordinal);
        }

        Assert.Contains("expected once", Assert.Throws<GemmaVkException>(() => Pebbles().AddGemmaVk(options => options.Model = "x")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_loaded_says_so_when_it_is_asked_for()
    {
        ServiceCollection services = new();
        services.AddGemmaVk(options => options.Model = "/nowhere/at-all");
        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Contains("/nowhere/at-all", (await Assert.ThrowsAsync<GemmaVkException>(() => provider.LoadGemmaVkAsync())).Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere/at-all", Assert.Throws<GemmaVkException>(() => provider.GetRequiredService<IChatClient>()).Message, StringComparison.Ordinal);
    }

    private static ServiceCollection Pebbles()
    {
        ServiceCollection services = new();
        services.AddGemmaVk(options => (options.Model, options.Device) = (Repository.Pebble, "cpu"));
        return services;
    }
}
